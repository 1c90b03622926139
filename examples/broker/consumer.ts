import { setTimeout as sleep } from 'node:timers/promises';
import { post, untilTold } from './client';
import { Journal } from './journal';

/** How a consumer behaves: well, slower than its visibility, leaving some messages unacknowledged, or acknowledging by old receipts. */
export type Habit = 'steady' | 'slow' | 'forgetful' | 'stale';

interface Received {
  readonly id: string;
  readonly receipt: string;
  readonly receiveCount: number;
  readonly body: { readonly isPoison: boolean };
}

/** One message in so many is treated in the way of its consumer. */
const ODD_ONE = 10;

/** Receives, works and acknowledges until told to stop. */
export async function consume(url: string, folder: string, name: string, habit: Habit, visibilitySeconds: number): Promise<void> {
  const journal = new Journal(folder, name);
  const isOver = untilTold();
  let seen = 0;
  let old = '';
  const ack = async (message: Received): Promise<void> => {
    const { status } = await post(url, 'ack', { receipt: message.receipt });
    if (status === 204) journal.write({ did: 'acked', id: message.id, count: message.receiveCount });
    else journal.write({ did: 'refused', what: 'ack', status });
  };
  const treat = async (message: Received): Promise<void> => {
    const isOdd = (seen += 1) % ODD_ONE === 0;
    await sleep(2);
    if (message.body.isPoison) {
      journal.write({ did: 'rejected', id: message.id });
      return void (await post(url, 'release', { receipt: message.receipt }));
    }
    if (isOdd && habit === 'forgetful') return journal.write({ did: 'forgot', id: message.id });
    if (isOdd && habit === 'slow') {
      journal.write({ did: 'late', id: message.id });
      await sleep(visibilitySeconds * 1_000 * 1.5);
    }
    // The work is written down before it is acknowledged: what is acknowledged and was never worked on is lost.
    journal.write({ did: 'worked', id: message.id });
    await ack(message);
    if (isOdd && habit === 'stale' && old !== '') {
      const { status } = await post(url, 'ack', { receipt: old });
      journal.write({ did: 'refused', what: 'old receipt', status });
    }
    old = message.receipt;
  };
  while (!isOver()) {
    const { body } = await post<{ readonly messages?: readonly Received[] }>(url, 'receive', { max: 10, waitSeconds: 1 }, {}, isOver);
    const messages = body.messages ?? [];
    for (const { id, receiveCount } of messages) journal.write({ did: 'got', id, count: receiveCount });
    for (const message of messages) await treat(message);
  }
}

const [url = '', folder = '', name = '', habit = 'steady', visibility = ''] = process.argv.slice(2);
void consume(url, folder, name, habit as Habit, Number(visibility)).then(() => process.exit(0));
