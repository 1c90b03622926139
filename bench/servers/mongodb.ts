import { mongo } from 'mongoose';
import { startMongo } from '../../test/support/mongod';
import { makeFolder, startProgram } from './program';
import type { Server } from './server';

/** Starts a replica set of one member, like the tests, or uses the one in MONGODB_TEST_URI. */
export async function startMongodb(): Promise<Server> {
  const replicas = await startMongo();
  let databases = 0;
  const run = `bench_${process.pid}`;
  return {
    version: `MongoDB ${await versionOf(replicas.uri('admin'))} (replica set of one, w: majority, j: true)`,
    freshUrl: () => Promise.resolve(replicas.uri(`${run}_${++databases}`)),
    drop,
    stop: () => replicas.stop(),
  };
}

/** Starts MongoDB without a replica set. It has no change streams, so workers must poll. */
export async function startStandalone(): Promise<Server> {
  const replicas = await startMongo();
  const path = await programOf(replicas.uri('admin')).finally(() => replicas.stop());
  const folder = await makeFolder();
  const { port, stop } = await startProgram(path, (port) => ['--bind_ip', '127.0.0.1', '--port', String(port), '--dbpath', folder], folder);
  let databases = 0;
  const url = (): string => `mongodb://127.0.0.1:${port}/bench${++databases}`;
  return { version: `MongoDB ${await versionOf(url())} (standalone)`, freshUrl: () => Promise.resolve(url()), drop, stop };
}

const drop = (url: string): Promise<void> => asking(url, async (client) => void (await client.db().dropDatabase()));

const versionOf = (url: string): Promise<string> =>
  asking(url, async (client) => ((await client.db().admin().command({ buildInfo: 1 })) as { version: string }).version);

const programOf = (url: string): Promise<string> =>
  asking(url, async (client) => ((await client.db().admin().command({ getCmdLineOpts: 1 })) as { argv: [string] }).argv[0]);

async function asking<T>(url: string, ask: (client: mongo.MongoClient) => Promise<T>): Promise<T> {
  const client = await new mongo.MongoClient(url).connect();
  return ask(client).finally(() => client.close());
}
