import { shareServer, sharedUri, startMongo } from './mongod';
import type { TestMongo } from './mongod';
import { dropDatabases } from './mongoPool';
import { stopReplicaSet } from './replicaSet';

let server: TestMongo | undefined;

/** True to run what is tested on one store on both, and more of what takes long. */
export const isLongRun = process.env['HOLDFAST_LONG_TESTS'] === '1';

/** Returns the MongoDB of this run, or null if there is none. */
export const mongo = (): Pick<TestMongo, 'uri'> | null => (sharedUri('admin') === null ? null : { uri: (database) => sharedUri(database) ?? '' });

/** Starts one MongoDB for the whole run. Mocha calls this once, before the processes that run the files. */
export async function mochaGlobalSetup(): Promise<void> {
  if (!isLongRun)
    process.stdout.write(
      'Short run: most commands are tested on SQLite only, and a third of their faults; HOLDFAST_LONG_TESTS=1 tests all, on MongoDB as well\n',
    );
  try {
    server = await startMongo();
    await shareServer(server);
  } catch (error) {
    const why = (error as Error).message.replaceAll('\n', ' ');
    if (process.env['HOLDFAST_REQUIRE_MONGODB'] === '1') {
      // No test runs then, so the reporter prints no summary.
      process.stdout.write('0 passed, 1 failed\n');
      throw new Error(`HOLDFAST_REQUIRE_MONGODB is set, but there is no MongoDB: ${why}`);
    }
    await shareServer({ why });
    process.stdout.write(`MongoDB half skipped: ${why}\n`);
  }
}

export const mochaGlobalTeardown = (): Promise<void> | undefined => server?.stop();

/** In parallel runs mocha calls this after each file. */
export const mochaHooks = { afterAll: [stopReplicaSet, () => dropDatabases(mongo()?.uri)] };
