import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { post, untilTold } from './client';
import { Journal } from './journal';

/** Sends numbered messages at a set rate. One in a hundred is poison, which no consumer can process. */
export async function produce(url: string, folder: string, name: string, perSecond: number): Promise<void> {
  const journal = new Journal(folder, name);
  const isOver = untilTold();
  const beganAt = Date.now();
  for (let number = 0; !isOver(); number += 1) {
    const aheadMs = beganAt + (number * 1_000) / perSecond - Date.now();
    if (aheadMs > 0) await sleep(aheadMs);
    const isPoison = number % 100 === 99;
    // The key makes it safe to repeat a send whose answer a killed broker did not give.
    const sent = await post<{ readonly id: string }>(
      url,
      'messages',
      { body: { from: name, number, isPoison } },
      { 'idempotency-key': randomUUID() },
      isOver,
    );
    if (sent.status === 201) journal.write({ did: 'sent', id: sent.body.id });
    else if (sent.status !== 0) journal.write({ did: 'refused', what: 'send', status: sent.status });
  }
}

const [url = '', folder = '', name = '', perSecond = ''] = process.argv.slice(2);
void produce(url, folder, name, Number(perSecond)).then(() => process.exit(0));
