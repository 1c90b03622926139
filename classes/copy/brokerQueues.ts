import type { QueueAttributes } from '../../config/optionTypes';
import { recordPages } from '../../modules/ports/recordPages';
import type { Store } from '../store/store';

/** Copies the queues of the broker, with their attributes and tags, unless the target has them. Returns the names of the FIFO queues among them. */
export async function copyBrokerQueues(source: Store, target: Store): Promise<string[]> {
  const found: string[] = [];
  for await (const page of recordPages(source.parts.records, 'queue')) {
    for (const { key, value } of page) {
      await target.parts.records.write({ kind: 'queue', key, value, rev: 0 });
      if ((JSON.parse(value) as { readonly attributes: QueueAttributes }).attributes.fifo) found.push(key);
    }
  }
  return found;
}
