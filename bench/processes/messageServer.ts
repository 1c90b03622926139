import Fastify from 'fastify';
import type { AddressInfo } from 'node:net';
import { startServer } from '../../classes/server/server';
import { openStore } from '../../index';
import type { ServerOrder, ServerReport } from '../systems/httpServers';

/** A server of the works over HTTP: a broker on a store, or a bare echo. */
async function main({ url, queues }: ServerOrder): Promise<void> {
  const { port, close } = url === undefined ? await startEcho() : await startBroker(url, queues);
  process.on('message', (heard) => {
    if (heard === 'end') void close().finally(() => process.exit(0));
    if (heard === 'meter') tell({ cpuMs: (process.cpuUsage().user + process.cpuUsage().system) / 1_000 });
  });
  tell({ port });
}

/** What a parent that has ended does not hear is nobody's loss. */
const tell = (report: ServerReport): void => void process.send?.(report, () => undefined);

interface Started {
  readonly port: number;
  readonly close: () => Promise<void>;
}

async function startBroker(url: string, queues: readonly string[]): Promise<Started> {
  const store = await openStore(url);
  const server = await startServer({ store, port: 0, queues: queues.map((name) => ({ name })) });
  const close = async (): Promise<void> => {
    await server.close();
    await store.close();
  };
  return { port: server.port, close };
}

async function startEcho(): Promise<Started> {
  const app = Fastify();
  app.post('/', (request, reply) => reply.send(request.body));
  await app.listen({ port: 0, host: '127.0.0.1' });
  return { port: (app.server.address() as AddressInfo).port, close: () => app.close() };
}

process.once('disconnect', () => process.exit(1));
process.once('message', (order) => void main(order as ServerOrder));
