import { LATEST_INSTANT } from '../../constants/limits';
import { isDuplicate } from './mongoErrors';
import { FIFO_GROUP_INDEXES, FIFO_INDEXES } from './fifoDocuments';
import { LEASE_FENCE_ID, LEASE_FENCE_QUEUE, TASK_INDEXES } from './mongoSchema';
import type { CollectionNames } from './mongoSchema';
import { DUE_INDEX } from './scheduleDocuments';
import type { SchemaDatabase } from './schemaDatabase';
import type { MakeId } from './uuid';

/** A database, and the names of the collections in it. */
export interface NamedDatabase {
  readonly database: SchemaDatabase;
  readonly names: CollectionNames;
  readonly mongoId: MakeId;
}

/** A change to the schema. Run twice, or by two processes at once, it has the same end. */
export interface MongoMigration {
  /** The name in errors. */
  readonly name: string;
  readonly run: (named: NamedDatabase) => Promise<unknown>;
}

/** Makes missing indexes; an existing one costs nothing. */
export const ensureIndexes = ({ database, names }: NamedDatabase): Promise<unknown> =>
  database.collection(names.tasks).createIndexes(TASK_INDEXES.map(({ key, ...rest }) => ({ ...rest, key: { ...key } })));

/** Comes after every name in the order of an index. A largest key (MaxKey) would as well, but can be on no shard. */
const BEHIND_ALL_QUEUES = true;

/**
 * Puts a last key into the claim index, behind those of all queues.
 *
 * A scan that reaches the end of an index goes back over every key that is dead but kept for old snapshots, for five minutes. An empty poll after
 * 60,000 tasks then takes 7 ms. With a live key ahead it stops there, after 1 ms. In a sharded collection only the last shard has the key.
 */
const endClaimIndex = ({ database, names }: NamedDatabase): Promise<unknown> =>
  database
    .collection<{ _id: string; queue: unknown }>(names.tasks)
    .updateOne(
      { _id: 'the end of the claim index', queue: BEHIND_ALL_QUEUES },
      { $setOnInsert: { state: 'waiting', priority: 0, availableAt: new Date(LATEST_INSTANT) } },
      { upsert: true },
    );

/**
 * Puts a key into the lease index that `ExpiredLeases` moves along, so that a scan for expired leases ends at it.
 *
 * No queue has an empty name.
 */
const fenceLeaseIndex = ({ database, names, mongoId }: NamedDatabase): Promise<unknown> =>
  database
    .collection(names.tasks)
    .updateOne(
      { _id: mongoId(LEASE_FENCE_ID), queue: LEASE_FENCE_QUEUE } as object,
      { $setOnInsert: { state: 'running', lease: { expiresAt: new Date(LATEST_INSTANT) } } },
      { upsert: true },
    );

/** Makes the documents that are not tasks; each that exists costs a read. */
export const ensureKeys = (named: NamedDatabase): Promise<unknown> =>
  Promise.all([endClaimIndex(named), fenceLeaseIndex(named)].map((made) => made.catch(unlessThere)));

/** Of two processes that make a document at the same time, one is refused. */
function unlessThere(error: unknown): void {
  if (!isDuplicate(error)) throw error;
}

/** The indexes of schedules and of records. The time-to-live index deletes records; whoever reads one does not wait for it. */
export const SCHEDULE_INDEXES = [
  { name: 'holdfast_last_task', key: { lastTaskId: 1 } },
  { name: DUE_INDEX, key: { namespace: 1, declared: 1, wakeAt: 1, _id: 1 } },
];
export const RECORD_INDEXES = [
  { name: 'holdfast_expiry', key: { expireAt: 1 }, expireAfterSeconds: 0, partialFilterExpression: { expireAt: { $exists: true } } },
];

const indexSchedules = ({ database, names }: NamedDatabase): Promise<unknown> =>
  database.collection(names.schedules).createIndexes(structuredClone(SCHEDULE_INDEXES));

const indexFifo = ({ database, names }: NamedDatabase): Promise<unknown> =>
  Promise.all([
    database.collection(names.fifo).createIndexes(FIFO_INDEXES.map(({ key, ...rest }) => ({ ...rest, key: { ...key } }))),
    database.collection(names.fifoGroups).createIndexes(FIFO_GROUP_INDEXES.map(({ key, ...rest }) => ({ ...rest, key: { ...key } }))),
  ]);

const expireRecords = ({ database, names }: NamedDatabase): Promise<unknown> =>
  database.collection(names.records).createIndexes(structuredClone(RECORD_INDEXES));

/**
 * The schema as a list of changes: each brings a database of the version that is its index to the next one. The version of a database,
 * in its collection `meta`, is how many it has had.
 *
 * A change to the schema is one more entry. An older release may work on the database while a newer one changes it, so a change adds, and
 * takes nothing away that the version before reads or writes. An index that changes needs an entry that drops the old one: it is then made anew.
 */
export const MONGO_MIGRATIONS: readonly MongoMigration[] = [
  {
    name: '1: make the indexes of tasks and schedules, and the keys that end them',
    run: (named) => Promise.all([ensureIndexes(named).then(() => ensureKeys(named)), indexSchedules(named), expireRecords(named)]),
  },
  { name: '2: make the index of tasks that keep follow-ups', run: ensureIndexes },
  { name: '3: make the index of tasks by the group of their failure', run: ensureIndexes },
  { name: '4: make the indexes of FIFO queues', run: indexFifo },
];
