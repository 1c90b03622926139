import type { StoreOptions } from '../config/options';
import type { Clock, Random } from '../modules/clock';
import { withoutSecrets } from '../modules/storeUrl';
import { ChangeWatch } from './changeWatch';
import { ClaimWindow } from './claimWindow';
import { MongoConnection } from './mongoConnection';
import { MongoQueueSettings } from './mongoQueueSettings';
import { MongoTaskStore } from './mongoTaskStore';
import type { Database } from './taskStore';

/**
 * Opens a MongoDB database by its URL.
 *
 * @throws as `MongoConnection.open`.
 */
export async function openMongoDatabase(url: string, options: StoreOptions, clock: Clock, random: Random): Promise<Database> {
  const connection = await MongoConnection.open(url, options, clock);
  const changes = new ChangeWatch(connection.tasks, clock);
  return {
    url: withoutSecrets(url),
    tasks: new MongoTaskStore(connection, new ClaimWindow(connection.tasks, clock, random), changes),
    settings: new MongoQueueSettings(connection),
    close: async () => {
      await changes.close();
      await connection.close();
    },
  };
}
