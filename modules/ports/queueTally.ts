import type { BoundedCounts } from '../task/counts';
import type { TaskState } from '../../constants/states';
import type { Task } from '../task/task';
import type { BulkCount } from './bulk';

/** What is counted of a queue: its states, of which `waiting` is parted by whether the tasks are due. */
export const TALLY_KEYS = ['due', 'delayed', 'running', 'succeeded', 'dead', 'cancelled'] as const;

export type TallyKey = (typeof TALLY_KEYS)[number];

/** The counts of one queue. */
export interface QueueTally {
  readonly counts: Readonly<Record<TallyKey, number>>;
  /** The counts at which counting stopped: there are more. */
  readonly atLeast: readonly TallyKey[];
  /** Since when the task has been due that waits the longest; null if none is due. */
  readonly dueSince: Date | null;
  /** The time of the store. */
  readonly now: Date;
}

/** What gives a waiting task its place in its queue. */
export type PlacedTask = Pick<Task, 'id' | 'queue' | 'priority' | 'availableAt'>;

/** The port of the counts of one queue. No row is read: each count takes an index, and stops at its bound. */
export interface QueueTallies {
  /** The number of queues that the store counts best at once. */
  readonly atOnce: number;

  /** Counts the tasks of a queue, each kind up to `most`. */
  of(queue: string, most: number): Promise<QueueTally>;

  /** Counts the due tasks of a queue that come before a waiting one in the order of claims, up to `most`. */
  before(task: PlacedTask, most: number): Promise<BulkCount>;
}

/** Makes a tally of counts that may be one above their bound. */
export function tallyOf(found: Readonly<Record<TallyKey, number>>, most: number, dueSince: Date | null, now: Date): QueueTally {
  const counts = Object.fromEntries(TALLY_KEYS.map((key) => [key, Math.min(found[key], most)])) as Record<TallyKey, number>;
  return { counts, atLeast: TALLY_KEYS.filter((key) => found[key] > most), dueSince: dueSince && dueSince <= now ? dueSince : null, now };
}

/** Makes a count that may be one above its bound. */
export const boundedCount = (found: number, most: number): BulkCount => ({ count: Math.min(found, most), isExact: found <= most });

/** The states that are counted as they are. */
export const PLAIN_STATES = ['running', 'succeeded', 'dead', 'cancelled'] as const satisfies readonly TaskState[];

/** Returns the counts by state. Tasks that are due and delayed ones both wait. */
export function countsOfTally({ counts, atLeast }: QueueTally, most: number): BoundedCounts {
  const { due, delayed, ...plain } = counts;
  const more = new Set(PLAIN_STATES.filter((state) => atLeast.includes(state)) as TaskState[]);
  if (due + delayed > most || atLeast.includes('due') || atLeast.includes('delayed')) more.add('waiting');
  return { waiting: Math.min(most, due + delayed), ...plain, atLeast: [...more] };
}
