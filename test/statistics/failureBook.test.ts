import { expect } from 'chai';
import { FailureBook } from '../../classes/statistics/failureBook';
import type { TaskError } from '../../constants/events';
import type { RecordStore, StoredRecord } from '../../modules/ports/recordStore';
import { viewFailures } from '../../modules/statistics/failureView';
import type { FailureGroup } from '../../modules/statistics/failureView';
import type { TaskHead } from '../../modules/task/task';
import { FakeClock } from '../support/fakeClock';

/** The time of the store at the beginning of the clock of the process. */
const STORE_MS = Date.parse('2026-11-30T12:00:00Z');

const task = (id: string, queue = 'mail'): TaskHead => ({ id, queue, name: 'send' }) as TaskHead;
const error = (message: string, group = 'g'): TaskError => ({ name: 'Error', message, group });

describe('The times of a group of failures', () => {
  let clock: FakeClock;
  let record: StoredRecord | null;
  let isAway: boolean;
  let beganMs: number;

  beforeEach(() => {
    [clock, record, isAway] = [new FakeClock(), null, false];
    beganMs = clock.monotonic();
  });

  const storeNow = (): number => STORE_MS + clock.monotonic() - beganMs;

  const records: Pick<RecordStore, 'read' | 'write'> = {
    read: () => Promise.resolve(record),
    write: ({ key, value, rev }) => {
      if (isAway) return Promise.reject(new Error('away'));
      if ((record?.rev ?? 0) !== rev) return Promise.resolve(false);
      const at = new Date(storeNow());
      record = { key, value, rev: rev + 1, createdAt: record?.createdAt ?? at, changedAt: at };
      return Promise.resolve(true);
    },
  };

  const makeBook = (): FailureBook => new FailureBook({ records, storeNow: () => Promise.resolve(storeNow()), clock });
  const view = (): FailureGroup | null => record && viewFailures(record, undefined);

  it('are those of the failures, and not of when they were counted', async () => {
    const book = makeBook();
    await clock.advance(1_000);
    book.note(task('one'), error('first'));
    await clock.advance(2_000);
    book.note(task('two'), error('second'));
    await clock.advance(7_000);
    await book.flush();
    expect(view()).to.deep.include({ count: 2, message: 'second', firstAt: new Date(STORE_MS + 1_000), lastAt: new Date(STORE_MS + 3_000) });
    expect(view()?.sample.id).to.equal('two');
  });

  it('are those of the record where it was written before they were kept, and go on from there', async () => {
    const [old, at] = [
      { count: 3, name: 'Error', message: 'old', at: null, sample: { id: 'zero', queue: 'mail', name: 'send' }, recent: [] },
      new Date(STORE_MS),
    ];
    record = {
      key: 'g',
      value: JSON.stringify({ ...old, names: [{ queue: 'mail', name: 'send', count: 3 }] }),
      rev: 1,
      createdAt: at,
      changedAt: at,
    };
    expect(view()).to.deep.include({ count: 3, firstAt: at, lastAt: at });
    const book = makeBook();
    await clock.advance(1_000);
    book.note(task('one'), error('new'));
    await book.flush();
    expect(view()).to.deep.include({ count: 4, message: 'new', firstAt: at, lastAt: new Date(STORE_MS + 1_000) });
    expect(view()?.names).to.deep.equal([{ queue: 'mail', name: 'send', count: 4 }]);
  });

  it('stay those of the failures where the store was away meanwhile', async () => {
    const book = makeBook();
    await clock.advance(1_000);
    book.note(task('one'), error('first'));
    isAway = true;
    await book.flush().catch(() => undefined);
    await clock.advance(600_000);
    isAway = false;
    book.note(task('two'), error('second'));
    await clock.advance(5_000);
    await book.flush();
    expect(view()).to.deep.include({ count: 2, firstAt: new Date(STORE_MS + 1_000), lastAt: new Date(STORE_MS + 601_000) });
  });

  it('add up over processes, of which the one that writes last need not have the last failure', async () => {
    const [one, other] = [makeBook(), makeBook()];
    one.note(task('one'), error('early'));
    await clock.advance(4_000);
    other.note(task('two', 'bills'), error('late'));
    await other.flush();
    await clock.advance(4_000);
    await one.flush();
    expect(view()).to.deep.include({ count: 2, message: 'late', firstAt: new Date(STORE_MS), lastAt: new Date(STORE_MS + 4_000) });
    expect(view()?.sample).to.deep.equal({ id: 'two', queue: 'bills', name: 'send' });
  });
});
