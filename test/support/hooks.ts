import { shareServer, sharedUri, startMongo } from './mongod';
import type { TestMongo } from './mongod';
import { stopReplicaSet } from './replicaSet';

let server: TestMongo | undefined;

/** The MongoDB of this run, or null where none can be had. */
export const mongo = (): Pick<TestMongo, 'uri'> | null => (sharedUri('admin') === null ? null : { uri: (database) => sharedUri(database) ?? '' });

/** One MongoDB for the whole run. Mocha calls this once, before it starts the processes that run the files. */
export async function mochaGlobalSetup(): Promise<void> {
  try {
    server = await startMongo();
    await shareServer(server);
  } catch (error) {
    const why = (error as Error).message.replaceAll('\n', ' ');
    if (process.env['HOLDFAST_REQUIRE_MONGODB'] === '1') {
      // No test runs then, so that no reporter says it.
      process.stdout.write('0 passed, 1 failed\n');
      throw new Error(`HOLDFAST_REQUIRE_MONGODB is set, but there is no MongoDB: ${why}`);
    }
    await shareServer({ why });
    process.stdout.write(`MongoDB half skipped: ${why}\n`);
  }
}

export const mochaGlobalTeardown = (): Promise<void> | undefined => server?.stop();

/** Mocha calls this after each file where it runs several at once. */
export const mochaHooks = { afterAll: stopReplicaSet };
