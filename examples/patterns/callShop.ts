import { Queue, Worker } from 'holdfast';
import type { Store } from 'holdfast';
import type { HttpClient } from 'holdfast/http';

/** An order that the shop is to be told of as paid. */
type Tasks = { markPaid: { order: number; version: number } };

const RETRIES = { maxRetries: 30, backoff: { type: 'exponential', minMs: 5_000, maxMs: 600_000 } } as const;

export const orderPaid = (store: Store, order: number, version: number) =>
  new Queue<Tasks>(store, 'shop').add('markPaid', { order, version }, { ...RETRIES, uniqueKey: `paid ${order}` });

/** The version is a condition: a PUT that comes twice, or too late, changes nothing and is answered with 412. */
export const shopWorker = (store: Store, client: HttpClient, shop: string) =>
  new Worker<Tasks>(store, {
    queues: ['shop'],
    handlers: {
      markPaid: async (context) => {
        const { order, version } = context.payload;
        const request = { url: `${shop}/orders/${order}`, method: 'PUT', headers: { 'if-match': `"${version}"` }, body: { paid: true } } as const;
        const { status } = await client.request({ ...request, accepts: [412] }, context);
        return status === 412 ? 'changed meanwhile' : 'told';
      },
    },
  });
