import type { StoreOptions } from '../config/options';
import type { Clock, Random } from '../modules/clock';
import { SqliteConnection } from './sqliteConnection';
import { SqliteQueueSettings } from './sqliteQueueSettings';
import { SqliteTaskStore } from './sqliteTaskStore';
import type { Database } from './taskStore';

/**
 * Opens a SQLite file as a database.
 *
 * @throws as `SqliteConnection.open`.
 */
export async function openSqliteDatabase(path: string, options: StoreOptions, clock: Clock, random: Random): Promise<Database> {
  const connection = await SqliteConnection.open(path, options, clock, random);
  return {
    url: `sqlite:${path}`,
    tasks: new SqliteTaskStore(connection, clock),
    settings: new SqliteQueueSettings(connection),
    close: () => connection.close(),
  };
}
