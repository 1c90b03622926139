import type { mongo } from 'mongoose';
import { SECOND } from '../../constants/limits';
import type { Clock, Random } from '../../modules/time/clock';
import { CLAIM_INDEX, CLAIM_ORDER, IS_TASK, isTask } from '../../modules/mongo/mongoSchema';
import type { TaskDocument } from '../../modules/mongo/taskFields';
import { AT_MARKS, ClaimLine, NEAR, PRIORITIES } from './claimLine';
import type { Range } from './claimLine';
import type { FoundAtOnce } from '../../modules/mongo/findAtOnce';
import type { MongoConnection } from './mongoConnection';

/** Miss rate from which other processes are in the way, and the width of the window then, in claims: at first and at most. */
const TOO_MANY_MISSES = 0.05;
const WIDE = 4;
const WIDEST = 16;

/** Part of its width that a window keeps with each claim that does not miss. Narrowed at once, it would only miss again. */
const KEPT_WIDTH = 0.9;

/** Time after which a task that is due by the earliest bound of the server's clock is surely due, so that the server need not compare. */
const SURELY_DUE_MS = SECOND;

/** Most queues whose lines are kept. A forgotten one begins at its head again. */
const LINES = 1_000;

/** Parameters of a find. */
export interface WindowRequest {
  readonly queue: string;
  readonly limit: number;
  /** The earliest and the latest that the store's clock may show. */
  readonly earliestMs: number;
  readonly latestMs: number;
  readonly except: readonly unknown[];
  /** Returns the time that is left for the next command; throws if there is none. */
  readonly leftMs: () => number;
}

/** Fetches the first due tasks of a part of a queue, in the order of claims. */
export type Fetch = (filter: mongo.Filter<TaskDocument>, limit: number) => Promise<FoundAtOnce>;

/**
 * Finds what to claim next, in order, without walking over the keys that claims have left dead in the index (docs/decisions/0004).
 *
 * Where claims miss because other processes are after the same tasks, it skips ahead by a random number of claims, within a priority.
 */
export class ClaimWindow {
  readonly #findAtOnce: MongoConnection['findAtOnce'];
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #lines = new Map<string, ClaimLine>();

  constructor(connection: Pick<MongoConnection, 'findAtOnce'>, clock: Clock, random: Random) {
    this.#findAtOnce = (filter, options) => connection.findAtOnce(filter, options);
    this.#clock = clock;
    this.#random = random;
  }

  /** Tells whether the next find skips ahead or looks for tasks that were passed over. It then has to see suspects as well. */
  looksFar(queue: string): boolean {
    const line = this.#lineOf(queue);
    return line.width > 1 || line.depth > NEAR;
  }

  /** Returns filters for the parts of a queue in which tasks may wait. */
  ranges(queue: string): object[] {
    const ranges = this.#lineOf(queue).ranges(NEAR);
    return ranges.map((range) => rangeFilter(range));
  }

  /** Returns up to `limit` due tasks, best first. */
  async find(request: WindowRequest): Promise<TaskDocument[]> {
    const line = this.#lineOf(request.queue);
    if (line.depth > NEAR) return this.#findInOrder(request, line, line.depth);
    const ahead = line.width > 1 ? await this.#findBetterOrAhead(request, line) : this.#takeKept(request, line);
    return ahead.length > 0 ? ahead : this.#findInOrder(request, line, line.depth);
  }

  /**
   * Fetches the best due task by a command of the caller.
   *
   * @param isExact the command passes over nothing that is due.
   */
  async findOne(request: Omit<WindowRequest, 'limit'>, fetch: Fetch, isExact: boolean): Promise<TaskDocument | undefined> {
    const line = this.#lineOf(request.queue);
    const [task] = await this.#findInOrder({ ...request, limit: 1 }, line, line.depth, { fetch, isExact });
    return task;
  }

  /** Notes how many tasks a claim tried and won. */
  note(queue: string, tried: number, won: number): void {
    const line = this.#lineOf(queue);
    const missed = tried === 0 ? 0 : 1 - won / tried;
    line.width = missed > TOO_MANY_MISSES ? widened(line.width) : narrowed(line.width);
    if (missed > 0) line.ahead.drop();
  }

  /** Notes that tasks of whatever queues and priorities wait again, from that instant on. */
  waitAgain(availableMs: number): void {
    for (const line of this.#lines.values()) for (let priority = 0; priority < PRIORITIES; priority += 1) line.cameIn(priority, availableMs);
  }

  /** Notes that a task came in, wherever the window is. */
  cameIn({ queue, priority, availableAt }: Pick<TaskDocument, 'queue' | 'priority' | 'availableAt'>): void {
    this.#lines.get(queue)?.cameIn(priority, availableAt.getTime());
  }

  /** Returns a filter for the due tasks of a queue down to a priority: one range, from the first that may have live keys. */
  filterOf(request: WindowRequest, worst: number): mongo.Filter<TaskDocument> {
    const line = this.#lineOf(request.queue);
    line.begin();
    const end = worst + 1;
    const fromMs = Math.min(...line.ranges(Math.max(line.depth, NEAR), end).map((range) => range.fromMs));
    const availableAt = fromMs > -Infinity ? { availableAt: { $gte: new Date(fromMs) } } : {};
    return dueFilter(request, { ...(end === PRIORITIES ? {} : { priority: { $lt: end } }), ...availableAt });
  }

  /** Notes what a find with such a filter has brought, and which of it are left. */
  noteFound(request: WindowRequest, worst: number, documents: readonly TaskDocument[], left: readonly TaskDocument[]): void {
    const line = this.#lineOf(request.queue);
    const [depth, end] = [Math.max(line.depth, NEAR), worst + 1];
    if (end === PRIORITIES) line.rest(depth, 0);
    line.note({ depth, end, nowMs: request.earliestMs, isExact: request.except.length === 0 }, documents, documents.length >= request.limit);
    for (const { priority, availableAt } of left) line.cameIn(priority, availableAt.getTime());
  }

  /** Forgets the window of a queue, because tasks that were found may not have been claimed. */
  forget(queue: string): void {
    this.#lines.delete(queue);
  }

  /** Takes tasks that an earlier find has fetched ahead. */
  #takeKept({ limit, except }: WindowRequest, line: ClaimLine): TaskDocument[] {
    const kept = except.length === 0 ? line.ahead.take(limit, this.#clock.monotonic()) : undefined;
    if (!kept) return [];
    line.note(kept.scope, kept.documents, true);
    return kept.documents;
  }

  async #findInOrder(
    request: WindowRequest,
    line: ClaimLine,
    depth: number,
    { end = PRIORITIES, ...variant }: FindVariant = {},
  ): Promise<TaskDocument[]> {
    const beganAt = this.#clock.monotonic();
    const { limit } = request;
    const size = end === PRIORITIES && !variant.fetch && line.width === 1 ? line.ahead.sizeFor(limit, beganAt) : limit;
    const { documents, isCut } = await this.#fetchRanges(request, line, { depth, end, size, fetch: variant.fetch ?? this.#fetchBy(request) });
    const found = documents.slice(0, limit);
    const isFull = isCut || found.length === limit;
    // Before it finds that there is no more, it looks a little below its marks as well.
    if (!isFull && depth === AT_MARKS) return this.#findInOrder(request, line, NEAR, { end, ...variant });
    if (end === PRIORITIES) line.rest(depth, this.#clock.monotonic() - beganAt);
    const scope = { depth, end, nowMs: request.earliestMs, isExact: (variant.isExact ?? true) && request.except.length === 0 };
    line.note(scope, found, isFull);
    // Beside a suspect, not all tasks that were found are claimed.
    if (documents.some(({ suspect }) => suspect)) for (const { priority, availableAt } of documents) line.cameIn(priority, availableAt.getTime());
    else if (isFull && !line.hasBetterThan(documents.at(-1) as TaskDocument)) line.ahead.keep(scope, documents.slice(limit), limit, beganAt);
    return found;
  }

  /** Fetches from one range after the other until there are enough. */
  async #fetchRanges(request: WindowRequest, line: ClaimLine, { depth, end, size, fetch }: FindExtent): Promise<FoundAtOnce> {
    const documents: TaskDocument[] = [];
    line.begin();
    for (const range of line.ranges(depth, end)) {
      const found = await fetch(dueFilter(request, rangeFilter(range)), size - documents.length);
      documents.push(...found.documents);
      if (found.isCut || documents.length >= request.limit) return { documents, isCut: found.isCut };
    }
    return { documents, isCut: false };
  }

  #fetchBy({ leftMs }: WindowRequest): Fetch {
    return (filter, limit) => this.#send(filter, limit, 0, leftMs());
  }

  /** Looks for better tasks than those where the last find ended first: they do not wait. */
  async #findBetterOrAhead(request: WindowRequest, line: ClaimLine): Promise<TaskDocument[]> {
    const { ended } = line;
    if (ended === undefined) return [];
    const better = ended > 0 ? await this.#findInOrder(request, line, NEAR, { end: ended }) : [];
    return better.length > 0 ? better : this.#findAhead(request, line, ended);
  }

  /**
   * Skips keys without fetching their documents. An expression on the clock of the server would read every document that is skipped, which is three
   * times as dear.
   */
  async #findAhead({ queue, limit, earliestMs, except, leftMs }: WindowRequest, line: ClaimLine, priority: number): Promise<TaskDocument[]> {
    const skip = Math.floor(this.#random() * line.width) * limit;
    const depth = Math.min(line.depth, NEAR);
    const availableAt = { $gte: new Date(line.startMs(depth, priority)), $lte: new Date(earliestMs - SURELY_DUE_MS) };
    const { documents, isCut } = await this.#send({ ...waitingFilter(queue, except), priority, availableAt }, limit, skip, leftMs());
    if (documents.length < limit && !isCut) line.width = 1;
    else if (skip === 0) {
      // Nothing waits before the first task where none was skipped.
      line.noteFirst(depth, documents[0] as TaskDocument, earliestMs);
      line.rest(depth, 0);
    }
    return documents.filter(isTask);
  }

  #send(filter: object, limit: number, skip: number, maxTimeMS: number): Promise<FoundAtOnce> {
    return this.#findAtOnce(filter, { sort: CLAIM_ORDER, hint: CLAIM_INDEX, limit, skip, maxTimeMS });
  }

  #lineOf(queue: string): ClaimLine {
    let line = this.#lines.get(queue);
    if (!line) this.#lines.set(queue, (line = new ClaimLine(this.#clock)));
    if (this.#lines.size > LINES) this.forget(this.#lines.keys().next().value as string);
    return line;
  }
}

/** A find with priorities better than `end` only, or by another command. An exact command passes over nothing that is due. */
interface FindVariant {
  readonly end?: number;
  readonly fetch?: Fetch;
  readonly isExact?: boolean;
}

/** The depth, the end and the size of a find. */
interface FindExtent {
  readonly depth: number;
  readonly end: number;
  readonly size: number;
  readonly fetch: Fetch;
}

const widened = (width: number): number => Math.min(WIDEST, Math.max(WIDE, width * 2));

const narrowed = (width: number): number => (width * KEPT_WIDTH < 2 ? 1 : width * KEPT_WIDTH);

function rangeFilter({ first, end, fromMs }: Range): RangeFilter {
  const priority = end - first === 1 ? first : { $in: Array.from({ length: end - first }, (_, index) => first + index) };
  if (fromMs > -Infinity) return { priority, availableAt: { $gte: new Date(fromMs) } };
  return end - first === PRIORITIES ? {} : { priority: end - first === 1 ? first : { $gte: first, $lt: end } };
}

interface RangeFilter {
  readonly priority?: mongo.Condition<number>;
  readonly availableAt?: { readonly $gte: Date };
}

const waitingFilter = (queue: string, except: readonly unknown[]): object => ({
  queue,
  state: 'waiting',
  ...(except.length > 0 ? { _id: { $nin: except } } : {}),
});

/**
 * Matches tasks that are due by the clock of the server. The plain date bounds the scan of the index, which an expression cannot. The type of the id
 * must not bound it: each key would be tested for it, also keys that are skipped or dead.
 */
const dueFilter = ({ queue, latestMs, except }: WindowRequest, { availableAt, ...range }: RangeFilter): mongo.Filter<TaskDocument> => ({
  ...waitingFilter(queue, except),
  ...range,
  availableAt: { ...availableAt, $lte: new Date(latestMs) },
  $expr: { $and: [{ $lte: ['$availableAt', '$$NOW'] }, IS_TASK] },
});
