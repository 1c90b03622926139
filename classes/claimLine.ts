import { LOWEST_PRIORITY, SECOND } from '../constants/limits';
import type { Clock } from '../modules/clock';
import type { TaskDocument } from '../modules/mongoSchema';
import { Lookahead } from './lookahead';

/**
 * How far behind the last look of its kind a find begins, and how often, for what came in below its marks: an insert takes a while from reading the
 * clock to being seen, one in a caller's transaction as long as that. What was claimed there lies dead, and costs 0.1 to 0.3 µs a key.
 */
const LOOKS = [
  { slackMs: SECOND / 10, everyMs: SECOND / 20 },
  { slackMs: 10 * SECOND, everyMs: 2 * SECOND },
  { slackMs: Infinity, everyMs: 2 * SECOND },
] as const;

/** How deep a find looks: no deeper than its marks, or as the looks above. */
export const AT_MARKS = -1;
export const NEAR = 0;

/** A deep look that took long is followed by so many times that time without one, at most so much. */
const RESTS = 200;
const LONGEST_REST_MS = 20 * SECOND;

/** How many times longer at most where other processes look there as well: they all find the same tasks, and most of their claims miss. */
const RARELY = 5;

const PRIORITIES = LOWEST_PRIORITY + 1;

/** Priorities from `first` to before `end`, of which live keys may lie from an instant of the store's clock on. */
export interface Range {
  readonly first: number;
  readonly end: number;
  readonly fromMs: number;
}

/** A find that is under way. */
export interface Look {
  readonly depth: number;
  /** Only priorities better than this one. */
  readonly end: number;
  /** The earliest that the store's clock showed when it began. */
  readonly nowMs: number;
  /** It passes over nothing that waits and is due. */
  readonly isExact: boolean;
}

/** What a process knows of the line of waiting tasks of one queue. */
export class ClaimLine {
  /** How many claims wide the window is. */
  width = 1;
  /** The priority in which the last find ended, if it was full. */
  ended: number | undefined;
  readonly ahead = new Lookahead();
  readonly #clock: Clock;
  /** Of each priority the instant up to which all that was there was found. */
  readonly #marks = filled(-Infinity);
  /** The earliest that came in since the last find began. */
  readonly #late = filled(Infinity);
  /** Of each depth and priority the store's time at the last look. */
  readonly #looks = LOOKS.map(() => filled(-Infinity));
  /** Of each depth when the next look is due, by the clock of this process. */
  readonly #dueAt = LOOKS.map(() => -Infinity);

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
      const fromMs = this.startMs(depth, first);
      const before = ranges.at(-1);
      if (before?.fromMs === fromMs) ranges[ranges.length - 1] = { ...before, end: first + 1 };
      else ranges.push({ first, end: first + 1, fromMs });
    }
    return ranges;
  }

  /** From which instant on a find so deep looks in a priority. */
  startMs(depth: number, priority: number): number {
    const mark = Math.min(this.#marks[priority] as number, this.#late[priority] as number);
    const look = LOOKS[depth];
    return look ? Math.min(mark, (this.#looks[depth]?.[priority] as number) - look.slackMs) : mark;
  }

  /** Has the next find begin where a task came in, if that is below its mark. */
  cameIn(priority: number, availableMs: number): void {
    this.ahead.cameIn(priority, availableMs);
    this.#late[priority] = Math.min(this.#late[priority] as number, availableMs);
  }

  /** A find begins: what comes in from here on it may miss. */
  begin(): void {
    this.#late.forEach((lateMs, priority) => this.#goTo(priority, Math.min(this.#marks[priority] as number, lateMs)));
    this.#late.fill(Infinity);
  }

  /** Notes when the next looks down to this depth are due, after one that took so long. */
  rest(depth: number, tookMs: number): void {
    const now = this.#clock.monotonic();
    const restMs = Math.min(RESTS * tookMs, LONGEST_REST_MS);
    LOOKS.slice(0, depth + 1).forEach(({ everyMs }, level) => {
      const rarely = level === NEAR ? 1 : Math.min(this.width, RARELY);
      this.#dueAt[level] = now + rarely * (level === depth && level > NEAR ? Math.max(everyMs, restMs) : everyMs);
    });
  }

  /** Notes what a find has brought; if it is full, what lies behind its last task was not seen. */
  note({ depth, end, nowMs, isExact }: Look, found: readonly TaskDocument[], isFull: boolean): void {
    const last = isFull ? found.at(-1) : undefined;
    const reached = last?.priority ?? end;
    if (isExact) for (let priority = 0; priority < reached; priority += 1) this.#goTo(priority, nowMs);
    else for (const { priority, availableAt } of found) this.#goTo(priority, Math.max(this.#marks[priority] as number, availableAt.getTime()));
    if (last) this.#goTo(last.priority, last.availableAt.getTime());
    for (let level = NEAR; level <= depth; level += 1) this.#looks[level]?.fill(nowMs, 0, Math.min(reached + 1, end));
    if (last || end === PRIORITIES) this.ended = last?.priority;
  }

  /** Notes the first that waits in a priority: behind it nothing was claimed for sure. */
  noteFirst(depth: number, { priority, availableAt }: TaskDocument, nowMs: number): void {
    this.#goTo(priority, availableAt.getTime());
    if (depth >= NEAR) this.#looks[NEAR]?.fill(nowMs, priority, priority + 1);
  }

  #goTo(priority: number, availableMs: number): void {
    this.#marks[priority] = availableMs;
  }
}

const filled = (value: number): number[] => Array<number>(PRIORITIES).fill(value);
