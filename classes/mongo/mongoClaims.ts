import type { mongo } from 'mongoose';
import { chunksOf } from '../../modules/values/chunksOf';
import { groupBy } from '../../modules/values/groupBy';
import { LOWEST_PRIORITY, SECOND } from '../../constants/limits';
import { deadlineIn } from '../../modules/ports/deadline';
import type { Clock } from '../../modules/time/clock';
import { after, takeBest } from '../../modules/ports/takeBest';
import { changedTask, CLAIM_INDEX, CLAIM_KEY, CLAIM_ORDER, isTask, taskOfDocument } from '../../modules/mongo/mongoSchema';
import type { TaskDocument } from '../../modules/mongo/taskFields';
import { BY_ID } from '../../modules/mongo/taskFilters';
import { COMMAND_TASKS } from '../../modules/mongo/mongoSettle';
import type { MongoKeys } from '../../modules/mongo/mongoKeys';
import type { Task } from '../../modules/task/task';
import type { ClaimWindow, WindowRequest } from './claimWindow';
import type { FoundAtOnce } from '../../modules/mongo/findAtOnce';
import type { MongoConnection } from './mongoConnection';
import type { Claim, ClaimRequest } from '../../modules/ports/taskStore';

type Filter = mongo.Filter<TaskDocument>;

/** The parts of the claims. */
export interface MongoClaimsParts {
  readonly connection: MongoConnection;
  readonly window: ClaimWindow;
  readonly keys: MongoKeys;
  readonly clock: Clock;
}

/** A claim with the time that is left for its next command. */
interface TimedRequest extends ClaimRequest {
  readonly leftMs: () => number;
  /** The longest time that the server may work on the next write. */
  readonly writeMs: () => number;
}

/** A claim with the instant, by the clock of the server, from which a write that is still on its way claims nothing. */
interface BoundRequest extends TimedRequest {
  readonly until: Date;
}

/** Most by which the uncertainty about the clock of the server lengthens a claim: the margin with which a claim that failed is looked for. */
const UNCERTAIN_MS = SECOND / 4;

/** The claim on MongoDB: one task by one command, several by a find in order and a guarded update of what was found. */
export class MongoClaims {
  readonly #connection: MongoConnection;
  readonly #window: ClaimWindow;
  readonly #keys: MongoKeys;
  readonly #clock: Clock;
  /** The queues in which a suspect was passed over: it comes first when nothing else runs. */
  readonly #suspectsIn = new Set<string>();

  constructor({ connection, window, keys, clock }: MongoClaimsParts) {
    this.#connection = connection;
    this.#window = window;
    this.#keys = keys;
    this.#clock = clock;
  }

  /** Claims the best of the queues; a suspect comes by itself. No command is sent after the deadline. */
  async claim(request: ClaimRequest): Promise<Claim> {
    const leftMs = deadlineIn(request.deadlineMs, 'claim', this.#clock);
    const timed = { ...request, leftMs, writeMs: () => Math.min(leftMs(), Math.ceil(request.deadlineMs / 2)) };
    const [only] = request.queues;
    if (only === undefined || request.queues.length > 1) return this.#claimAcross(timed);
    const { shares: [share = request.limit] = [], worst = LOWEST_PRIORITY } = request;
    const claim = await this.#claimFrom(this.#keys.inside(only), { ...timed, limit: Math.min(request.limit, share) });
    const last = claim.tasks.length >= request.limit ? (claim.tasks.at(-1)?.priority ?? null) : after(worst);
    return { ...claim, ...(claim.suspect === null ? {} : { suspectIn: only }), left: [{ queue: only, priority: last }] };
  }

  /** Returns filters for the parts of the claim index in which tasks of a queue may wait. */
  ranges(queue: string): object[] {
    return this.#window.ranges(queue);
  }

  /** Notes tasks that came in, so that the next claim does not pass over them. */
  cameIn(documents: readonly TaskDocument[]): void {
    for (const document of documents) this.#window.cameIn(document);
  }

  /** Notes that tasks wait again from an instant on. They may be better than the next claim would have taken. */
  waitAgain(availableMs: number): void {
    this.#window.waitAgain(availableMs);
  }

  /** Claims from several queues by one find, which takes of each its share, and one guarded update. */
  async #claimAcross(request: TimedRequest): Promise<Claim> {
    const { limit, worst = LOWEST_PRIORITY, shares = request.queues.map(() => limit), alone, leftMs } = request;
    const { earliestMs, latestMs } = await this.#connection.clock.now();
    const except = request.except.map(this.#keys.mongoId);
    const wanted = request.queues.map((queue, index) => ({ queue: this.#keys.inside(queue), limit: shares[index] ?? limit, earliestMs, latestMs, except, leftMs })); // prettier-ignore
    const asked = wanted.filter((each) => each.limit > 0);
    const { documents, isCut } = await this.#findAcross(asked, worst, leftMs);
    const byQueue = groupBy(documents.filter(isTask), ({ queue }) => queue);
    const suspect = documents.find((document) => document.suspect);
    const bound = { ...request, until: endOf(request, earliestMs, latestMs) };
    if (alone && suspect) return { tasks: await this.#claimFound([suspect], bound, earliestMs), suspect: null };
    // Of an answer that was cut short, the queues behind the last one were not seen.
    const last = isCut ? asked.findIndex(({ queue }) => queue === documents.at(-1)?.queue) : asked.length;
    const seen = asked.slice(0, last + 1);
    const found = seen.map((each, index) => {
      const whole = byQueue.get(each.queue) ?? [];
      return { whole, fit: whole.filter((document) => !document.suspect), isCut: whole.length >= each.limit || index === last };
    });
    const taken = takeBest(found.map(({ fit, isCut: cut }) => ({ priorities: fit.map(({ priority }) => priority), isCut: cut })), limit, worst); // prettier-ignore
    const chosen = found.flatMap(({ fit }, index) => fit.slice(0, taken.counts[index]));
    const picked = new Set(chosen);
    seen.forEach((each, index) => this.#window.noteFound(each, worst, found[index]?.whole ?? [], (found[index]?.whole ?? []).filter((document) => !picked.has(document)))); // prettier-ignore
    const tasks = await this.#claimFound(chosen, bound, earliestMs).catch((error: unknown) => {
      for (const { queue } of seen) this.#window.forget(queue);
      throw error;
    });
    const left = seen.map(({ queue }, index) => ({ queue: this.#keys.outside(queue), priority: taken.next[index] ?? null }));
    const passedOver = suspect ? { suspect: suspect._id.toString(), suspectIn: this.#keys.outside(suspect.queue) } : { suspect: null };
    return { tasks: sortedByPriority(tasks), ...passedOver, left };
  }

  #findAcross(wanted: readonly WindowRequest[], worst: number, leftMs: () => number): Promise<FoundAtOnce> {
    const [first, ...others] = wanted.map((each) => [{ $match: this.#window.filterOf(each, worst) }, { $sort: CLAIM_ORDER }, { $limit: each.limit }]);
    if (!first) return Promise.resolve({ documents: [], isCut: false });
    const pipeline = [...first, ...others.map((one) => ({ $unionWith: { coll: this.#connection.tasks.collectionName, pipeline: one } }))];
    const limit = wanted.reduce((sum, each) => sum + each.limit, 0);
    return this.#connection.aggregateAtOnce(pipeline, { hint: CLAIM_INDEX, limit, maxTimeMS: leftMs() });
  }

  async #claimFrom(queue: string, request: TimedRequest): Promise<Claim> {
    const { earliestMs, latestMs } = await this.#connection.clock.now();
    const wanted = { queue, limit: request.limit, earliestMs, latestMs, except: request.except.map(this.#keys.mongoId), leftMs: request.leftMs };
    const bound = { ...request, until: endOf(request, earliestMs, latestMs) };
    const isOneEnough = this.#isOneEnough(queue, request);
    const task = isOneEnough ? await this.#claimOne(wanted, bound) : undefined;
    if (task) return { tasks: [task], suspect: null };
    return isOneEnough && request.alone ? NOTHING : this.#claimSeveral(wanted, bound);
  }

  /** Tells whether one command can claim. The driver of a connection of the caller may send a retryable write twice, which a claim must not be. */
  #isOneEnough(queue: string, { limit }: ClaimRequest): boolean {
    return limit === 1 && !this.#connection.isCallers && !this.#window.looksFar(queue) && !this.#suspectsIn.has(queue);
  }

  /**
   * Claims one task without a sort, because the index has the order. A claimer that loses a sorted one begins anew, and many of them starve each
   * other.
   */
  async #claimOne(wanted: WindowRequest, request: BoundRequest): Promise<Task | undefined> {
    const { worst = LOWEST_PRIORITY } = request;
    const options = { hint: CLAIM_KEY, returnDocument: 'after' } as const;
    const fetch = async (filter: Filter): Promise<FoundAtOnce> => {
      const bounded = { $and: [filter, inTime(request), ...(worst === LOWEST_PRIORITY ? [] : [{ priority: { $lte: worst } }])] };
      const fit = (request.alone ? bounded : { ...bounded, suspect: false }) as Filter;
      const claimed = await this.#connection.tasks.findOneAndUpdate(fit, claimPipeline(request), { ...options, maxTimeMS: request.writeMs() });
      return { documents: claimed ? [claimed] : [], isCut: false };
    };
    const document = await this.#window.findOne(wanted, fetch, request.alone && worst === LOWEST_PRIORITY);
    if (document) this.#window.note(wanted.queue, 1, 1);
    return document && taskOfDocument(document, this.#keys);
  }

  async #claimSeveral(wanted: WindowRequest, request: BoundRequest): Promise<Claim> {
    const { queue, earliestMs } = wanted;
    const { alone, worst = LOWEST_PRIORITY } = request;
    const all = await this.#window.find(wanted);
    const found = worst === LOWEST_PRIORITY ? all : all.filter(({ priority }) => priority <= worst);
    if (found.length < all.length) for (const document of all) if (document.priority > worst) this.#window.cameIn(document);
    const suspects = found.filter(({ suspect }) => suspect);
    if (suspects.length > 0 && !alone) this.#suspectsIn.add(queue);
    else this.#suspectsIn.delete(queue);
    const fit = suspects.length === 0 ? found : alone ? suspects.slice(0, 1) : found.filter(({ suspect }) => !suspect);
    const tasks = await this.#claimFound(fit, request, earliestMs).catch((error: unknown) => {
      this.#window.forget(queue);
      throw error;
    });
    this.#window.note(queue, fit.length, tasks.length);
    return { tasks, suspect: alone ? null : (suspects[0]?._id.toString() ?? null) };
  }

  /** Claims what was found. The filter names the `rev`, so a claimed task has not changed since and need not be read again. */
  async #claimFound(found: readonly TaskDocument[], request: BoundRequest, earliestMs: number): Promise<Task[]> {
    const queues = [...new Set(found.map(({ queue }) => queue))];
    const matched = await Promise.all(partsOf(found, queues.length > 1).map((part) => this.#claimPart(part, queues, request)));
    const total = matched.reduce((sum, count) => sum + count, 0);
    const won = total === 0 ? [] : total === found.length ? found : await this.#wonOf(queues, found, request);
    return won.map((document) => claimedTask(document, this.#keys.outside(document.queue), request, earliestMs));
  }

  /** Returns the documents that this claim won, where another process was faster with some. */
  async #wonOf(queues: readonly string[], found: readonly TaskDocument[], { token, leftMs }: TimedRequest): Promise<readonly TaskDocument[]> {
    const mine = { _id: { $in: found.map(({ _id }) => _id) }, queue: oneOf(queues), 'lease.token': token } as Filter;
    const ids = await this.#connection.tasks.find(mine, { projection: { _id: 1 }, hint: BY_ID, maxTimeMS: leftMs() }).toArray();
    const won = new Set(ids.map(({ _id }) => _id.toString()));
    return found.filter(({ _id }) => won.has(_id.toString()));
  }

  async #claimPart(alike: readonly TaskDocument[], queues: readonly string[], request: BoundRequest): Promise<number> {
    const byRev = [...groupBy(alike, ({ rev }) => rev)].map(([rev, same]) => ({ _id: { $in: same.map(({ _id }) => _id) }, rev }));
    const [first] = byRev;
    const ids = byRev.length === 1 ? first : { _id: { $in: alike.map(({ _id }) => _id) }, $or: byRev };
    const filter = { ...ids, queue: oneOf(queues), state: 'waiting', ...inTime(request) } as Filter;
    const { matchedCount } = await this.#connection.tasks.updateMany(filter, claimPipeline(request), { hint: BY_ID, maxTimeMS: request.writeMs() });
    return matchedCount;
  }
}

/** Cuts what was found into the parts of one command each. Over several queues, tasks of different revisions go in one. */
function partsOf(found: readonly TaskDocument[], isMixed: boolean): TaskDocument[][] {
  const alike = isMixed ? [[...found]] : [...groupBy(found, ({ rev }) => rev).values()];
  return alike.flatMap((each) => chunksOf(each, COMMAND_TASKS));
}

/**
 * Returns the end of a claim by the clock of the server. A write may wait in the driver or on the way for longer than the claim is looked for; its
 * tasks would have a lease of which nobody knows.
 */
const endOf = ({ leftMs }: TimedRequest, earliestMs: number, latestMs: number): Date =>
  new Date(Math.min(latestMs, earliestMs + UNCERTAIN_MS) + leftMs());

const inTime = ({ until }: BoundRequest): object => ({ $expr: { $lte: ['$$NOW', until] } });

const oneOf = (queues: readonly string[]): unknown => (queues.length === 1 ? queues[0] : { $in: queues });

const sortedByPriority = (tasks: readonly Task[]): Task[] => [...tasks].sort((one, other) => one.priority - other.priority);

const NOTHING: Claim = Object.freeze({ tasks: [], suspect: null });

const leaseMsOf = (leaseMs: number): object => ({ $ifNull: ['$settings.leaseMs', leaseMs] });

const claimPipeline = ({ token, workerId, leaseMs, beside }: ClaimRequest): object[] => [
  {
    $set: {
      state: 'running',
      attempt: { $add: ['$attempt', 1] },
      lease: {
        token: { $literal: token },
        workerId: { $literal: workerId },
        ms: leaseMsOf(leaseMs),
        expiresAt: { $add: ['$$NOW', leaseMsOf(leaseMs)] },
        extendedMs: 0,
        alone: false,
        timedOut: false,
        beside,
      },
    },
  },
];

/** Makes the task of a claimed document. */
function claimedTask(document: TaskDocument, queue: string, { token, workerId, leaseMs, beside }: ClaimRequest, nowMs: number): Task {
  const ms = document.settings?.leaseMs ?? leaseMs;
  const lease = { token, workerId, ms, expiresAt: new Date(nowMs + ms), extendedMs: 0, alone: false, timedOut: false, beside };
  return changedTask(document, { queue, state: 'running', attempt: document.attempt + 1, lease });
}
