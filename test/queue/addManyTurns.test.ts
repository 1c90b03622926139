import { expect } from 'chai';
import { Queue } from '../../classes/queue/queue';
import type { Store } from '../../classes/store/store';
import { forEachStore } from '../support/stores';

const COUNT = 30_000;

const specs = () => Array.from({ length: COUNT }, (_, index) => ({ name: 'welcome', payload: { index } }));

forEachStore('Very many tasks added at once', (opening) => {
  let store: Store;
  let queue: Queue;

  beforeEach(async () => {
    store = await opening.open();
    queue = new Queue(store, 'mail');
  });

  it('let other work run while they are checked, and are written when all of them are', async () => {
    const faulty = [...specs(), { name: '', payload: 1 }];
    let turns = 0;
    let isDone = false;
    const count = (): void => {
      turns += 1;
      if (!isDone) setImmediate(count);
    };
    setImmediate(count);
    const refused = await queue.addMany(faulty).catch((error: unknown) => error as Error);
    isDone = true;
    expect(refused).to.have.property('message').that.includes(`tasks[${COUNT}].name`);
    expect(turns).to.be.greaterThan(1);
    expect((await queue.counts()).waiting).to.equal(0);
  });

  it('are written in several turns as well', async () => {
    let turns = 0;
    let isDone = false;
    store.events.on('task-added', () => {
      if (turns === 0) setImmediate(count);
    });
    const count = (): void => {
      turns += 1;
      if (!isDone) setImmediate(count);
    };
    expect(await queue.addMany(specs())).to.have.lengthOf(COUNT);
    isDone = true;
    expect(turns).to.be.greaterThan(5);
  });

  it('may be taken out of their list at once', async () => {
    const list = specs().slice(0, 3_000);
    const adding = queue.addMany(list);
    list.length = 0;
    expect(await adding).to.have.lengthOf(3_000);
  });
});
