import { createConnection, mongo } from 'mongoose';
import type { Connection, ConnectOptions } from 'mongoose';
import type { StoreOptions } from '../config/options';
import { SECOND } from '../constants/limits';
import type { Clock, Random } from '../modules/clock';
import { HoldfastError } from '../modules/holdfastError';
import { storeErrorOf } from '../modules/mongoErrors';
import { QUEUES_COLLECTION, TASK_INDEXES, TASKS_COLLECTION, taskSchema } from '../modules/mongoSchema';
import type { QueueDocument, TaskDocument } from '../modules/mongoSchema';
import { withoutSecrets } from '../modules/storeUrl';
import { ClaimWindow } from './claimWindow';
import { MongoClock } from './mongoClock';
import { MongoQueueSettings } from './mongoQueueSettings';
import { MongoTaskStore } from './mongoTaskStore';
import type { Database } from './taskStore';

const DEFAULT_DATABASE = 'holdfast';

/**
 * Opens a MongoDB database by its URL, with a connection of its own, and makes its indexes.
 *
 * @throws HOLDFAST_STORE_UNREACHABLE, HOLDFAST_STORE_UNFIT or HOLDFAST_URL_INVALID.
 */
export async function openMongoDatabase(url: string, options: StoreOptions, clock: Clock, random: Random): Promise<Database> {
  const connection = await connect(url, options);
  try {
    return await databaseOn(connection, url, options, clock, random);
  } catch (error) {
    await connection.close();
    throw error;
  }
}

async function databaseOn(connection: Connection, url: string, options: StoreOptions, clock: Clock, random: Random): Promise<Database> {
  const writeConcern = options.durability === 'full' ? ({ w: 'majority', j: true } as const) : { w: 1 };
  const database = connection.getClient().db(connection.name, { writeConcern, ignoreUndefined: true });
  const collection = database.collection<TaskDocument>(TASKS_COLLECTION);
  await prepare(collection);
  return {
    url: withoutSecrets(url),
    tasks: new MongoTaskStore({
      collection,
      options,
      model: connection.model<TaskDocument>('HoldfastTask', taskSchema),
      clock: new MongoClock(database, clock),
      window: new ClaimWindow(collection, clock, random),
    }),
    settings: new MongoQueueSettings(database.collection<QueueDocument>(QUEUES_COLLECTION), options.callTimeoutMs),
    close: () => connection.close(),
  };
}

async function connect(url: string, { callTimeoutMs }: StoreOptions): Promise<Connection> {
  const options: ConnectOptions = {
    ...(namesDatabase(url) ? {} : { dbName: DEFAULT_DATABASE }),
    serverSelectionTimeoutMS: callTimeoutMs,
    connectTimeoutMS: callTimeoutMs,
    waitQueueTimeoutMS: callTimeoutMs,
    socketTimeoutMS: callTimeoutMs + SECOND / 2,
    // What is written again is decided here: a claim never, the rest by ids and tokens. The driver's own way costs two more writes a claim.
    retryWrites: false,
    autoIndex: false,
    autoCreate: false,
  };
  try {
    return await createConnection(url, options).asPromise();
  } catch (cause) {
    const code = cause instanceof mongo.MongoParseError ? 'HOLDFAST_URL_INVALID' : 'HOLDFAST_STORE_UNREACHABLE';
    throw new HoldfastError(code, { field: withoutSecrets(url), cause });
  }
}

const namesDatabase = (url: string): boolean => /^mongodb(\+srv)?:\/\/[^/]+\/[^?/]/.test(url);

/** Makes the indexes and tries what every claim needs, on no document. */
async function prepare(collection: mongo.Collection<TaskDocument>): Promise<void> {
  try {
    await collection.createIndexes(TASK_INDEXES.map(({ key, ...rest }) => ({ ...rest, key: { ...key } })));
    await collection.updateMany({ _id: new mongo.BSON.UUID() }, [{ $set: { createdAt: '$$NOW' } }]);
  } catch (error) {
    const told = storeErrorOf(error);
    if (told !== error) throw told;
    const expected = 'partial indexes and updates by pipelines with $$NOW, and no other index named holdfast_…';
    throw new HoldfastError('HOLDFAST_STORE_UNFIT', { field: collection.namespace, expected, cause: error });
  }
}
