import type { RecordStore, StoredRecord } from '../../modules/ports/recordStore';
import { keyOfRow, NOT_ROLLED, ROLLED_KEY, ROWS, timeOfRow } from '../../modules/statistics/statisticsRows';
import type { Rolled, RowRange } from '../../modules/statistics/statisticsRows';

/** Number of rows that one read takes. A row of many queues has tens of kilobytes. */
const PAGE = 100;

/** The rows of a time, in the order of time. */
export async function* rowsOf(records: Pick<RecordStore, 'list'>, { kind, fromMs, toMs }: RowRange): AsyncGenerator<StoredRecord> {
  // The rows of the millisecond before have a colon or nothing behind their times.
  let after = keyOfRow(kind, Math.max(0, fromMs - 1), '~');
  for (;;) {
    const page = await records.list({ kind: 'statistics', prefix: `${ROWS[kind].prefix}:`, after, limit: PAGE });
    for (const record of page) {
      if (timeOfRow(record.key) >= toMs) return;
      if (timeOfRow(record.key) >= fromMs) yield record;
    }
    if (page.length < PAGE) return;
    after = (page.at(-1) as StoredRecord).key;
  }
}

/** The record that says up to when rows were added up, and its revision. */
export async function readRolled(records: Pick<RecordStore, 'read'>): Promise<{ readonly rolled: Rolled; readonly rev: number }> {
  const found = await records.read('statistics', ROLLED_KEY);
  return found ? { rolled: JSON.parse(found.value) as Rolled, rev: found.rev } : { rolled: NOT_ROLLED, rev: 0 };
}
