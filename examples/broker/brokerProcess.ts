import { openStore } from '../../index';
import { Broker } from '../../classes/broker/broker';
import { startServer } from '../../classes/server/brokerServer';
import { QUEUE } from './client';

/** The broker of the demonstration. A broken one removes some messages that nobody has processed, which the checker has to find. */
async function serve(storeUrl: string, port: number, visibilityTimeoutSeconds: number, isBroken: boolean): Promise<void> {
  const store = await openStore(storeUrl);
  const queues = [{ name: QUEUE, attributes: { visibilityTimeoutSeconds, maxReceiveCount: 5 } }];
  const server = await startServer({ store, port, queues, allowWrites: true });
  const stopping = new AbortController();
  process.once('SIGTERM', () => {
    stopping.abort();
    void server.close().then(() => store.close());
  });
  process.send?.({ url: server.url });
  if (isBroken) await removeSome(new Broker(store), stopping.signal);
}

async function removeSome(broker: Broker, stopping: AbortSignal): Promise<void> {
  while (!stopping.aborted) for (const { receipt } of await broker.receive(QUEUE, { waitSeconds: 1, signal: stopping })) await broker.ack(receipt);
}

const [storeUrl = '', port = '', visibility = '', isBroken = ''] = process.argv.slice(2);
void serve(storeUrl, Number(port), Number(visibility), isBroken === 'true');
