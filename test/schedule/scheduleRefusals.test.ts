import { expect } from 'chai';
import { Scheduler } from '../../classes/schedule/scheduler';
import type { Store } from '../../classes/store/store';
import { refusalOf } from '../support/eventually';
import { forEachStore } from '../support/stores';

const MINUTE = 60_000;

/** Invalid ids, including values that a database could take for an operator or for no condition. */
const NO_IDS: readonly unknown[] = [undefined, null, '', 7, {}, { $gt: '' }, ['s'], 's\u001ft', 's'.repeat(129)];

forEachStore('Schedules', (opening) => {
  const open = async (): Promise<{ store: Store; scheduler: Scheduler }> => {
    const store = await opening.open();
    return { store, scheduler: new Scheduler(store) };
  };

  it('are found by an id alone: what is none is refused by every call, and changes nothing', async () => {
    const { store, scheduler } = await open();
    await scheduler.upsert('s', { queue: 'q', everyMs: MINUTE });
    const before = await store.parts.schedules.list(1_000);
    for (const call of ['get', 'pause', 'resume', 'runNow', 'next', 'remove'] as const) {
      for (const id of NO_IDS) {
        const refusal = await refusalOf(() => scheduler[call](id as string));
        expect(refusal, `${call}(${JSON.stringify(id)})`).to.include({ code: 'HOLDFAST_OPTION_INVALID', field: 'id' });
      }
    }
    expect(await store.parts.schedules.list(1_000)).to.deep.equal(before);
  });

  it('refuse what no task could be made of, before anything is written', async () => {
    const { scheduler } = await open();
    const refused = async (options: object): Promise<object> => refusalOf(() => scheduler.upsert('s', { queue: 'q', everyMs: MINUTE, options }));
    const deadline = await refused({ deadline: new Date(Date.now() + MINUTE) });
    expect(deadline).to.include({ code: 'HOLDFAST_OPTION_INVALID', field: 'schedule.options.deadline' });
    expect(deadline).to.have.property('message').that.includes('means nothing for tasks that come again and again');
    expect(await refused({ metadata: { n: NaN } })).to.include({ code: 'HOLDFAST_PAYLOAD_NOT_JSON', field: 'options.metadata.n' });
    expect(await refused({ metadata: { text: 'x'.repeat(20_000) } })).to.include({ code: 'HOLDFAST_PAYLOAD_TOO_LARGE' });
    expect(await refused({ uniqueKey: 'k' })).to.include({ code: 'HOLDFAST_OPTION_UNKNOWN' });
    expect(await scheduler.list()).to.deep.equal([]);
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
