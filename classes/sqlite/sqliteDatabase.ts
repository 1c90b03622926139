import type { StoreOptions } from '../../config/optionTypes';
import type { Clock, Random } from '../../modules/time/clock';
import { refuseMissingFile } from '../../modules/sqlite/refuseMissingFile';
import { namespaceOf } from '../../modules/ports/namespace';
import type { DatabaseSync } from '../../modules/sqlite/sqliteDriver';
import { SqliteBulk } from './sqliteBulk';
import { SqliteConnection } from './sqliteConnection';
import { SqliteCounts } from './sqliteCounts';
import { SqliteFifo } from './sqliteFifo';
import { SqliteFollowUps } from './sqliteFollowUps';
import { SqliteInserts } from './sqliteInserts';
import { SqliteMessageStore } from './sqliteMessageStore';
import { SqliteProgressBoard } from './sqliteProgressBoard';
import { SqliteQueueSettings } from './sqliteQueueSettings';
import { SqliteRecordStore } from './sqliteRecordStore';
import { SqliteScheduleStore } from './sqliteScheduleStore';
import { SqliteSearch } from './sqliteSearch';
import { SqliteStepStore } from './sqliteStepStore';
import { SqliteTallies } from './sqliteTallies';
import { SqliteTaskStore } from './sqliteTaskStore';
import { SqliteTransit } from './sqliteTransit';
import type { Database } from '../../modules/ports/database';

/** Looks of an idle process in vain, of ten microseconds each. With a few that may follow each other at once they are fifty a second. */
const LOOKS_PER_SECOND = 45;

/**
 * Opens a SQLite file as a database, or uses one that the caller has opened; shows what belongs to the namespace of the options.
 *
 * @param mustExist refuses a path where no Holdfast is, and writes nothing there.
 * @throws as `SqliteConnection.open` and `SqliteConnection.on`.
 */
export async function openSqliteDatabase(
  file: string | DatabaseSync,
  options: StoreOptions,
  clock: Clock,
  random: Random,
  mustExist = false,
): Promise<Database> {
  const isPath = typeof file === 'string';
  if (isPath && mustExist) refuseMissingFile(file, options.prefix);
  const connection = await (isPath ? SqliteConnection.open(file, options, clock, random) : SqliteConnection.on(file, options, clock, random));
  const namespace = namespaceOf(options.namespace);
  const counts = new SqliteCounts(connection, namespace);
  const inserts = new SqliteInserts(connection, namespace);
  const tasks = new SqliteTaskStore({ connection, clock, namespace, counts, inserts });
  return {
    url: isPath ? `sqlite:${file}` : 'sqlite:',
    looksPerSecond: LOOKS_PER_SECOND,
    tasks,
    looks: tasks,
    bulk: new SqliteBulk(connection, namespace, clock),
    tallies: new SqliteTallies(connection, namespace, clock),
    progress: new SqliteProgressBoard(connection),
    settings: new SqliteQueueSettings(connection, namespace),
    schedules: new SqliteScheduleStore(connection, clock, namespace),
    transit: new SqliteTransit(connection, namespace),
    messages: new SqliteMessageStore(connection, clock, namespace),
    fifo: new SqliteFifo(connection, clock, namespace),
    records: new SqliteRecordStore(connection, clock, namespace),
    followUps: new SqliteFollowUps({ connection, clock, namespace, inserts }),
    steps: new SqliteStepStore(connection, clock, namespace),
    search: new SqliteSearch(connection, tasks, namespace, clock),
    checkSchema: () => connection.checkSchema(),
    liveElsewhere: () => counts.liveElsewhere(),
    close: () => connection.close(),
  };
}
