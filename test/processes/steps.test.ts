import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { Queue } from '../../classes/queue/queue';
import type { Store } from '../../classes/store/store';
import { Worker } from '../../classes/worker/worker';
import { stepKey } from '../../modules/task/stepKey';
import { endChildren, endOf, startFixture } from '../fixtures/children';
import { STEP_CALLS, workflow } from '../fixtures/stepWorker';
import { eventually } from '../support/eventually';
import { forEachStore } from '../support/stores';

const LEASE_MS = 2_000;
const TEST_MS = 180_000;
const SECOND = 'second {"n":1}';

forEachStore('Steps under kills', function (opening) {
  let store: Store;
  let folder: string;

  beforeEach(async () => {
    store = await opening.open();
    folder = mkdtempSync(join(tmpdir(), 'holdfast-steps-'));
  });

  afterEach(async () => {
    await endChildren();
    rmSync(folder, { recursive: true, force: true });
  });

  it('run again only if their process died before they were recorded, and then with the same key', async function () {
    this.timeout(TEST_MS);
    const flows = await Promise.all(
      STEP_CALLS.map(async (call, index) => {
        const queue = new Queue(store, `flows ${index}`);
        const { id } = await queue.add('work', {}, { maxRetries: 10 });
        await queue.signal(id, 'go', { n: 1 });
        const journal = join(folder, `${index}`);
        const child = startFixture('stepWorker', { url: opening.url, queue: queue.name, journal, leaseMs: LEASE_MS, killAt: call });
        return { call, queue, id, journal, child };
      }),
    );
    for (const { child } of flows) expect((await endOf(child)).signal).to.equal('SIGKILL');
    for (const { queue, journal } of flows) await new Worker(store, { queues: [queue.name], handlers: { work: workflow(journal) } }).start();
    for (const { call, queue, id, journal } of flows) {
      await eventually('it has ended', async () => (await queue.get(id))?.state === 'succeeded', TEST_MS / 2);
      const ran = readFileSync(journal, 'utf8').trim().split('\n');
      const times = (name: string): string[] => Array<string>(call === `record ${name.split(' ')[0]}` ? 2 : 1).fill(`${name} ${stepKey(id, name)}`);
      expect(ran, `killed before: ${call}`).to.deep.equal([...times('first'), ...times(SECOND)]);
    }
  });
});
