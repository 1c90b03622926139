import { createConnection, mongo } from 'mongoose';
import type { ClientSession, Connection, ConnectOptions, Model } from 'mongoose';
import type { StoreOptions } from '../../config/optionTypes';
import { SECOND } from '../../constants/limits';
import type { Clock } from '../../modules/time/clock';
import { HoldfastError, isHoldfastError } from '../../modules/errors/holdfastError';
import { checkMongoVersion, migrateMongo } from '../../modules/mongo/migrateMongo';
import { isAboutName, isAboutUrl, storeErrorOf } from '../../modules/mongo/mongoErrors';
import { collectionNames, taskSchema } from '../../modules/mongo/mongoSchema';
import type { CollectionNames, QueueDocument } from '../../modules/mongo/mongoSchema';
import type { TaskDocument } from '../../modules/mongo/taskFields';
import type { ScheduleDocument } from '../../modules/mongo/scheduleDocuments';
import { redactUrl, withoutSecrets } from '../../modules/ports/storeUrl';
import { MongoClock } from './mongoClock';

const DEFAULT_DATABASE = 'holdfast';

const MODEL = 'HoldfastTask';

/** Reads see the writes before them, whatever a URL or the connection of a caller prefers. */
const READS = { readPreference: 'primary', readConcern: new mongo.ReadConcern('local') } as const;

/** Options of a find whose answer is one batch. */
export interface FindAtOnce {
  readonly sort: Readonly<Record<string, 1 | -1>>;
  readonly hint?: string;
  readonly projection?: Readonly<Record<string, 0>>;
  readonly limit: number;
  readonly skip: number;
  readonly maxTimeMS: number;
}

/** The documents of a find; cut where the answer would have been too large. */
export interface FoundAtOnce {
  readonly documents: TaskDocument[];
  readonly isCut: boolean;
}

interface FirstBatch {
  readonly id: unknown;
  readonly firstBatch: TaskDocument[];
}

/** A connection to one database of a MongoDB, with its schema up to date. */
export class MongoConnection {
  /** The collection of the driver, for the hot path. */
  readonly tasks: mongo.Collection<TaskDocument>;
  readonly queues: mongo.Collection<QueueDocument>;
  readonly schedules: mongo.Collection<ScheduleDocument>;
  /** The model of Mongoose, for reads by hand. */
  readonly model: Model<TaskDocument>;
  readonly clock: MongoClock;
  /** Longest time that the server may work on one command. */
  readonly maxTimeMS: number;
  /** The caller has made the connection, has set its options, and closes it. */
  readonly isCallers: boolean;
  readonly #connection: Connection;
  readonly #database: mongo.Db;
  readonly #names: CollectionNames;
  #closed = false;

  private constructor(connection: Connection, isCallers: boolean, options: StoreOptions, clock: Clock) {
    const writeConcern = options.durability === 'full' ? ({ w: 'majority', j: true } as const) : { w: 1 };
    const database = (this.#database = connection.getClient().db(connection.name, { ...READS, writeConcern, ignoreUndefined: true }));
    this.#connection = connection;
    this.isCallers = isCallers;
    const names = (this.#names = collectionNames(options.prefix));
    this.tasks = database.collection<TaskDocument>(names.tasks);
    this.queues = database.collection<QueueDocument>(names.queues);
    this.schedules = database.collection<ScheduleDocument>(names.schedules);
    this.model = (connection.models[MODEL] as Model<TaskDocument> | undefined) ?? connection.model<TaskDocument>(MODEL, taskSchema(names.tasks));
    this.clock = new MongoClock(database, clock);
    this.maxTimeMS = options.callTimeoutMs;
  }

  /**
   * Connects by a URL and brings the schema up to date.
   *
   * @throws HOLDFAST_STORE_UNREACHABLE, HOLDFAST_STORE_UNFIT, HOLDFAST_STORE_NEWER or HOLDFAST_URL_INVALID.
   */
  static async open(url: string, options: StoreOptions, clock: Clock): Promise<MongoConnection> {
    return new MongoConnection(await connect(url, options), false, options, clock).#prepared();
  }

  /**
   * Uses a connection of the caller's, once it is open.
   *
   * @throws HOLDFAST_STORE_UNREACHABLE, HOLDFAST_STORE_UNFIT or HOLDFAST_STORE_NEWER.
   */
  static async on(connection: Connection, options: StoreOptions, clock: Clock): Promise<MongoConnection> {
    const field = 'the connection given';
    const opened = await connection.asPromise().catch((cause: unknown) => {
      throw new HoldfastError('HOLDFAST_STORE_UNREACHABLE', { field, cause });
    });
    if (!hasClient(opened)) throw new HoldfastError('HOLDFAST_STORE_UNREACHABLE', { field, expected: 'connected: call connect() first' });
    return new MongoConnection(opened, true, options, clock).#prepared();
  }

  /** The servers and the database, without secrets. */
  get url(): string {
    return `mongodb://${this.#connection.host}:${this.#connection.port}/${this.#connection.name}`;
  }

  /** Tells whether a session is of this connection's client and can be used. */
  checkSession(session: unknown): asserts session is ClientSession {
    const { client, hasEnded } = (session ?? {}) as { readonly client?: unknown; readonly hasEnded?: boolean };
    if (client !== this.#connection.getClient()) {
      throw new HoldfastError('HOLDFAST_SESSION_UNUSABLE', { expected: 'a session of the connection that the store was opened with' });
    }
    if (hasEnded) throw new HoldfastError('HOLDFAST_SESSION_UNUSABLE', { expected: 'a session that has not ended' });
  }

  /**
   * Finds tasks by one command that brings all of them: read through a cursor, a document costs this process twice as much (20 and 11 microseconds).
   */
  async findAtOnce(filter: mongo.Filter<TaskDocument>, { limit, ...options }: FindAtOnce): Promise<FoundAtOnce> {
    const command = { find: this.#names.tasks, filter, ...options, limit, batchSize: limit, readConcern: { level: 'local' } };
    const { cursor } = (await this.#database.command(command, { readPreference: 'primary' })) as { cursor: FirstBatch };
    // An answer has at most 16 MiB. The rest is asked for again, after these were claimed.
    const isCut = String(cursor.id) !== '0';
    if (isCut) await this.#database.command({ killCursors: this.#names.tasks, cursors: [cursor.id] });
    return { documents: cursor.firstBatch, isCut };
  }

  /** Finds tasks by a pipeline, by one command as well. */
  async aggregateAtOnce(
    pipeline: readonly object[],
    { hint, limit, maxTimeMS }: Pick<FindAtOnce, 'hint' | 'limit' | 'maxTimeMS'>,
  ): Promise<FoundAtOnce> {
    const collection = this.tasks.collectionName;
    const command = { aggregate: collection, pipeline, hint, cursor: { batchSize: limit + 1 }, maxTimeMS, readConcern: { level: 'local' } };
    const { cursor } = (await this.#database.command(command, { readPreference: 'primary' })) as { cursor: FirstBatch };
    const isCut = String(cursor.id) !== '0';
    if (isCut) await this.#database.command({ killCursors: collection, cursors: [cursor.id] });
    return { documents: cursor.firstBatch, isCut };
  }

  /** Runs commands, and turns errors of the driver into those of the catalogue. */
  async ask<T>(run: () => Promise<T>): Promise<T> {
    if (this.#closed) throw new HoldfastError('HOLDFAST_STORE_CLOSED');
    try {
      return await run();
    } catch (error) {
      const told = storeErrorOf(error);
      // Another server may answer next, with another clock.
      if (told !== error) this.clock.forget();
      throw this.#closed ? new HoldfastError('HOLDFAST_STORE_CLOSED', { cause: error }) : told;
    }
  }

  /**
   * Refuses a database that a newer release has changed since it was opened.
   *
   * @throws HOLDFAST_STORE_NEWER
   */
  async checkSchema(): Promise<void> {
    await this.ask(() => checkMongoVersion({ database: this.#database, names: this.#names }, { maxTimeMS: this.maxTimeMS }));
  }

  /** Closes the connection. Safe to call twice. */
  async close(): Promise<void> {
    this.#closed = true;
    if (!this.isCallers) await this.#connection.close();
  }

  async #prepared(): Promise<this> {
    try {
      await this.#prepare();
      return this;
    } catch (error) {
      await this.close();
      throw error;
    }
  }

  /** Makes the schema, and tries on no document what every claim needs. */
  async #prepare(): Promise<void> {
    try {
      await migrateMongo({ database: this.#database, names: this.#names });
      await this.tasks.updateMany({ _id: new mongo.BSON.UUID() }, [{ $set: { createdAt: '$$NOW' } }]);
    } catch (error) {
      const told = storeErrorOf(error);
      if (told !== error || isHoldfastError(error)) throw told;
      if (isAboutName(error))
        throw new HoldfastError('HOLDFAST_URL_INVALID', { field: this.url, expected: 'one whose database has a valid name', cause: error });
      const expected = 'partial indexes and updates by pipelines with $$NOW, and no other index of its names';
      throw new HoldfastError('HOLDFAST_STORE_UNFIT', { field: this.tasks.namespace, expected, cause: error });
    }
  }
}

/** Tells whether a connection has a client. One that was never connected has none, whatever its type says. */
const hasClient = (connection: Connection): boolean => Boolean(connection.getClient());

async function connect(url: string, { callTimeoutMs }: StoreOptions): Promise<Connection> {
  const options: ConnectOptions = {
    ...(namesDatabase(url) ? {} : { dbName: DEFAULT_DATABASE }),
    serverSelectionTimeoutMS: callTimeoutMs,
    connectTimeoutMS: callTimeoutMs,
    waitQueueTimeoutMS: callTimeoutMs,
    socketTimeoutMS: callTimeoutMs + SECOND / 2,
    // Only the next heartbeat finds a lost server again. The 10 s of the driver would keep workers waiting.
    heartbeatFrequencyMS: SECOND,
    // The store decides what is sent again: a claim never, the rest by ids and tokens. Retries of the driver cost two more writes a claim.
    retryWrites: false,
    autoIndex: false,
    autoCreate: false,
  };
  try {
    return await createConnection(url, options).asPromise();
  } catch (cause) {
    const because = redactUrl(cause instanceof Error ? cause.message : '', url);
    throw new HoldfastError(isAboutUrl(cause) ? 'HOLDFAST_URL_INVALID' : 'HOLDFAST_STORE_UNREACHABLE', {
      field: withoutSecrets(url),
      cause,
      because,
    });
  }
}

const namesDatabase = (url: string): boolean => /^mongodb(\+srv)?:\/\/[^/]+\/[^?/]/.test(url);
