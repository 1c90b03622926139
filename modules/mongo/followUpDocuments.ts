import type { mongo } from 'mongoose';
import { LATEST_INSTANT, PRIORITIES, SETTLED_MEMORY_MS } from '../../constants/limits';
import { SEPARATOR } from '../ports/namespace';
import type { Namespace } from '../ports/namespace';
import type { TaskKey } from '../ports/taskStore';
import type { StoreTime } from '../task/dueAt';
import type { NewTask } from '../task/task';
import { AGAIN } from './again';
import type { MongoKeys } from './mongoKeys';
import { documentOf } from './mongoSchema';
import type { TaskDocument } from './taskFields';

type Filter = mongo.Filter<TaskDocument>;

const NEVER = new Date(LATEST_INSTANT);

/** The revision of a follow-up that is held. Its release raises it to that of a new task. */
const NOT_RELEASED = -1;

/** Makes the document of a follow-up that nobody may claim yet: it is due at the last instant, and keeps when it is to be due, and whom it follows. */
export const heldDocument = (task: NewTask, keeper: TaskKey, time: StoreTime, keys: MongoKeys): TaskDocument => ({
  ...documentOf(task, time, keys),
  rev: NOT_RELEASED,
  availableAt: NEVER,
  held: { ...task.due, keeper: { id: keys.mongoId(keeper.id), queue: keys.inside(keeper.queue) } },
});

/** Matches follow-ups that are inserted and not released. */
export const HELD: Filter = Object.freeze({ held: { $exists: true }, state: 'waiting', rev: NOT_RELEASED });

/**
 * Matches follow-ups of a namespace that are held since before an instant. The claim index leads to them: it is read at the last instant of each queue
 * and priority, and nothing between is.
 */
export const heldBefore = (time: Date, namespace: Namespace): Filter => ({
  queue: inNamespace(namespace),
  priority: { $in: PRIORITIES },
  availableAt: NEVER,
  createdAt: { $lte: time },
  ...HELD,
  'held.keeper': { $exists: true },
});

/** Releases follow-ups. Their delays and their time of adding count from now. */
export const RELEASE: object[] = [
  {
    $set: {
      availableAt: { $ifNull: [{ $max: ['$held.at', { $cond: ['$held.at', '$$NOW', null] }] }, { $add: ['$$NOW', '$held.delayMs'] }] },
      createdAt: '$$NOW',
      rev: { $add: ['$rev', 1] },
      again: AGAIN,
    },
  },
  { $unset: 'held' },
];

/** Matches tasks that keep follow-ups, and those whose follow-ups are inserted. */
export const KEEPS: Filter = Object.freeze({ followUps: { $exists: true } });
export const HANDS_OVER: Filter = Object.freeze({ ...KEEPS, handsOver: true });

const afterNow = (ms: number): object => ({ $add: ['$$NOW', { $literal: ms }] });

/** Lets a task go whose follow-ups are in their queues: its retention begins, or it is removed. */
export const letGoPipeline = (keepMs: number): object[] =>
  keepMs === 0
    ? [{ $replaceWith: { _id: '$_id', queue: '$queue', state: 'removed', settledBy: '$settledBy', expireAt: afterNow(SETTLED_MEMORY_MS) } }]
    : [{ $set: { expireAt: afterNow(Math.max(keepMs, SETTLED_MEMORY_MS)) } }, { $unset: ['followUps', 'handsOver'] }];

/** Matches the queues of a namespace. */
export const inNamespace = ({ name }: Namespace): object =>
  name === '' ? { $regex: `^[^${SEPARATOR}]*$` } : { $gte: `${name}${SEPARATOR}`, $lt: `${name}${SEPARATOR}\u{10ffff}` };
