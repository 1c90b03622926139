import { DAY, HOUR, MINUTE, SECOND } from '../../constants/limits';

/** The rows of statistics: of ten seconds of one process, and of minutes and hours of all processes. */
export type RowKind = 'seconds' | 'minutes' | 'hours';

/** The time that a row stands for, how long it is kept, and what its key begins with. */
export const ROWS: Readonly<Record<RowKind, { readonly ms: number; readonly keepMs: number; readonly prefix: string }>> = {
  seconds: { ms: 10 * SECOND, keepMs: DAY, prefix: 's' },
  minutes: { ms: MINUTE, keepMs: 3 * DAY, prefix: 'm' },
  hours: { ms: HOUR, keepMs: 90 * DAY, prefix: 'h' },
};

/** Time after its end in which the rows of a minute may still be under way. */
export const GRACE_MS = 30 * SECOND;

/** The key of the record that says up to when rows were added up. */
export const ROLLED_KEY = 'rolled';

/** Up to when rows were added up to minutes, and to hours, in milliseconds of the store. */
export interface Rolled {
  readonly minutes: number;
  readonly hours: number;
}

export const NOT_ROLLED: Rolled = Object.freeze({ minutes: 0, hours: 0 });

/** Digits of an instant in a key: keys are in the order of their texts. */
const DIGITS = 15;

/** Returns the key of the row of a time, or what the keys of several begin with. */
export const keyOfRow = (kind: RowKind, atMs: number, rest = ''): string => `${ROWS[kind].prefix}:${String(atMs).padStart(DIGITS, '0')}${rest}`;

/** Returns the beginning of the time that a row stands for. */
export const timeOfRow = (key: string): number => Number(key.slice(2, 2 + DIGITS));

/** Returns an instant without what is over of a span. */
export const floorTo = (ms: number, atMs: number): number => Math.floor(atMs / ms) * ms;

/** Returns up to when all rows of ten seconds have certainly come. */
export const closedAt = (nowMs: number): Rolled => {
  const minutes = floorTo(MINUTE, nowMs - GRACE_MS);
  return { minutes, hours: floorTo(HOUR, minutes) };
};

/** A part of the time, and the rows that hold it. */
export interface RowRange {
  readonly kind: RowKind;
  readonly fromMs: number;
  readonly toMs: number;
}

/**
 * Returns the rows to read for a time, so that nothing is read twice: hours where they were added up, then minutes, then ten seconds. A step shorter than
 * an hour or a minute needs the shorter rows.
 */
export function rangesOf(fromMs: number, toMs: number, stepMs: number, rolled: Rolled): RowRange[] {
  const untilHours = stepMs % HOUR === 0 ? Math.max(fromMs, Math.min(toMs, rolled.hours)) : fromMs;
  const untilMinutes = stepMs % MINUTE === 0 ? Math.max(untilHours, Math.min(toMs, rolled.minutes)) : untilHours;
  const ranges: RowRange[] = [
    { kind: 'hours', fromMs, toMs: untilHours },
    { kind: 'minutes', fromMs: untilHours, toMs: untilMinutes },
    { kind: 'seconds', fromMs: untilMinutes, toMs },
  ];
  return ranges.filter((range) => range.fromMs < range.toMs);
}
