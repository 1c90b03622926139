import type { ClientSession, mongo } from 'mongoose';
import type { StoreOptions } from '../../config/optionTypes';
import { within } from '../../modules/time/clock';
import type { Surroundings } from '../../modules/time/clock';
import { HoldfastError, isHoldfastError, isUnanswered } from '../../modules/errors/holdfastError';
import { newId } from '../../modules/task/newId';
import { BSON_OPTIONS } from '../../modules/mongo/bsonOptions';
import { sourceOfCaller } from './callersMongo';
import type { MongoSource } from './callersMongo';
import { checkDriver } from '../../modules/mongo/driverVersion';
import { checkMongoVersion, migrateMongo, refuseMissing } from '../../modules/mongo/migrateMongo';
import { refusalOf } from '../../modules/mongo/refusalOf';
import type { NamedDatabase } from '../../modules/mongo/mongoMigrations';
import { isAboutName, storeErrorOf } from '../../modules/mongo/mongoErrors';
import { warningsOf } from '../../modules/mongo/warningsOf';
import type { StoreWarning } from '../../modules/ports/database';
import { collectionNames } from '../../modules/mongo/mongoSchema';
import type { FifoDocument, FifoGroupDocument } from '../../modules/mongo/fifoDocuments';
import type { QueueDocument } from '../../modules/mongo/mongoSchema';
import type { TaskDocument } from '../../modules/mongo/taskFields';
import type { RecordDocument } from '../../modules/mongo/recordDocuments';
import type { AttendanceDocument, ScheduleDocument } from '../../modules/mongo/scheduleDocuments';
import { idsOfVersion } from '../../modules/mongo/uuid';
import type { MakeId } from '../../modules/mongo/uuid';
import type { MongoConnection as CallersClient, MongooseConnection as CallersMongoose } from '../../modules/store/callersConnection';
import type { FindAtOnce, FirstBatch, FoundAtOnce } from '../../modules/mongo/findAtOnce';
import type { Limits } from './limited';
import type { LimitedCollection } from './limitedCollection';
import { LimitedDatabase } from './limitedDatabase';
import { MongoClock } from './mongoClock';
import { connectOwnMongoose } from './ownMongoose';
import { repeated } from './repeated';

/** Reads see the writes before them, whatever a URL or the connection of a caller prefers. */
const READS = { readPreference: 'primary', readConcern: { level: 'local' } } as const;

/** Fewest connections of a client with which a change stream is opened. */
const STREAM_POOL = 4;

/** What is used of one client. */
interface Bound {
  readonly client: mongo.MongoClient;
  readonly database: LimitedDatabase;
  readonly tasks: LimitedCollection<TaskDocument>;
  readonly queues: LimitedCollection<QueueDocument>;
  readonly schedules: LimitedCollection<ScheduleDocument>;
  readonly records: LimitedCollection<RecordDocument>;
  readonly attendance: LimitedCollection<AttendanceDocument>;
  readonly fifo: LimitedCollection<FifoDocument>;
  readonly fifoGroups: LimitedCollection<FifoGroupDocument>;
  /** The driver's own, for change streams. */
  readonly streamed: mongo.Collection<TaskDocument>;
}

/** A connection to one database of a MongoDB, with its schema up to date. */
export class MongoConnection {
  readonly clock: MongoClock;
  /** Makes ids that the client takes. */
  readonly mongoId: MakeId;
  /** Longest time that the server may work on one command. */
  readonly maxTimeMS: number;
  /** What whoever opened it should know. */
  warnings: readonly StoreWarning[] = [];
  readonly #source: MongoSource;
  readonly #options: StoreOptions;
  readonly #around: Surroundings;
  readonly #limits: Limits;
  #bound: Bound;
  #closed = false;

  private constructor(source: MongoSource, mongoId: MakeId, options: StoreOptions, around: Surroundings) {
    const { clock } = around;
    this.#source = source;
    this.#options = options;
    this.#around = around;
    this.mongoId = mongoId;
    this.#limits = { clock, workMs: options.callTimeoutMs };
    this.#bound = this.#bind(source.client());
    this.clock = new MongoClock({ command: (command) => this.#now.database.command(command) }, clock);
    this.maxTimeMS = options.callTimeoutMs;
  }

  /**
   * Connects by a URL and brings the schema up to date.
   *
   * @throws HOLDFAST_STORE_UNREACHABLE, HOLDFAST_STORE_UNFIT, HOLDFAST_STORE_NEWER or HOLDFAST_URL_INVALID.
   */
  static async open(url: string, options: StoreOptions, around: Surroundings, mustExist = false): Promise<MongoConnection> {
    return MongoConnection.#over(await connectOwnMongoose(url, options), options, around, mustExist);
  }

  /**
   * Uses a connection or a client of the caller's, once it is open.
   *
   * @throws HOLDFAST_STORE_UNREACHABLE, HOLDFAST_STORE_UNFIT, HOLDFAST_DRIVER_UNFIT or HOLDFAST_STORE_NEWER.
   */
  static async on(given: CallersMongoose | CallersClient, options: StoreOptions, around: Surroundings): Promise<MongoConnection> {
    return MongoConnection.#over(await sourceOfCaller(given), options, around);
  }

  static async #over(source: MongoSource, options: StoreOptions, around: Surroundings, mustExist = false): Promise<MongoConnection> {
    const mongoId = idsOfVersion(await checkDriver(source.client()));
    return new MongoConnection(source, mongoId, options, around).#prepared(mustExist);
  }

  /** The caller has made the connection, has set its options, and closes it. */
  get isCallers(): boolean {
    return this.#source.isCallers;
  }

  get tasks(): LimitedCollection<TaskDocument> {
    return this.#now.tasks;
  }

  /** The tasks as a change stream reads them: only the driver's own collection opens one. */
  get streamed(): mongo.Collection<TaskDocument> {
    return this.#now.streamed;
  }

  /** Whether the pool has a connection to spare: a change stream holds one for a second at a time, and for long where that one is silent. */
  get hasToSpare(): boolean {
    const { maxPoolSize } = this.#now.client.options;
    return maxPoolSize === 0 || maxPoolSize >= STREAM_POOL;
  }

  get queues(): LimitedCollection<QueueDocument> {
    return this.#now.queues;
  }

  get schedules(): LimitedCollection<ScheduleDocument> {
    return this.#now.schedules;
  }

  get records(): LimitedCollection<RecordDocument> {
    return this.#now.records;
  }

  get fifo(): LimitedCollection<FifoDocument> {
    return this.#now.fifo;
  }

  get fifoGroups(): LimitedCollection<FifoGroupDocument> {
    return this.#now.fifoGroups;
  }

  /** The client of now. */
  get client(): mongo.MongoClient {
    return this.#now.client;
  }

  get attendance(): LimitedCollection<AttendanceDocument> {
    return this.#now.attendance;
  }

  /** The servers and the database, without secrets. */
  get url(): string {
    const { client, database } = this.#now;
    return `mongodb://${client.options.hosts.map(String).join(',')}/${database.name}`;
  }

  /** Tells whether a session is of this connection's client and can be used. */
  checkSession(session: unknown): asserts session is ClientSession {
    const { client, hasEnded } = (session ?? {}) as { readonly client?: unknown; readonly hasEnded?: boolean };
    if (client !== this.#source.client()) {
      throw new HoldfastError('HOLDFAST_SESSION_UNUSABLE', { expected: 'a session of the connection that the store was opened with' });
    }
    if (hasEnded) throw new HoldfastError('HOLDFAST_SESSION_UNUSABLE', { expected: 'a session that has not ended' });
  }

  /**
   * Finds tasks by one command that brings all of them: read through a cursor, a document costs this process twice as much (20 and 11 microseconds).
   */
  async findAtOnce(filter: mongo.Filter<TaskDocument>, { limit, ...options }: FindAtOnce): Promise<FoundAtOnce> {
    const { database, tasks } = this.#now;
    const command = { find: tasks.collectionName, filter, ...options, limit, batchSize: limit, readConcern: { level: 'local' } };
    const { cursor } = (await database.command(command)) as { cursor: FirstBatch };
    // An answer has at most 16 MiB. The rest is asked for again, after these were claimed.
    const isCut = String(cursor.id) !== '0';
    if (isCut) await database.command({ killCursors: tasks.collectionName, cursors: [cursor.id] });
    return { documents: cursor.firstBatch, isCut };
  }

  /** Finds tasks by a pipeline, by one command as well. */
  async aggregateAtOnce(
    pipeline: readonly object[],
    { hint, limit, maxTimeMS }: Pick<FindAtOnce, 'hint' | 'limit' | 'maxTimeMS'>,
  ): Promise<FoundAtOnce> {
    const { database, tasks } = this.#now;
    const collection = tasks.collectionName;
    const command = { aggregate: collection, pipeline, hint, cursor: { batchSize: limit + 1 }, maxTimeMS, readConcern: { level: 'local' } };
    const { cursor } = (await database.command(command)) as { cursor: FirstBatch };
    const isCut = String(cursor.id) !== '0';
    if (isCut) await database.command({ killCursors: collection, cursors: [cursor.id] });
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
      if (isUnanswered(told)) this.clock.forget();
      throw this.#closed ? new HoldfastError('HOLDFAST_STORE_CLOSED', { cause: error }) : told;
    }
  }

  /** Runs commands as `ask`, and again where the connection was lost: carried out twice, they have the same end and the same answer as once. */
  askAgain<T>(run: () => Promise<T>): Promise<T> {
    return repeated(() => this.ask(run), this.maxTimeMS, this.#around);
  }

  /**
   * Refuses a database that a newer release has changed since it was opened.
   *
   * @throws HOLDFAST_STORE_NEWER
   */
  async checkSchema(): Promise<void> {
    await this.askAgain(() => checkMongoVersion(this.#named, { maxTimeMS: this.maxTimeMS }));
  }

  /** Closes the connection. Safe to call twice. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.#source.close();
  }

  async #prepared(mustExist: boolean): Promise<this> {
    try {
      await this.#prepare(mustExist);
      return this;
    } catch (error) {
      await within(this.#around.clock, this.maxTimeMS, this.close());
      throw error;
    }
  }

  /** Makes the schema, and tries on no document what every claim needs. */
  async #prepare(mustExist: boolean): Promise<void> {
    try {
      if (mustExist) await refuseMissing(this.#named);
      await migrateMongo(this.#named);
      await this.tasks.updateMany({ _id: this.mongoId(newId()) }, [{ $set: { createdAt: '$$NOW' } }]);
      const { database } = this.#now;
      this.warnings = warningsOf(await database.command({ hello: 1 }), this.#source.namesDatabase ? null : database.name);
    } catch (error) {
      const told = refusalOf(error, this.tasks.namespace) ?? storeErrorOf(error);
      if (told !== error || isHoldfastError(error)) throw told;
      if (isAboutName(error))
        throw new HoldfastError('HOLDFAST_URL_INVALID', { field: this.url, expected: 'one whose database has a valid name', cause: error });
      const expected = 'partial indexes and updates by pipelines with $$NOW, and no other index of its names';
      throw new HoldfastError('HOLDFAST_STORE_UNFIT', { field: this.tasks.namespace, expected, cause: error });
    }
  }

  get #named(): NamedDatabase {
    return { database: this.#now.database, names: collectionNames(this.#options.prefix), mongoId: this.mongoId };
  }

  /** The parts of the client of now: a connection that the caller has closed and opened again has another one. */
  get #now(): Bound {
    const client = this.#source.client();
    return client === this.#bound.client ? this.#bound : (this.#bound = this.#bind(client));
  }

  #bind(client: mongo.MongoClient): Bound {
    const { durability, prefix } = this.#options;
    const writeConcern = durability === 'full' ? ({ w: 'majority', j: true } as const) : { w: 1 };
    const own = client.db(this.#source.name, { ...READS, ...BSON_OPTIONS, writeConcern } as mongo.DbOptions);
    const database = new LimitedDatabase(own, this.#limits);
    const names = collectionNames(prefix);
    return {
      client,
      database,
      tasks: database.collection<TaskDocument>(names.tasks),
      queues: database.collection<QueueDocument>(names.queues),
      schedules: database.collection<ScheduleDocument>(names.schedules),
      records: database.collection<RecordDocument>(names.records),
      attendance: database.collection<AttendanceDocument>(names.attendance),
      fifo: database.collection<FifoDocument>(names.fifo),
      fifoGroups: database.collection<FifoGroupDocument>(names.fifoGroups),
      streamed: own.collection<TaskDocument>(names.tasks),
    };
  }
}
