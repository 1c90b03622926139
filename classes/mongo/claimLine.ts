import { LOWEST_PRIORITY, SECOND } from '../../constants/limits';
import type { Clock } from '../../modules/time/clock';
import type { TaskDocument } from '../../modules/mongo/taskFields';
import { restAfterLook } from '../../modules/mongo/restAfterLook';
import { Lookahead } from './lookahead';
import type { Look } from './lookahead';

/**
 * How far behind the last look of its kind a find begins, for what came in below its marks, and how often where that is not the head: an insert takes
 * a while from reading the clock to being seen, one in a caller's transaction as long as that. What was claimed there lies dead, and costs 0.1 to
 * 0.3 µs a key.
 */
const SLACK_MS = [SECOND / 10, 10 * SECOND, Infinity] as const;
const EVERY_MS = [SECOND / 20, 2 * SECOND] as const;

/** How deep a find looks: no deeper than its marks, or as those above. */
export const AT_MARKS = -1;
export const NEAR = 0;

/** How many times longer the head rests at most where other processes look there as well: they all find the same tasks, and most of their claims miss. */
const RARELY = 5;

/** Neighbours that begin so near to each other are one range: a command costs more than the keys between them. */
const NEARBY_MS = SECOND / 10;

export const PRIORITIES = LOWEST_PRIORITY + 1;

/** Priorities from `first` to before `end`, of which live keys may lie from an instant of the store's clock on. */
export interface Range {
  readonly first: number;
  readonly end: number;
  readonly fromMs: number;
}

/** What a process knows of the line of waiting tasks of one queue. */
export class ClaimLine {
  /** How many claims wide the window is. */
  width = 1;
  /** The priority in which the last find ended, if it was full. */
  ended: number | undefined;
  /** What was found for claims to come. */
  readonly ahead = new Lookahead();
  readonly #clock: Clock;
  /** Of each priority the instant up to which all that was there was found. */
  readonly #marks = filled(-Infinity);
  /** The earliest that came in since the last find began. */
  readonly #late = filled(Infinity);
  /** Of each depth and priority the store's time at the last look. */
  readonly #looks = SLACK_MS.map(() => filled(-Infinity));
  /** Of each depth when the next look is due, by the clock of this process. */
  readonly #dueAt = SLACK_MS.map(() => -Infinity);

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** How deep the next find has to look. */
  get depth(): number {
    const now = this.#clock.monotonic();
    const due = this.#dueAt.findLastIndex((at) => now >= at);
    return this.ended === undefined ? Math.max(due, NEAR) : due;
  }

  /** Where live keys may lie, in the order of priorities. */
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

  /** From which instant on a find so deep looks in a priority. */
  startMs(depth: number, priority: number): number {
    const mark = Math.min(this.#marks[priority] as number, this.#late[priority] as number);
    const slackMs = SLACK_MS[depth];
    return slackMs === undefined ? mark : Math.min(mark, (this.#looks[depth]?.[priority] as number) - slackMs);
  }

  /** Has the next find begin where a task waits, if that is below its mark. */
  cameIn(priority: number, availableMs: number): void {
    this.ahead.cameIn(priority, availableMs);
    this.#late[priority] = Math.min(this.#late[priority] as number, availableMs);
  }

  /** A find begins: what comes in from here on it may miss. */
  begin(): void {
    this.ahead.drop();
    this.#late.forEach((lateMs, priority) => (this.#marks[priority] = Math.min(this.#marks[priority] as number, lateMs)));
    this.#late.fill(Infinity);
  }

  /** Tells whether something came in since then that belongs before a task. */
  hasBetterThan({ priority, availableAt }: TaskDocument): boolean {
    const dueMs = availableAt.getTime();
    return this.#late.some((lateMs, late) => (late < priority && lateMs < Infinity) || (late === priority && lateMs < dueMs));
  }

  /** Notes when the next looks down to this depth are due, after one that took so long. */
  rest(depth: number, tookMs: number): void {
    const now = this.#clock.monotonic();
    for (let level = NEAR; level <= depth; level += 1) {
      this.#dueAt[level] = now + (EVERY_MS[level] ?? restAfterLook(tookMs, Math.min(this.width, RARELY)));
    }
  }

  /** Notes what a find has brought; if it is full, what lies behind its last task was not seen. */
  note({ depth, end, nowMs, isExact }: Look, found: readonly TaskDocument[], isFull: boolean): void {
    const last = isFull ? found.at(-1) : undefined;
    const reached = last?.priority ?? end;
    if (isExact) this.#marks.fill(nowMs, 0, reached);
    else for (const { priority, availableAt } of found) this.#marks[priority] = Math.max(this.#marks[priority] as number, availableAt.getTime());
    if (last) this.#marks[last.priority] = last.availableAt.getTime();
    for (const level of this.#looks.slice(0, depth + 1)) level.fill(nowMs, 0, Math.min(reached + 1, end));
    if (last || end === PRIORITIES) this.ended = last?.priority;
  }

  /** Notes the first that waits in a priority: nothing waits before it, and what lies behind it may have been claimed or not. */
  noteFirst(depth: number, { priority, availableAt }: TaskDocument, nowMs: number): void {
    this.#marks[priority] = availableAt.getTime();
    if (depth >= NEAR) this.#looks[NEAR]?.fill(nowMs, priority, priority + 1);
  }
}

const filled = (value: number): number[] => Array<number>(PRIORITIES).fill(value);

const areNear = (one: Range, other: Range): boolean => one.fromMs === other.fromMs || Math.abs(one.fromMs - other.fromMs) <= NEARBY_MS;
