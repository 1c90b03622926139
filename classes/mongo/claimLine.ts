import { LOWEST_PRIORITY, SECOND } from '../../constants/limits';
import type { Clock } from '../../modules/time/clock';
import type { TaskDocument } from '../../modules/mongo/taskFields';
import { restAfterLook } from '../../modules/mongo/restAfterLook';
import { Lookahead } from './lookahead';
import type { FindScope } from './lookahead';

/**
 * Distance of each depth behind its last look, and the time between its looks. A deeper find catches tasks that came in below the marks: an insert
 * takes a while from reading the clock to being seen, in a transaction as long as that lasts. Claimed tasks there are dead keys, which cost 0.1 to
 * 0.3 µs each.
 */
const SLACK_MS = [SECOND / 10, 10 * SECOND, Infinity] as const;
const EVERY_MS = [SECOND / 20, 2 * SECOND] as const;

/** Depths of a find: down to its marks only, or the first of those above. */
export const AT_MARKS = -1;
export const NEAR = 0;

/**
 * Most that the rest of the head is stretched where other processes look there as well. They all find the same tasks, and most of their claims miss.
 */
const RARELY = 5;

/** Ranges whose starts are this close are one range: a command costs more than the keys between them. */
const NEARBY_MS = SECOND / 10;

export const PRIORITIES = LOWEST_PRIORITY + 1;

/** Priorities from `first` to before `end`, and the instant from which live keys may lie in them. */
export interface Range {
  readonly first: number;
  readonly end: number;
  readonly fromMs: number;
}

/** The position of a process in the waiting tasks of one queue. */
export class ClaimLine {
  /** Width of the window, in claims. */
  width = 1;
  /** The priority in which the last find ended, if it was full. */
  ended: number | undefined;
  /** Tasks that were found for the next claims. */
  readonly ahead = new Lookahead();
  readonly #clock: Clock;
  /** The instant of each priority up to which all tasks were found. */
  readonly #marks = filled(-Infinity);
  /** The earliest task of each priority that came in since the last find began. */
  readonly #late = filled(Infinity);
  /** Time of the store at the last look, for each depth and priority. */
  readonly #looks = SLACK_MS.map(() => filled(-Infinity));
  /** Time of the next look of each depth, by the clock of this process. */
  readonly #dueAt = SLACK_MS.map(() => -Infinity);

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Depth of the next find. */
  get depth(): number {
    const now = this.#clock.monotonic();
    const due = this.#dueAt.findLastIndex((at) => now >= at);
    return this.ended === undefined ? Math.max(due, NEAR) : due;
  }

  /** Returns the ranges that may have live keys, in the order of priorities. */
  ranges(depth: number, end = PRIORITIES): Range[] {
    const ranges: Range[] = [];
    for (let first = 0; first < end; first += 1) {
      const range = { first, end: first + 1, fromMs: this.startMs(depth, first) };
      const before = ranges.at(-1);
      if (before && areNear(before, range))
        ranges[ranges.length - 1] = { ...range, first: before.first, fromMs: Math.min(before.fromMs, range.fromMs) };
      else ranges.push(range);
    }
    return ranges;
  }

  /** Returns the instant from which a find of this depth looks in a priority. */
  startMs(depth: number, priority: number): number {
    const mark = Math.min(this.#marks[priority] as number, this.#late[priority] as number);
    const slackMs = SLACK_MS[depth];
    return slackMs === undefined ? mark : Math.min(mark, (this.#looks[depth]?.[priority] as number) - slackMs);
  }

  /** Notes that a task waits, so that the next find does not begin behind it. */
  cameIn(priority: number, availableMs: number): void {
    this.ahead.cameIn(priority, availableMs);
    this.#late[priority] = Math.min(this.#late[priority] as number, availableMs);
  }

  /** Notes that a find begins: it may miss tasks that come in from now on. */
  begin(): void {
    this.ahead.drop();
    this.#late.forEach((lateMs, priority) => (this.#marks[priority] = Math.min(this.#marks[priority] as number, lateMs)));
    this.#late.fill(Infinity);
  }

  /** Tells whether a task came in since then that belongs before this one. */
  hasBetterThan({ priority, availableAt }: TaskDocument): boolean {
    const dueMs = availableAt.getTime();
    return this.#late.some((lateMs, late) => (late < priority && lateMs < Infinity) || (late === priority && lateMs < dueMs));
  }

  /** Notes when the next looks down to this depth are due. */
  rest(depth: number, tookMs: number): void {
    const now = this.#clock.monotonic();
    for (let level = NEAR; level <= depth; level += 1) {
      this.#dueAt[level] = now + (EVERY_MS[level] ?? restAfterLook(tookMs, Math.min(this.width, RARELY)));
    }
  }

  /** Notes the result of a find. Behind the last task of a full one, nothing was seen. */
  note({ depth, end, nowMs, isExact }: FindScope, found: readonly TaskDocument[], isFull: boolean): void {
    const last = isFull ? found.at(-1) : undefined;
    const reached = last?.priority ?? end;
    if (isExact) this.#marks.fill(nowMs, 0, reached);
    else for (const { priority, availableAt } of found) this.#marks[priority] = Math.max(this.#marks[priority] as number, availableAt.getTime());
    if (last) this.#marks[last.priority] = last.availableAt.getTime();
    for (const level of this.#looks.slice(0, depth + 1)) level.fill(nowMs, 0, Math.min(reached + 1, end));
    if (last || end === PRIORITIES) this.ended = last?.priority;
  }

  /** Notes the first task that waits in a priority. Those behind it may have been claimed or not. */
  noteFirst(depth: number, { priority, availableAt }: TaskDocument, nowMs: number): void {
    this.#marks[priority] = availableAt.getTime();
    if (depth >= NEAR) this.#looks[NEAR]?.fill(nowMs, priority, priority + 1);
  }
}

const filled = (value: number): number[] => Array<number>(PRIORITIES).fill(value);

const areNear = (one: Range, other: Range): boolean => one.fromMs === other.fromMs || Math.abs(one.fromMs - other.fromMs) <= NEARBY_MS;
