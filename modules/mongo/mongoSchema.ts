import { Schema } from 'mongoose';
import { FINISHED_STATES, LIVE_STATES } from '../../constants/states';
import type { Namespace } from '../ports/namespace';
import { dueAt } from '../task/dueAt';
import type { StoreTime } from '../task/dueAt';
import { headOf, LARGE_FIELDS } from '../task/task';
import type { Lease, NewTask, Task, TaskHead } from '../task/task';
import { uuidOf } from '../task/uuidBytes';
import { STEP_FIELDS, storedFields, taskDefinition } from './taskFields';
import type { StepFields, TaskDocument } from './taskFields';
import type { MongoKeys } from './mongoKeys';

/** The settings of a queue. */
export interface QueueDocument {
  _id: string;
  paused: boolean;
}

/** The version of the schema: the number of changes that the database has had. Its id marks the collection as one of Holdfast's. */
export interface MetaDocument {
  _id: typeof SCHEMA_ID;
  version: number;
}

/** The names of the collections of a store. */
export interface CollectionNames {
  readonly tasks: string;
  readonly queues: string;
  readonly schedules: string;
  readonly records: string;
  readonly attendance: string;
  readonly fifo: string;
  readonly fifoGroups: string;
  readonly meta: string;
}

/** Puts the prefix of a store before the names of its collections. */
export const collectionNames = (prefix: string): CollectionNames => ({
  tasks: `${prefix}tasks`,
  queues: `${prefix}queues`,
  schedules: `${prefix}schedules`,
  records: `${prefix}records`,
  attendance: `${prefix}attendance`,
  fifo: `${prefix}fifo`,
  fifoGroups: `${prefix}fifo_groups`,
  meta: `${prefix}meta`,
});

export const SCHEMA_ID = 'holdfast schema';

export const CLAIM_INDEX = 'holdfast_claim';
export const LEASE_INDEX = 'holdfast_lease';
export const UNIQUE_INDEX = 'holdfast_unique';
export const FAILURE_INDEX = 'holdfast_failure';
export const FINISHED_INDEX = 'holdfast_finished';
export const FOLLOW_UP_INDEX = 'holdfast_follow_ups';
const EXPIRY_INDEX = 'holdfast_expiry';

/** The id of the one document under a lease that is not a task, and its queue: none has an empty name. */
export const LEASE_FENCE_ID = 'ffffffff-ffff-7fff-bfff-ffffffffffff';
export const LEASE_FENCE_QUEUE = '';

/** The order of claims, as the claim index has it. */
export const CLAIM_ORDER = { priority: 1, availableAt: 1, _id: 1 } as const;

/** The key of the claim index. With `state` in it, a find is covered. */
export const CLAIM_KEY = { queue: 1, state: 1, ...CLAIM_ORDER } as const;

/** Partial indexes: a task costs only the indexes of its state. */
export const TASK_INDEXES = [
  { name: CLAIM_INDEX, key: CLAIM_KEY, partialFilterExpression: { state: 'waiting' } },
  // With the queue and the state in it, the running tasks of one queue are counted by the index alone.
  { name: LEASE_INDEX, key: { 'lease.expiresAt': 1, queue: 1, state: 1 }, partialFilterExpression: { state: 'running' } },
  { name: FINISHED_INDEX, key: { queue: 1, state: 1, _id: 1 }, partialFilterExpression: { state: { $in: FINISHED_STATES } } },
  { name: EXPIRY_INDEX, key: { expireAt: 1 }, expireAfterSeconds: 0, partialFilterExpression: { expireAt: { $exists: true } } },
  { name: FAILURE_INDEX, key: { queue: 1, 'error.group': 1, _id: 1 }, partialFilterExpression: { 'error.group': { $exists: true } } },
  { name: FOLLOW_UP_INDEX, key: { queue: 1, _id: 1 }, partialFilterExpression: { followUps: { $exists: true } } },
  {
    name: UNIQUE_INDEX,
    key: { queue: 1, uniqueKey: 1 },
    unique: true,
    partialFilterExpression: { uniqueKey: { $exists: true }, state: { $in: LIVE_STATES } },
  },
] as const;

/** The Mongoose schema, for reads by hand. The hot path uses the collection of the driver; indexes are made by name and never synchronised. */
export const taskSchema = (collection: string): Schema<TaskDocument> =>
  new Schema<TaskDocument>(taskDefinition, { autoIndex: false, autoCreate: false, versionKey: false, collection });

/** Matches the ids of tasks. A document that somebody wrote by hand may have another kind of id, which no task has; it is passed over. */
export const TASK_ID = Object.freeze({ $type: 'binData' });

/** The same test as an expression, and for a document in memory. */
export const IS_TASK = Object.freeze({ $eq: [{ $type: '$_id' }, 'binData'] });
export const isTask = ({ _id }: Pick<TaskDocument, '_id'>): boolean => _id?._bsontype === 'Binary';

/** Makes the document of a new task. */
export function documentOf(task: NewTask, time: StoreTime, { inside, mongoId }: MongoKeys): TaskDocument {
  const { due, settings } = task;
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
    availableAt: dueAt(due, time),
    createdAt: new Date(time.earliestMs),
  };
  if (task.uniqueKey !== null) document.uniqueKey = task.uniqueKey;
  if (Object.keys(settings).length > 0) document.settings = settings;
  return document;
}

/** Makes the document of a task that another store had, under a lease. */
export const documentOfTask = (task: Task, lease: Lease, { inside, mongoId }: MongoKeys, steps: StepFields = {}): TaskDocument => ({
  _id: mongoId(task.id),
  ...storedFields({ ...task, queue: inside(task.queue), state: 'running', lease }),
  ...steps,
});

/** The projections of whole tasks, without their steps, and of heads. */
export const WHOLE_FIELDS = Object.freeze(Object.fromEntries(STEP_FIELDS.map((field) => [field, 0 as const])));
export const HEAD_FIELDS = Object.freeze({ ...WHOLE_FIELDS, ...Object.fromEntries(LARGE_FIELDS.map((field) => [field, 0 as const])) });

/** Reads the head of a task of a document that may lack the rest. */
export const headOfDocument = (document: TaskDocument, namespace: Namespace): TaskHead => headOf(taskOfDocument(document, namespace));

/** Fields whose values differ from the document: the queue as users know it, and those that a claim changes. */
type Changed = Pick<TaskDocument, 'queue' | 'state' | 'attempt'> & { readonly lease: Lease | undefined };

/** Reads the task of a document. */
export function taskOfDocument(document: TaskDocument, { outside }: Namespace): Task {
  const { state, attempt, lease, followUps } = document;
  const task = changedTask(document, { queue: outside(document.queue), state, attempt, lease });
  return followUps === undefined ? task : { ...task, followUps };
}

/** Reads the task that a claim has made of a document. Copying the document first would cost five times as much. */
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
