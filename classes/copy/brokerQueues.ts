import type { QueueAttributes } from '../../config/optionTypes';
import type { RecordStore } from '../../modules/ports/recordStore';
import type { Store } from '../store/store';

/** Number of records that one read takes. */
const PAGE = 500;

/** Copies the queues of the broker, with their attributes and tags, unless the target has them. Returns the names of the FIFO queues among them. */
export async function copyBrokerQueues(source: Store, target: Store): Promise<string[]> {
  const found: string[] = [];
  for await (const { key, value } of queueRecords(source.parts.records)) {
    await target.parts.records.write({ kind: 'queue', key, value, rev: 0 });
    if ((JSON.parse(value) as { readonly attributes: QueueAttributes }).attributes.fifo) found.push(key);
  }
  return found;
}

async function* queueRecords(records: Pick<RecordStore, 'list'>): AsyncGenerator<{ readonly key: string; readonly value: string }> {
  for (let after: string | undefined; ;) {
    const page = await records.list({ kind: 'queue', prefix: '', limit: PAGE, ...(after === undefined ? {} : { after }) });
    yield* page;
    after = page.at(-1)?.key;
    if (page.length < PAGE) return;
  }
}
