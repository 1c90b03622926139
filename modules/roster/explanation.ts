import { DAY, HOUR, MINUTE, SECOND } from '../../constants/limits';
import type { BulkCount } from '../ports/bulk';
import type { Task } from '../task/task';
import { oneLine } from '../values/oneLine';
import type { ProcessView } from './processRow';

/** Why a task is where it is, by code. */
export type ExplanationCode =
  | 'succeeded'
  | 'cancelled'
  | 'dead'
  | 'running'
  | 'in-flight'
  | 'moving'
  | 'sleeping'
  | 'waiting-for-signal'
  | 'snoozed'
  | 'retrying'
  | 'delayed'
  | 'paused'
  | 'no-process'
  | 'draining'
  | 'no-handler'
  | 'suspect'
  | 'dead-letter'
  | 'others-first'
  | 'no-slot'
  | 'next';

/** Why a task is where it is. */
export interface Explanation {
  /** The reason, for a program. */
  readonly code: ExplanationCode;
  /** The reason in a sentence, for a reader. */
  readonly text: string;
}

/** What is known of a task and of those who may run it. */
export interface Circumstances {
  readonly task: Task;
  /** The time of the store. */
  readonly nowMs: number;
  readonly isPaused: boolean;
  readonly processes: readonly ProcessView[];
  /** The due tasks that come before it in its queue. */
  readonly before: BulkCount;
  /** Attempts of its queue that ended in a second lately; 0 if that is not known. */
  readonly ratePerSecond: number;
}

const UNITS: readonly (readonly [ms: number, unit: string])[] = [
  [DAY, 'd'],
  [HOUR, 'h'],
  [MINUTE, 'min'],
  [SECOND, 's'],
];

/** Returns a length of time for a reader: in the largest unit of which there are at least two, rounded. */
export function aboutTime(ms: number): string {
  const [unitMs, unit] = UNITS.find(([size]) => ms >= 2 * size) ?? [SECOND, 's'];
  return `${Math.max(0, Math.round(ms / unitMs))} ${unit}`;
}

/** Returns how many come before it, or null if none does. */
export function explainOthers({ before: { count, isExact }, ratePerSecond }: Pick<Circumstances, 'before' | 'ratePerSecond'>): Explanation | null {
  if (count === 0) return null;
  const others = `${isExact ? '' : 'More than '}${count.toLocaleString('en-US')} ${count === 1 ? 'other comes' : 'others come'} first`;
  const time = aboutTime((count / ratePerSecond) * SECOND);
  const rate = ratePerSecond > 0 ? ` (${isExact ? 'about' : 'more than'} ${time} at the present rate)` : '';
  return { code: 'others-first', text: `${others}${rate}.` };
}

/** Names a queue, a task or a step. */
export const quoted = (name: string): string => `“${oneLine(name)}”`;
