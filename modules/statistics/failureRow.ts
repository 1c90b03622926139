import type { TaskError } from '../../constants/events';
import { DAY, HISTORY_TEXT_CHARACTERS, MINUTE } from '../../constants/limits';
import { ownFrame } from '../errors/failureGroup';
import type { StoredRecord } from '../ports/recordStore';
import type { TaskHead } from '../task/task';
import { clipText } from '../values/clipText';
import { floorTo } from './statisticsRows';

/** How long a group is kept after its last failure. */
export const GROUP_KEPT_MS = 90 * DAY;

/** Most queues and names of a group that are counted by themselves. */
const MOST_NAMES = 50;

/** Length of a step of `recent`, and the time that all its steps stand for. */
export const RECENT_STEP_MS = 10 * MINUTE;
const RECENT_MS = DAY;

/** Failures of one name in one queue. */
export interface FailuresOfName {
  readonly queue: string;
  readonly name: string;
  count: number;
}

/** A task that failed with an error of a group. */
export interface FailureSample {
  readonly id: string;
  readonly queue: string;
  readonly name: string;
}

/** The beginning of a step, in milliseconds of the store, and the failures that were counted in it. */
type RecentStep = readonly [startMs: number, count: number];

/** The value of a group's record. */
export interface FailureRow extends Pick<TaskError, 'name' | 'message' | 'code'> {
  count: number;
  /** The top frame of the user's own code, or null. */
  readonly at: string | null;
  readonly sample: FailureSample;
  readonly names: FailuresOfName[];
  /** In the order of time; empty until the row is written. */
  readonly recent: readonly RecentStep[];
}

/** Failures of one cause, as `store.failures.list()` shows them. */
export interface FailureGroup extends Pick<TaskError, 'name' | 'message' | 'code'> {
  /** The group, for `queue.list({ failureGroup })`. */
  readonly group: string;
  /** The number of failed attempts. */
  readonly count: number;
  /** When the first and the last of them was counted, up to ten seconds after it, by the clock of the store. */
  readonly firstAt: Date;
  readonly lastAt: Date;
  /** The top frame of the user's own code; null if there is none in the stack trace. */
  readonly at: string | null;
  /** The task whose error is shown: the last one that was counted. */
  readonly sample: FailureSample;
  /** The number of failed attempts by queue and name: of the first fifty. */
  readonly names: readonly Readonly<FailuresOfName>[];
  /** The number of failed attempts by time: in the day before the last one, in steps of ten minutes, without those that have none. */
  readonly recent: readonly { readonly at: Date; readonly count: number }[];
}

/** Makes the row of the first failure of a group. */
export const rowOfFailure = ({ id, queue, name }: TaskHead, { name: errorName, message, code, stack }: TaskError): FailureRow => ({
  count: 1,
  name: errorName,
  message: clipText(message, HISTORY_TEXT_CHARACTERS),
  ...(code === undefined ? {} : { code }),
  at: ownFrame(stack),
  sample: { id, queue, name },
  names: [{ queue, name, count: 1 }],
  recent: [],
});

/** Returns a row whose failures were all counted at an instant. */
export const countedAt = (row: FailureRow, nowMs: number): FailureRow => ({ ...row, recent: [[floorTo(RECENT_STEP_MS, nowMs), row.count]] });

/** Counts failures of a name in a row. */
export function countName(row: FailureRow, { queue, name, count }: FailuresOfName): void {
  const known = row.names.find((each) => each.queue === queue && each.name === name);
  if (known) known.count += count;
  else if (row.names.length < MOST_NAMES) row.names.push({ queue, name, count });
}

/** Adds the failures of a row to those of an earlier one. The newer error is shown. */
export function addFailures(before: FailureRow, row: FailureRow): FailureRow {
  const names = before.names.map((each) => ({ ...each }));
  const sum: FailureRow = { ...row, count: before.count + row.count, names, recent: addSteps(before.recent, row.recent) };
  for (const each of row.names) countName(sum, each);
  return sum;
}

function addSteps(before: readonly RecentStep[], steps: readonly RecentStep[]): RecentStep[] {
  const counts = new Map(before);
  for (const [startMs, count] of steps) counts.set(startMs, (counts.get(startMs) ?? 0) + count);
  const lastMs = Math.max(...counts.keys());
  return [...counts].filter(([startMs]) => startMs > lastMs - RECENT_MS).sort(([one], [other]) => one - other);
}

/** Returns the view of a group from its record. */
export const viewFailures = ({ key, value, createdAt, changedAt }: StoredRecord): FailureGroup => {
  const { count, name, message, code, at, sample, names, recent } = JSON.parse(value) as FailureRow;
  const told = { name, message, ...(code === undefined ? {} : { code }) };
  const steps = recent.map(([startMs, inStep]) => ({ at: new Date(startMs), count: inStep }));
  return { group: key, count, ...told, firstAt: createdAt, lastAt: changedAt, at, sample, names, recent: steps };
};
