import { Queue } from '../../classes/queue/queue';
import type { Store } from '../../classes/store/store';
import { Worker } from '../../classes/worker/worker';
import type { BoundedCounts } from '../../modules/task/counts';
import type { Opening } from '../support/stores';

/** The tasks of a test: by queue and name. */
export type Shop = Record<string, unknown>;

export const shopOf = (store: Store, name = 'mail'): Queue<Shop> => new Queue<Shop>(store, name);

/** The number of tasks by state. */
export const countsOf = (store: Store): Promise<BoundedCounts> => shopOf(store).counts();

class MailRefused extends Error {
  override readonly name = 'MailRefused';
}

const HANDLERS = {
  welcome: () => {
    throw new MailRefused('the server of the recipient said no');
  },
  bill: () => {
    throw new RangeError('the amount is below zero');
  },
  index: () => ({ pages: 3 }),
};

/** Lets tasks fail and succeed, on a store that is closed again, so that what it counted is written. */
export async function seedEnded(opening: Opening, counts: Partial<Record<keyof typeof HANDLERS, number>>): Promise<void> {
  const store = await opening.open();
  const queue = shopOf(store);
  for (const [name, count] of Object.entries(counts)) {
    await queue.addMany(
      Array.from({ length: count }, (_, index) => ({ name, payload: { to: `reader${index}@example.org`, index }, options: { maxRetries: 1 } })),
    );
  }
  const worker = new Worker(store, { queues: ['mail'], handlers: HANDLERS });
  await worker.drain();
  await store.close();
}
