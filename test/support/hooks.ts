import { startMongo, whyNoMongo } from './mongod';
import type { TestMongo } from './mongod';
import { stopReplicaSet } from './replicaSet';

/** A server may have to be fetched first. */
const START_MS = 300_000;

let server: TestMongo | null = null;

/** The MongoDB of this run, or null where none can be had. */
export const mongo = (): Pick<TestMongo, 'uri'> | null => server;

/** One MongoDB for the whole run, started before the first test and stopped after the last. */
export const mochaHooks = {
  async beforeAll(this: Mocha.Context): Promise<void> {
    this.timeout(START_MS);
    const why = await start();
    if (why === null) return;
    if (process.env['HOLDFAST_REQUIRE_MONGODB'] === '1') throw new Error(`HOLDFAST_REQUIRE_MONGODB is set, but there is no MongoDB: ${why}`);
    process.stdout.write(`MongoDB half skipped: ${why}\n`);
  },

  async afterAll(): Promise<void> {
    await server?.stop();
    server = null;
    await stopReplicaSet();
  },
};

/** Returns why it did not start, or null where it did. */
async function start(): Promise<string | null> {
  const why = await whyNoMongo();
  if (why !== null) return why;
  try {
    server = await startMongo();
    return null;
  } catch (error) {
    return `the server did not start: ${String(error).replaceAll('\n', ' ')}`;
  }
}
