import { createHash } from 'node:crypto';
import { CONSUMER, SETTLED_MEMORY_MS } from '../../constants/limits';
import { groupOf, sequenceText } from '../ports/fifoStore';
import type { FifoSend } from '../ports/fifoStore';
import { dueAt } from '../task/dueAt';
import type { StoreTime } from '../task/dueAt';
import type { Lease, Task, TaskSettings } from '../task/task';
import { uuidOf } from '../task/uuidBytes';
import type { MongoKeys } from './mongoKeys';
import type { Uuid } from './uuid';

/** A message of a FIFO queue. A removed one is kept for a while: it tells repetitions apart, and no other message gets its sequence. */
export interface FifoDocument {
  _id: Uuid;
  queue: string;
  group: string;
  seq: number;
  state: 'live' | 'removed';
  payload: string;
  attempt: number;
  createdAt: Date;
  /** The end of its delay or of its lease. */
  visibleAt: Date;
  settings?: TaskSettings;
  token?: string;
  leaseMs?: number;
  /** What repetitions of it have in common. */
  once?: string;
  /** The message that it stands for, where that has moved to another queue. */
  first?: Uuid;
  settledBy?: string;
  expireAt?: Date;
}

/** A group of messages. It is the lock: who has set its token may take messages of it until `readyAt`. */
export interface FifoGroupDocument {
  _id: Uuid;
  queue: string;
  group: string;
  /** The sequence of the last message, or a later one than that. */
  tail: number;
  /** No live message has a sequence below it. */
  from: number;
  /** Raised by every write but that of a send. */
  rev: number;
  /** When the first message can be claimed; missing where there is none. */
  readyAt?: Date;
  token?: string;
  /** When a group without messages is deleted. */
  expireAt?: Date;
}

export const CHAIN_INDEX = 'holdfast_fifo_chain';
export const ONCE_INDEX = 'holdfast_fifo_once';
export const AGE_INDEX = 'holdfast_fifo_age';
export const READY_INDEX = 'holdfast_fifo_ready';

const EXPIRY = { key: { expireAt: 1 }, expireAfterSeconds: 0, partialFilterExpression: { expireAt: { $exists: true } } } as const;

/** The indexes of messages. The chain lets two senders never give one sequence to two messages. */
export const FIFO_INDEXES = [
  { name: CHAIN_INDEX, key: { queue: 1, group: 1, seq: 1 }, unique: true },
  { name: ONCE_INDEX, key: { queue: 1, once: 1 }, unique: true, partialFilterExpression: { once: { $exists: true } } },
  { name: AGE_INDEX, key: { queue: 1, createdAt: 1, seq: 1, _id: 1 }, partialFilterExpression: { state: 'live' } },
  { name: 'holdfast_fifo_expiry', ...EXPIRY },
] as const;

export const FIFO_GROUP_INDEXES = [
  { name: READY_INDEX, key: { queue: 1, readyAt: 1 } },
  { name: 'holdfast_fifo_group_expiry', ...EXPIRY },
] as const;

/** The order of sending, as the index of ages has it. */
export const AGE_ORDER = { createdAt: 1, seq: 1, _id: 1 } as const;

/** How long a group without messages is kept: longer than its removed messages are, so that no sequence comes twice. */
export const EMPTY_GROUP_MS = 2 * SETTLED_MEMORY_MS;

/** The sequences that a group may use in a millisecond. A new group begins at the present one, behind all that an earlier one of its name had. */
const SEQUENCES_A_MS = 1_000;

/** Makes the id of a group: a hash of its name, of one size for all. */
export function groupIdOf(queue: string, group: string, { mongoId }: MongoKeys): Uuid {
  const hex = createHash('sha256').update(JSON.stringify([queue, group])).digest('hex'); // prettier-ignore
  return mongoId(`${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20, 32)}`);
}

/** Makes the document of a group that has no message yet. */
export function newGroup(queue: string, group: string, { earliestMs, latestMs }: StoreTime, keys: MongoKeys): FifoGroupDocument {
  const tail = earliestMs * SEQUENCES_A_MS;
  return { _id: groupIdOf(queue, group, keys), queue, group, tail, from: tail + 1, rev: 0, expireAt: new Date(latestMs + EMPTY_GROUP_MS) };
}

/** Makes the document of a message. */
export function fifoDocument(queue: string, { task, onceAs }: FifoSend, seq: number, time: StoreTime, { mongoId }: MongoKeys): FifoDocument {
  const { id, payload, due } = task;
  const document: FifoDocument = {
    _id: mongoId(id),
    queue,
    group: groupOf(task),
    seq,
    state: 'live',
    payload,
    attempt: 0,
    createdAt: new Date(time.earliestMs),
    visibleAt: dueAt(due, time),
  };
  const settings = fifoSettings(task.settings);
  if (settings) document.settings = settings;
  if (onceAs !== null) document.once = onceAs;
  return document;
}

/** Returns the settings of a message without what its document has fields for; undefined where nothing is left. */
export function fifoSettings({ message: { sequence: _sequence, group: _group, ...mark } = {}, ...settings }: TaskSettings): TaskSettings | undefined {
  return Object.keys(mark).length + Object.keys(settings).length === 0 ? undefined : { ...settings, message: mark };
}

/** Shows a message as a task: running where it is in flight. */
export function fifoTask(document: FifoDocument, keys: MongoKeys, nowMs: number): Task {
  const { token, visibleAt, leaseMs: ms = 0, group, seq, settings: { message, ...settings } = {} } = document;
  const marks = { extendedMs: 0, alone: false, timedOut: false, beside: false };
  const lease: Lease | null =
    token !== undefined && visibleAt.getTime() > nowMs ? { token, workerId: CONSUMER, expiresAt: visibleAt, ms, ...marks } : null;
  return {
    id: uuidOf(document._id.buffer),
    queue: keys.outside(document.queue),
    name: 'message',
    payload: document.payload,
    state: lease ? 'running' : 'waiting',
    priority: 0,
    attempt: document.attempt,
    failures: 0,
    maxRetries: 0,
    suspect: false,
    rev: 0,
    availableAt: visibleAt,
    createdAt: document.createdAt,
    finishedAt: null,
    settings: { ...settings, message: { ...message, group, sequence: sequenceText(seq) } },
    uniqueKey: null,
    lease,
    result: null,
    error: null,
    progress: null,
    history: null,
  };
}

/** Which messages of groups are looked up, what is then done with those of each, and the field that has them. */
interface FirstOfGroups {
  readonly queue: string;
  readonly limit: number;
  readonly then: readonly object[];
  readonly as: string;
}

/** Returns the stage that looks up the first messages of each group, from where its first one may be. */
export const firstOfGroups = (from: string, { queue, limit, then, as }: FirstOfGroups): object => ({
  $lookup: {
    ...{ from, let: { first: '$from' }, localField: 'group', foreignField: 'group', as },
    pipeline: [{ $match: { queue, state: 'live', $expr: { $gte: ['$seq', '$$first'] } } }, { $sort: { seq: 1 } }, { $limit: limit }, ...then],
  },
});
