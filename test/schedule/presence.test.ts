import { expect } from 'chai';
import { Presence } from '../../classes/schedule/presence';
import { ABSENT_MS, NOTE_EVERY_MS, STANDSTILL_MS } from '../../modules/schedule/attendance';
import { namespaceOf } from '../../modules/ports/namespace';
import { ReferenceSchedules } from '../specification/referenceSchedules';
import { ReferenceTables } from '../specification/referenceTables';
import { EPOCH_MS, FakeClock } from '../support/fakeClock';

const FREE = { id: 's', declared: false };

describe('Presence', () => {
  const [SOON, LATE] = [NOTE_EVERY_MS, 4 * ABSENT_MS];

  /** Processes on one store. Each has looked once. */
  const processes = async (count: number) => {
    const clock = new FakeClock();
    const schedules = new ReferenceSchedules(new ReferenceTables(), () => clock.now(), namespaceOf());
    const store = { isLost: false, notes: 0 };
    const attend: ReferenceSchedules['attend'] = (of, note) => {
      store.notes += 1;
      return store.isLost ? Promise.reject(new Error('away')) : schedules.attend(of, note);
    };
    const start = () => new Presence({ attend }, clock);
    const all = Array.from({ length: count }, start);
    for (const each of all) await each.look([]);
    return { clock, store, start, all, one: all[0] as Presence, other: all[1] as Presence };
  };

  const first = { fromMs: 0, toMs: EPOCH_MS };

  it('is noted every two seconds, however often a process looks', async () => {
    const { clock, store, one } = await processes(1);
    for (let looks = 0; looks < 20; looks += 1) {
      await clock.advance(SOON / 10);
      await one.look([]);
    }
    expect(store.notes).to.equal(3);
  });

  it('of another process is enough: one that is killed and comes back was not missing', async () => {
    const { clock, start, other } = await processes(2);
    for (let seconds = 0; seconds < 20; seconds += 2) {
      await clock.advance(SOON);
      await other.look([]);
    }
    expect((await start().look([]))(FREE)).to.deep.equal(first);
  });

  it('was interrupted if none looked, and every process is told', async () => {
    const { clock, start } = await processes(1);
    await clock.advance(LATE);
    const expected = { fromMs: EPOCH_MS, toMs: EPOCH_MS + LATE };
    expect((await start().look([]))(FREE)).to.deep.equal(expected);
    expect((await start().look([]))(FREE)).to.deep.equal(expected);
  });

  it('goes on while a process stands still, but not for longer than a minute', async () => {
    const { clock, one } = await processes(1);
    await clock.advance(STANDSTILL_MS - 1);
    expect((await one.look([]))(FREE)).to.deep.equal(first);
    await clock.advance(STANDSTILL_MS + 1);
    expect((await one.look([]))(FREE)).to.deep.equal({ fromMs: EPOCH_MS + STANDSTILL_MS - 1, toMs: EPOCH_MS + 2 * STANDSTILL_MS });
  });

  it('is interrupted while the store does not answer', async () => {
    const { clock, store, one } = await processes(1);
    store.isLost = true;
    await clock.advance(SOON);
    expect(await one.look([]).catch(() => 'lost')).to.equal('lost');
    one.lose();
    store.isLost = false;
    await clock.advance(LATE);
    expect((await one.look([]))(FREE)).to.deep.equal({ fromMs: EPOCH_MS, toMs: EPOCH_MS + SOON + LATE });
  });

  it('of processes that do not declare a schedule says nothing about it', async () => {
    const { clock, one, start } = await processes(1);
    const declared = { id: 's', declared: true };
    await start().look(['s']);
    for (let ms = 0; ms < LATE; ms += SOON) {
      await clock.advance(SOON);
      await one.look([]);
    }
    const awayOf = await start().look(['s']);
    expect(awayOf(FREE)).to.deep.equal(first);
    expect(awayOf(declared)).to.deep.equal({ fromMs: EPOCH_MS, toMs: EPOCH_MS + LATE });
  });
});
