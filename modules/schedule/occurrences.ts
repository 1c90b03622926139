import type * as croner from 'croner';
import type { Cron } from 'croner';
import { DAY, MINUTE, SECOND } from '../../constants/limits';
import { HoldfastError } from '../errors/holdfastError';
import { cronFaultOf } from './cronFault';
import type { Bounds, Timing } from './schedule';
import { remembered } from '../values/remembered';
import { instantOf, localOf } from './wallClock';

/** Returns the first occurrence after an instant, or null. */
export type NextAfter = (afterMs: number) => number | null;

/** Shortest range of time that is searched for missed occurrences. */
const NARROWEST_MS = MINUTE;

/**
 * Returns the function that finds the occurrences of a timing. The set of occurrences does not depend on where the search begins.
 *
 * A cron expression with one second, one minute and one hour is a time of day and comes once a day. When clocks go forward over it, it comes at the end
 * of the gap; when they go back over it, it comes the first time. Every other expression comes whenever the local time matches: never in a gap, and
 * twice in an overlap.
 *
 * @throws HOLDFAST_OPTION_INVALID for an invalid expression or time zone.
 */
export function nextOf(timing: Timing): NextAfter {
  const next = within(timing.bounds);
  switch (timing.kind) {
    case 'once':
      return next((afterMs) => (timing.atMs > afterMs ? timing.atMs : null));
    case 'every':
      return next((afterMs) => nextTick(timing, afterMs));
    case 'cron':
      return next(nextOfCron(timing));
  }
}

type CronTiming = Extract<Timing, { kind: 'cron' }>;

/** Expressions that are kept parsed, and results that are kept of each. */
const MOST_EXPRESSIONS = 1_000;
const MOST_RESULTS = 16;

/** Parsing an expression takes 200 microseconds, and a search 100. Thousands of schedules may have one expression and be due at one instant. */
const nextOfCron = (timing: CronTiming): NextAfter => parsed(JSON.stringify([timing.cron, timing.timeZone]), timing);

const parsed = remembered(MOST_EXPRESSIONS, (_: string, timing: CronTiming): NextAfter => {
  const next = isTimeOfDay(timing.cron) ? nextTimeOfDay(timing) : nextMatch(timing);
  const found = remembered(MOST_RESULTS, next);
  return (afterMs) => found(afterMs);
});

function nextMatch({ cron, timeZone }: CronTiming): NextAfter {
  const reader = readCron(cron, timeZone);
  return (afterMs) => reader.nextRun(new Date(afterMs))?.getTime() ?? null;
}

/** Finds a time of day by its date first, and then converts it to an instant, because clocks may skip it or show it twice. */
function nextTimeOfDay({ cron, timeZone }: CronTiming): NextAfter {
  const reader = readCron(cron, timeZone, 'timing', 'UTC');
  return (afterMs) => {
    // Clocks may have changed by hours since.
    let local = reader.nextRun(new Date(localOf(afterMs, timeZone) - 2 * DAY));
    while (local !== null && instantOf(local.getTime(), timeZone) <= afterMs) local = reader.nextRun(local);
    return local && instantOf(local.getTime(), timeZone);
  };
}

/** Tells whether second, minute and hour are one number each. */
function isTimeOfDay(cron: string): boolean {
  const fields = cron.trim().split(/\s+/);
  if (fields.length === 1) return !/^@(hourly|minutely|secondly)$/i.test(cron.trim());
  return fields.slice(0, -3).every((field) => /^\d+$/.test(field));
}

/** Returns the next occurrences after an instant, at most `count`. */
export function nextTimes(timing: Timing, afterMs: number, count: number): number[] {
  const next = nextOf(timing);
  const times: number[] = [];
  for (let at = next(afterMs); at !== null && times.length < count; at = next(at)) times.push(at);
  return times;
}

/** Returns the earliest occurrences between two instants, both included, in order and at most `count`. */
export function earliestBetween(next: NextAfter, fromMs: number, toMs: number, count: number): number[] {
  const found: number[] = [];
  for (let at = next(fromMs - 1); at !== null && at <= toMs && found.length < count; at = next(at)) found.push(at);
  return found;
}

/** Returns the latest occurrences between two instants, both included, in order and at most `count`. */
export function latestBetween(next: NextAfter, fromMs: number, toMs: number, count: number): number[] {
  // A bisection between a start with too many occurrences to list, `manyMs`, and one with too few, `fewMs`.
  let manyMs: number | null = null;
  let fewMs = toMs + 1;
  const most = 2 * count + NARROWEST_MS / SECOND;
  for (let startMs = Math.max(fromMs, toMs - NARROWEST_MS); ;) {
    const found = earliestBetween(next, startMs, toMs, most);
    if (found.length >= most) manyMs = startMs;
    else if (found.length >= count || startMs <= fromMs) return found.slice(-count);
    else fewMs = startMs;
    startMs = manyMs === null ? Math.max(fromMs, toMs - 2 * (toMs - fewMs)) : Math.floor((manyMs + fewMs) / 2);
  }
}

/**
 * Parses a cron expression of five fields, of six with seconds first, or a nickname such as `@daily`.
 *
 * @throws HOLDFAST_OPTION_INVALID if it or its time zone is invalid, HOLDFAST_SCHEDULE_NEVER if no date matches it.
 */
export function checkCron(cron: string, timeZone: string, field: string): void {
  const reader = readCron(cron, timeZone, field);
  // The search ends, because the calendar repeats and the parser searches one cycle at most.
  if (reader.nextRun(new Date(0)) === null) throw new HoldfastError('HOLDFAST_SCHEDULE_NEVER', { field: `${field}.cron` });
}

function readCron(cron: string, timeZone: string, field = 'timing', calendar = timeZone): Cron {
  if (!isTimeZone(timeZone)) {
    throw new HoldfastError('HOLDFAST_OPTION_INVALID', {
      field: `${field}.timeZone`,
      expected: 'a time zone of the IANA database, as Europe/Berlin',
    });
  }
  try {
    if (!/^(@[a-z]+|\S+(\s+\S+){4,5})$/i.test(cron.trim())) throw new SyntaxError('not five or six fields');
    return new (require('croner') as typeof croner).Cron(cron.trim(), { timezone: calendar });
  } catch (cause) {
    throw new HoldfastError('HOLDFAST_OPTION_INVALID', { field: `${field}.cron`, ...cronFaultOf(cron), cause });
  }
}

function isTimeZone(timeZone: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone }).resolvedOptions().timeZone !== '';
  } catch {
    return false;
  }
}

const within =
  ({ startMs, endMs }: Bounds) =>
  (next: NextAfter): NextAfter =>
  (afterMs) => {
    const at = next(startMs === null ? afterMs : Math.max(afterMs, startMs - 1));
    return at === null || (endMs !== null && at > endMs) ? null : at;
  };

const nextTick = ({ everyMs, anchorMs }: Extract<Timing, { kind: 'every' }>, afterMs: number): number =>
  afterMs < anchorMs ? anchorMs : anchorMs + (Math.floor((afterMs - anchorMs) / everyMs) + 1) * everyMs;
