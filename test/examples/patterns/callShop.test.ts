import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { httpClient } from 'holdfast/http';
import { tasksOf, testStore } from 'holdfast/testing';
import { orderPaid, shopWorker } from '../../../examples/patterns/callShop';

it('the shop is told of each order that was paid, and one that changed meanwhile is left alone', async () => {
  const server = createServer(({ url }, response) => void response.writeHead(url === '/orders/2' ? 412 : 200).end()).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const store = await testStore();
  const client = httpClient({ allowedHosts: ['127.0.0.1'] });
  for (const order of [1, 2, 1]) await orderPaid(store, order, 7);
  await shopWorker(store, client, `http://127.0.0.1:${(server.address() as AddressInfo).port}`).drain();
  assert.deepEqual(
    (await tasksOf(store)).map(({ result }) => result),
    ['told', 'changed meanwhile'],
  );
  await client.close();
  server.close();
  await store.close();
});
