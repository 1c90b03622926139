import type { mongo } from 'mongoose';
import { LOWEST_PRIORITY, MINUTE, SECOND } from '../constants/limits';
import type { Clock, Random } from '../modules/clock';
import { CLAIM_INDEX, CLAIM_ORDER } from '../modules/mongoSchema';
import type { TaskDocument } from '../modules/mongoSchema';
import type { FindAtOnce, MongoConnection } from './mongoConnection';

/** How long a claimed key stays in the claim index, dead: `minSnapshotHistoryWindowInSeconds` of the server. */
const DEAD_KEYS_MS = 5 * MINUTE;

/** From so many dead keys on a find begins at the marks: they cost 0.3 µs each, so it is from here that it is worth two finds. */
const DEAD_KEYS_WORTH_IT = 1_000;

/**
 * How often a find begins at the head all the same, for what came in below a mark; so many times less often where other processes look there as
 * well: at the head they all find the same tasks, and most of their claims miss.
 */
const HEAD_EVERY_MS = 2 * SECOND;
const HEAD_RARELY = 5;

/** How far below a mark a find begins: an insert takes a while from reading the clock to being seen. */
const SLACK_MS = 100;

/**
 * How often it does so while every find is full. What was claimed a moment ago lies dead there, thousands of keys of a backlog that was added in
 * bulk: to walk over them for ten tasks at a time cost more than to claim these.
 */
const SLACK_EVERY_MS = 50;

/** The miss rate from which other processes are in the way, and how many claims wide the window then becomes, at first and at most. */
const TOO_MANY_MISSES = 0.05;
const WIDE = 4;
const WIDEST = 16;

/** How much of its width a window keeps with each claim that does not miss: narrowed at once, it would only miss again. */
const KEPT_WIDTH = 0.9;

/** What is due so long by the earliest that the server's clock may show is due by that clock itself, which then need not be asked. */
const SURELY_DUE_MS = SECOND;

/** What a find asks for. */
export interface WindowRequest {
  readonly queue: string;
  readonly limit: number;
  /** The earliest and the latest that the store's clock may show. */
  readonly earliestMs: number;
  readonly latestMs: number;
  readonly except: readonly unknown[];
  readonly maxTimeMS: number;
}

interface Line {
  /** The latest `availableAt` seen of each priority. */
  readonly marks: Map<number, number>;
  /** The same, as they were after the last find with slack. */
  earlier: ReadonlyMap<number, number>;
  claimed: number;
  claimedAt: number;
  headAt: number;
  slackAt: number;
  /** The last find brought all that it was asked for. */
  isFull: boolean;
  /** How many claims wide the window is. */
  width: number;
}

/**
 * Finds what to claim next, in order, without walking over the keys that its own claims left dead at the head of the index.
 *
 * Where claims miss because other processes are after the same tasks, it skips ahead by a random number of claims, within a priority.
 */
export class ClaimWindow {
  readonly #findAtOnce: (filter: mongo.Filter<TaskDocument>, options: FindAtOnce) => Promise<TaskDocument[]>;
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #lines = new Map<string, Line>();

  constructor(connection: Pick<MongoConnection, 'findAtOnce'>, clock: Clock, random: Random) {
    this.#findAtOnce = (filter, options) => connection.findAtOnce(filter, options);
    this.#clock = clock;
    this.#random = random;
  }

  /** Tells whether a single task is better found here than claimed at the head: past dead keys, or to see whether suspects wait. */
  isWanted(queue: string): boolean {
    const line = this.#lineOf(queue);
    return usesMarks(line) || this.#isHeadDue(line);
  }

  /** The parts of a queue that may hold live keys, as filters; one for all of it while the head has to be looked at. */
  ranges(queue: string): object[] {
    const line = this.#lineOf(queue);
    return usesMarks(line) && !this.#isHeadDue(line) ? rangesOf(line, true) : [{}];
  }

  /** Returns up to `limit` due tasks, best first. */
  async find(request: WindowRequest): Promise<TaskDocument[]> {
    const line = this.#lineOf(request.queue);
    if (!usesMarks(line) || this.#isHeadDue(line)) return this.#findFromHead(request, line);
    const ahead = line.width > 1 ? await this.#findBetterOrAhead(request, line) : [];
    return ahead.length > 0 ? ahead : this.#findFromMarks(request, line);
  }

  /** Notes how many were tried and won by a claim. */
  note(queue: string, tried: number, won: number): void {
    const line = this.#lineOf(queue);
    const missed = tried === 0 ? 0 : 1 - won / tried;
    line.width = missed > TOO_MANY_MISSES ? widened(line.width) : narrowed(line.width);
    line.claimed += won;
    if (won > 0) line.claimedAt = this.#clock.monotonic();
  }

  async #findFromHead(request: WindowRequest, line: Line): Promise<TaskDocument[]> {
    line.headAt = this.#clock.monotonic();
    const found = await this.#ask(request, {}, request.limit);
    const isFull = found.length === request.limit;
    // A full window from below a mark goes on from there.
    if (isFull) line.marks.clear();
    this.#mark(line, found);
    this.#noteSlack(line, isFull ? found.at(-1) : undefined);
    return found;
  }

  async #findFromMarks(request: WindowRequest, line: Line): Promise<TaskDocument[]> {
    const hasSlack = this.#wantsSlack(line);
    const found: TaskDocument[] = [];
    for (const range of rangesOf(line, hasSlack, new Date(request.latestMs))) {
      const missing = request.limit - found.length;
      if (missing > 0) found.push(...(await this.#ask(request, range, missing)));
    }
    line.isFull = found.length === request.limit;
    if (!line.isFull && !hasSlack) return this.#findFromMarks(request, line);
    this.#mark(line, found);
    if (hasSlack) this.#noteSlack(line, line.isFull ? found.at(-1) : undefined);
    return found;
  }

  /** What is better than all that has been seen does not wait until the head is looked at again. */
  async #findBetterOrAhead(request: WindowRequest, line: Line): Promise<TaskDocument[]> {
    const best = Math.min(...line.marks.keys());
    if (best === Infinity) return [];
    const better = best > 0 ? this.#mark(line, await this.#ask(request, between(0, best), request.limit)) : [];
    return better.length > 0 ? better : this.#findAhead(request, line, best);
  }

  /** Past keys that are not fetched: an expression on the server's clock would have every document read that is skipped, three times as dear. */
  async #findAhead({ queue, limit, earliestMs, except, maxTimeMS }: WindowRequest, line: Line, best: number): Promise<TaskDocument[]> {
    const skip = Math.floor(this.#random() * line.width) * limit;
    const hasSlack = this.#wantsSlack(line);
    const due = fromMark(line, best, hasSlack, new Date(earliestMs - SURELY_DUE_MS));
    const found = await this.#send({ ...waitingFilter(queue, except), ...due }, limit, skip, maxTimeMS);
    line.isFull = found.length === limit;
    if (found.length < limit) line.width = 1;
    else if (skip === 0) {
      // Nothing that waits is before the first where none was skipped.
      this.#mark(line, found.slice(0, 1));
      if (hasSlack) this.#noteSlack(line, found[0]);
    }
    return found;
  }

  #ask({ queue, latestMs, except, maxTimeMS }: WindowRequest, narrower: object, limit: number): Promise<TaskDocument[]> {
    return this.#send({ ...dueFilter(queue, latestMs, except), ...narrower }, limit, 0, maxTimeMS);
  }

  #send(filter: object, limit: number, skip: number, maxTimeMS: number): Promise<TaskDocument[]> {
    return this.#findAtOnce(filter, { sort: CLAIM_ORDER, hint: CLAIM_INDEX, limit, skip, maxTimeMS });
  }

  #mark(line: Line, found: TaskDocument[]): TaskDocument[] {
    for (const { priority, availableAt } of found) {
      line.marks.set(priority, Math.max(line.marks.get(priority) ?? 0, availableAt.getTime()));
    }
    return found;
  }

  /** @param last where a full find ended: what waits behind it, also below a mark, was not seen. */
  #noteSlack(line: Line, last: TaskDocument | undefined): void {
    if (last) line.marks.set(last.priority, last.availableAt.getTime());
    const wasSeen = (priority: number): boolean => priority <= (last?.priority ?? LOWEST_PRIORITY);
    line.earlier = new Map(Array.from(line.marks, ([priority, mark]) => [priority, wasSeen(priority) ? mark : (line.earlier.get(priority) ?? mark)]));
    line.slackAt = this.#clock.monotonic();
  }

  #wantsSlack({ isFull, slackAt }: Line): boolean {
    return !isFull || this.#clock.monotonic() - slackAt >= SLACK_EVERY_MS;
  }

  #isHeadDue(line: Line): boolean {
    return this.#clock.monotonic() - line.headAt >= HEAD_EVERY_MS * Math.min(line.width, HEAD_RARELY);
  }

  #lineOf(queue: string): Line {
    const known = this.#lines.get(queue);
    if (known && this.#clock.monotonic() - known.claimedAt < DEAD_KEYS_MS) return known;
    const line = newLine(this.#clock.monotonic());
    this.#lines.set(queue, line);
    return line;
  }
}

const newLine = (nowMs: number): Line => ({
  marks: new Map(),
  earlier: new Map(),
  claimed: 0,
  claimedAt: nowMs,
  headAt: -Infinity,
  slackAt: -Infinity,
  isFull: false,
  width: 1,
});

const widened = (width: number): number => Math.min(WIDEST, Math.max(WIDE, width * 2));

const narrowed = (width: number): number => (width * KEPT_WIDTH < 2 ? 1 : width * KEPT_WIDTH);

const usesMarks = (line: Line): boolean => line.claimed >= DEAD_KEYS_WORTH_IT || line.width > 1;

/** In the order of priorities: from its mark where there is one, and all at once those between two that have none. */
function rangesOf(line: Line, hasSlack: boolean, until?: Date): object[] {
  const ranges: object[] = [];
  let next = 0;
  for (const priority of [...line.marks.keys(), LOWEST_PRIORITY + 1].sort((a, b) => a - b)) {
    if (priority > next) ranges.push(between(next, priority));
    if (line.marks.has(priority)) ranges.push(fromMark(line, priority, hasSlack, until));
    next = priority + 1;
  }
  return ranges;
}

/** From the first of two priorities on, up to the second without it. */
const between = (from: number, until: number): object => ({ priority: { $gte: from, $lt: until } });

const fromMark = (line: Line, priority: number, hasSlack: boolean, until?: Date): object => {
  const mark = line.marks.get(priority) ?? 0;
  const from = hasSlack ? (line.earlier.get(priority) ?? mark) - SLACK_MS : mark;
  return { priority, availableAt: { $gte: new Date(from), ...(until ? { $lte: until } : {}) } };
};

const waitingFilter = (queue: string, except: readonly unknown[]): object => ({
  queue,
  state: 'waiting',
  ...(except.length > 0 ? { _id: { $nin: except } } : {}),
});

/** Due by the server's own clock; the plain date bounds the scan of the index, which an expression cannot. */
export const dueFilter = (queue: string, latestMs: number, except: readonly unknown[]): mongo.Filter<TaskDocument> => ({
  ...waitingFilter(queue, except),
  availableAt: { $lte: new Date(latestMs) },
  $expr: { $lte: ['$availableAt', '$$NOW'] },
});
