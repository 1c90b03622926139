import type { RecordKind, RecordStore, StoredRecord } from './recordStore';

/** Number of records that one read takes. */
const PAGE = 500;

/** Walks through all records of a kind in the order of their keys, a page at a time. */
export async function* recordPages(records: Pick<RecordStore, 'list'>, kind: RecordKind): AsyncGenerator<readonly StoredRecord[]> {
  for (let after: string | undefined; ;) {
    const page = await records.list({ kind, prefix: '', limit: PAGE, ...(after === undefined ? {} : { after }) });
    yield page;
    if (page.length < PAGE) return;
    after = page.at(-1)?.key;
  }
}

/** Returns all records of a kind; at most so many, in whole pages. */
export async function allRecords(records: Pick<RecordStore, 'list'>, kind: RecordKind, most = Infinity): Promise<StoredRecord[]> {
  const found: StoredRecord[] = [];
  for await (const page of recordPages(records, kind)) {
    found.push(...page);
    if (found.length >= most) break;
  }
  return found;
}
