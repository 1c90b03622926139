import { mongo, Schema } from 'mongoose';
import type { SchemaDefinition } from 'mongoose';
import { LIVE_STATES } from '../../constants/states';
import type { Namespace } from '../ports/namespace';
import { instantAfter } from '../time/instantAfter';
import type { Lease, NewTask, Task } from '../task/task';
import { uuidBytes, uuidOf } from '../task/uuidBytes';
import { storedFields, taskDefinition } from './taskFields';
import type { TaskDocument } from './taskFields';

const { UUID } = mongo.BSON;

/** A UUID as BSON has it. */
export type Uuid = InstanceType<typeof UUID>;

/** The settings of a queue. */
export interface QueueDocument {
  _id: string;
  paused: boolean;
}

/** What is known of the database itself: under `SCHEMA_ID` how many changes its schema has had. */
export interface MetaDocument {
  _id: typeof SCHEMA_ID;
  version: number;
}

export const TASKS_COLLECTION = 'tasks';
export const QUEUES_COLLECTION = 'queues';
export const META_COLLECTION = 'meta';
export const SCHEMA_ID = 'schema';

export const CLAIM_INDEX = 'holdfast_claim';
export const LEASE_INDEX = 'holdfast_lease';
export const UNIQUE_INDEX = 'holdfast_unique';
const EXPIRY_INDEX = 'holdfast_expiry';

/** The one document under a lease that is no task. */
export const LEASE_FENCE_ID = new UUID('ffffffff-ffff-7fff-bfff-ffffffffffff');

/** The order of claims, which the claim index has. */
export const CLAIM_ORDER = { priority: 1, availableAt: 1, _id: 1 } as const;

/** The claim index. `state` is in it so that a find is covered. */
export const CLAIM_KEY = { queue: 1, state: 1, ...CLAIM_ORDER } as const;

/** Partial indexes: a task costs only those of its state. */
export const TASK_INDEXES = [
  { name: CLAIM_INDEX, key: CLAIM_KEY, partialFilterExpression: { state: 'waiting' } },
  { name: LEASE_INDEX, key: { 'lease.expiresAt': 1 }, partialFilterExpression: { state: 'running' } },
  { name: EXPIRY_INDEX, key: { expireAt: 1 }, expireAfterSeconds: 0, partialFilterExpression: { expireAt: { $exists: true } } },
  {
    name: UNIQUE_INDEX,
    key: { queue: 1, uniqueKey: 1 },
    unique: true,
    partialFilterExpression: { uniqueKey: { $exists: true }, state: { $in: LIVE_STATES } },
  },
] as const;

/** The schema, for reads by hand. The hot path uses the driver's collection; indexes are made by name, never synchronised. */
export const taskSchema = new Schema<TaskDocument>(taskDefinition as SchemaDefinition<TaskDocument>, {
  autoIndex: false,
  autoCreate: false,
  versionKey: false,
  collection: TASKS_COLLECTION,
});

/** The ids of tasks. A document that somebody has written by hand may have another, which no task can have: it is passed over. */
export const TASK_ID = Object.freeze({ $type: 'binData' });

/** The same as an expression, and of a document that was found. */
export const IS_TASK = Object.freeze({ $eq: [{ $type: '$_id' }, 'binData'] });
export const isTask = ({ _id }: Pick<TaskDocument, '_id'>): boolean => _id instanceof mongo.BSON.Binary;

export const mongoId = (id: string): Uuid => new UUID(uuidBytes(id));

/** The bounds of what the store's clock shows now, in milliseconds since the epoch. */
export interface StoreTime {
  readonly earliestMs: number;
  readonly latestMs: number;
}

/** An immediate task is due at once whatever clock a claim goes by; a delayed one is not due too early. */
export function documentOf(task: NewTask, { earliestMs, latestMs }: StoreTime, { inside }: Namespace): TaskDocument {
  const { due, settings } = task;
  const availableAt = 'at' in due ? due.at : due.delayMs === 0 ? new Date(earliestMs) : instantAfter(latestMs, due.delayMs);
  const document: TaskDocument = {
    _id: mongoId(task.id),
    queue: inside(task.queue),
    name: task.name,
    payload: task.payload,
    state: 'waiting',
    priority: task.priority,
    attempt: 0,
    failures: 0,
    maxRetries: task.maxRetries,
    suspect: false,
    rev: 0,
    availableAt,
    createdAt: new Date(earliestMs),
  };
  if (task.uniqueKey !== null) document.uniqueKey = task.uniqueKey;
  if (Object.keys(settings).length > 0) document.settings = settings;
  return document;
}

/** A task as another store had it, under a lease. */
export const documentOfTask = (task: Task, lease: Lease, { inside }: Namespace): TaskDocument => ({
  _id: mongoId(task.id),
  ...storedFields({ ...task, queue: inside(task.queue), state: 'running', lease }),
});

/** The fields that a task has otherwise than the document that was found: the queue as users know it, and what a claim changes. */
type Changed = Pick<TaskDocument, 'queue' | 'state' | 'attempt'> & { readonly lease: Lease | undefined };

/** The task of a document. */
export const taskOfDocument = (document: TaskDocument, { outside }: Namespace): Task =>
  changedTask(document, { queue: outside(document.queue), state: document.state, attempt: document.attempt, lease: document.lease });

/** The task that a claim has made of a document: a copy of the document on the way would cost five times as much. */
export const changedTask = (document: TaskDocument, { queue, state, attempt, lease }: Changed): Task => ({
  id: uuidOf(document._id.buffer),
  queue,
  name: document.name,
  payload: document.payload,
  state,
  priority: document.priority,
  attempt,
  failures: document.failures,
  maxRetries: document.maxRetries,
  suspect: document.suspect,
  rev: document.rev,
  availableAt: document.availableAt,
  createdAt: document.createdAt,
  finishedAt: document.finishedAt ?? null,
  settings: document.settings ?? {},
  uniqueKey: document.uniqueKey ?? null,
  lease: lease ?? null,
  result: document.result ?? null,
  error: document.error ?? null,
  progress: document.progress ?? null,
  history: document.history ?? null,
});
