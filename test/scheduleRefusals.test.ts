import { expect } from 'chai';
import { Scheduler } from '../classes/scheduler';
import type { Store } from '../classes/store';
import { refusalOf } from './support/eventually';
import { forEachStore } from './support/stores';

const MINUTE = 60_000;

/** No names, of which a database might make something else: an operator of MongoDB, or no condition at all. */
const NO_IDS: readonly unknown[] = [undefined, null, '', 7, {}, { $gt: '' }, ['s'], 's\u001ft', 's'.repeat(129)];

forEachStore('Schedules', (opening) => {
  const open = async (): Promise<{ store: Store; scheduler: Scheduler }> => {
    const store = await opening.open();
    return { store, scheduler: new Scheduler(store) };
  };

  it('are found by an id alone: what is none is refused by every call, and changes nothing', async () => {
    const { store, scheduler } = await open();
    await scheduler.upsert('s', { queue: 'q', everyMs: MINUTE });
    const before = await store.schedules.list();
    for (const call of ['get', 'pause', 'resume', 'runNow', 'next', 'remove'] as const) {
      for (const id of NO_IDS) {
        const refusal = await refusalOf(() => scheduler[call](id as string));
        expect(refusal, `${call}(${JSON.stringify(id)})`).to.include({ code: 'HOLDFAST_OPTION_INVALID', field: 'id' });
      }
    }
    expect(await store.schedules.list()).to.deep.equal(before);
  });

  it('tell 1 to 1,000 occurrences ahead, and refuse to tell another number of them', async () => {
    const { scheduler } = await open();
    await scheduler.upsert('s', { queue: 'q', everyMs: MINUTE });
    expect(await scheduler.next('s')).to.have.length(1);
    expect(await scheduler.next('s', 1_000)).to.have.length(1_000);
    for (const count of [0, -1, 1_001, 1.5, NaN, Infinity, '2', null]) {
      const refusal = await refusalOf(() => scheduler.next('s', count as number));
      expect(refusal, String(count)).to.include({ code: 'HOLDFAST_OPTION_INVALID', field: 'count' });
    }
  });
});
