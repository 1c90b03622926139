import type { TaskError } from '../../constants/events';
import type { StoredRecord } from '../ports/recordStore';
import { failureRowIn } from './failureRow';
import type { FailureRecord, FailureRow, FailureSample, FailuresOfName } from './failureRow';

/** Failures of one cause, as `store.failures.list()` shows them. */
export interface FailureGroup extends Pick<TaskError, 'name' | 'message' | 'code'> {
  /** The group, for `queue.list({ failureGroup })`. */
  readonly group: string;
  /** The number of failed attempts. */
  readonly count: number;
  /** When the first and the last of them failed, by the clock of the store. */
  readonly firstAt: Date;
  readonly lastAt: Date;
  /** The top frame of the user's own code; null if there is none in the stack trace. */
  readonly at: string | null;
  /** The task whose error is shown: the last one that failed. */
  readonly sample: FailureSample;
  /** The number of failed attempts by queue and name: of the first fifty. */
  readonly names: readonly FailuresOfName[];
  /** The number of failed attempts by time: in the day before the last one, in steps of ten minutes, without those that have none. */
  readonly recent: readonly { readonly at: Date; readonly count: number }[];
}

/** What a reader may see: undefined for all queues. */
export type SeenQueues = ((queue: string) => boolean) | undefined;

/** Returns the view of a group from its record: of its failures in the queues that the reader may see, or null if there are none. */
export function viewFailures(record: Pick<StoredRecord, 'key'> & FailureRecord, isSeen: SeenQueues): FailureGroup | null {
  const row = failureRowIn(record);
  const seen = isSeen ? partOf(row, isSeen) : row;
  if (!seen) return null;
  const { count, name, message, code, at, sample, names, recent, firstMs, lastMs } = seen;
  return {
    ...{ group: record.key, count, name, message, ...(code === undefined ? {} : { code }) },
    ...{ firstAt: new Date(firstMs), lastAt: new Date(lastMs), at, sample },
    names: names.map((each) => ({ queue: each.queue, name: each.name, count: each.count })),
    recent: recent.map(([startMs, inStep]) => ({ at: new Date(startMs), count: inStep })),
  };
}

/** The part of a row that is of some queues. Its steps are not counted by queue, and are left out where others are among them. */
function partOf(row: FailureRow, isSeen: (queue: string) => boolean): FailureRow | null {
  const names = row.names.filter(({ queue }) => isSeen(queue));
  const [first, ...others] = names;
  if (!first) return null;
  const last = others.reduce((newest, each) => (each.lastMs > newest.lastMs ? each : newest), first);
  const count = names.reduce((sum, each) => sum + each.count, 0);
  if (count === row.count) return row;
  return {
    ...{ ...row, count, names, recent: [], message: last.message, sample: { id: last.id, queue: last.queue, name: last.name } },
    ...{ firstMs: Math.min(...names.map(({ firstMs }) => firstMs)), lastMs: last.lastMs },
  };
}
