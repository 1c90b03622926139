import type { TaskError } from '../../constants/events';
import { DAY, HISTORY_TEXT_CHARACTERS, MINUTE } from '../../constants/limits';
import { ownFrame } from '../errors/failureGroup';
import type { StoredRecord } from '../ports/recordStore';
import type { TaskHead } from '../task/task';
import { clipText } from '../values/clipText';
import { floorTo } from './statisticsRows';

/** How long a group is kept after its last failure. */
export const GROUP_KEPT_MS = 90 * DAY;

/** Most queues and names of a group that are counted by themselves, and characters of the message that is kept of each. */
const MOST_NAMES = 50;
const NAME_MESSAGE_CHARACTERS = 200;

/** Length of a step of `recent`, and the time that all its steps stand for. */
export const RECENT_STEP_MS = 10 * MINUTE;
const RECENT_MS = DAY;

/** Failures of one name in one queue. */
export interface FailuresOfName {
  readonly queue: string;
  readonly name: string;
  readonly count: number;
}

/** A task that failed with an error of a group. */
export interface FailureSample {
  readonly id: string;
  readonly queue: string;
  readonly name: string;
}

/** When failures were: the first and the last of them, in milliseconds of the store. Before they are written, of the clock of their process that never steps. */
interface FailureTimes {
  readonly firstMs: number;
  readonly lastMs: number;
}

/** The failures of a name in a row, with the last one of them. */
export interface NameRow extends FailuresOfName, FailureTimes {
  readonly id: string;
  readonly message: string;
}

/** The beginning of a step, in milliseconds of the store, and the failures in it. */
type RecentStep = readonly [startMs: number, count: number];

/** The parts of a record that make a row. */
export type FailureRecord = Pick<StoredRecord, 'value' | 'createdAt' | 'changedAt'>;

/** The value of a group's record. */
export interface FailureRow extends Pick<TaskError, 'name' | 'message' | 'code'>, FailureTimes {
  readonly count: number;
  /** The top frame of the user's own code, or null. */
  readonly at: string | null;
  readonly sample: FailureSample;
  readonly names: readonly NameRow[];
  /** In the order of time; empty until the row is written. */
  readonly recent: readonly RecentStep[];
}

/**
 * Makes the row of one failure.
 *
 * @param before the row of others of its group, which has the frame already.
 */
export function rowOfFailure(
  { id, queue, name }: TaskHead,
  { name: errorName, message, code, stack }: TaskError,
  atMs: number,
  before?: FailureRow,
): FailureRow {
  const times = { firstMs: atMs, lastMs: atMs };
  return {
    ...{ count: 1, name: errorName, message: clipText(message, HISTORY_TEXT_CHARACTERS) },
    ...(code === undefined ? {} : { code }),
    ...{ at: before ? before.at : ownFrame(stack), sample: { id, queue, name }, ...times, recent: [] },
    names: [{ queue, name, count: 1, id, message: clipText(message, NAME_MESSAGE_CHARACTERS), ...times }],
  };
}

/** Returns a row with its times by the clock of the store, which is ahead of that of its process by so much. */
export function countedBy(row: FailureRow, aheadMs: number): FailureRow {
  const timesOf = ({ firstMs, lastMs }: FailureTimes): FailureTimes => ({
    firstMs: Math.round(firstMs + aheadMs),
    lastMs: Math.round(lastMs + aheadMs),
  });
  const { lastMs } = timesOf(row);
  const names = row.names.map((each) => ({ ...each, ...timesOf(each) }));
  return { ...row, ...timesOf(row), names, recent: [[floorTo(RECENT_STEP_MS, lastMs), row.count]] };
}

/** Reads the row of a record. One that was written before the times were kept has those of the record. */
export function failureRowIn({ value, createdAt, changedAt }: FailureRecord): FailureRow {
  const row = JSON.parse(value) as FailureRow;
  if ((row.firstMs as number | undefined) !== undefined) return row;
  const times = { firstMs: createdAt.getTime(), lastMs: changedAt.getTime() };
  return { ...row, ...times, names: row.names.map((each) => ({ ...each, ...times, id: row.sample.id, message: row.message })) };
}

/** Adds up the failures of two rows. The newer error is shown. */
export function addFailures(one: FailureRow, other: FailureRow): FailureRow {
  const newer = other.lastMs >= one.lastMs ? other : one;
  const names = [...one.names];
  for (const each of other.names) {
    const at = names.findIndex(({ queue, name }) => queue === each.queue && name === each.name);
    const known = names[at];
    if (known) names[at] = { ...(each.lastMs >= known.lastMs ? each : known), ...timesOfBoth(known, each), count: known.count + each.count };
    else if (names.length < MOST_NAMES) names.push(each);
  }
  return { ...newer, ...timesOfBoth(one, other), count: one.count + other.count, names, recent: addSteps(one.recent, other.recent) };
}

const timesOfBoth = (one: FailureTimes, other: FailureTimes): FailureTimes => ({
  firstMs: Math.min(one.firstMs, other.firstMs),
  lastMs: Math.max(one.lastMs, other.lastMs),
});

function addSteps(before: readonly RecentStep[], steps: readonly RecentStep[]): RecentStep[] {
  const counts = new Map(before);
  for (const [startMs, count] of steps) counts.set(startMs, (counts.get(startMs) ?? 0) + count);
  const lastMs = Math.max(...counts.keys());
  return [...counts].filter(([startMs]) => startMs > lastMs - RECENT_MS).sort(([one], [other]) => one - other);
}
