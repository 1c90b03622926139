import type { mongo } from 'mongoose';
import { chunksOf } from '../modules/chunksOf';
import { groupBy } from '../modules/groupBy';
import { CLAIM_KEY, CLAIM_ORDER, mongoId, taskOfDocument } from '../modules/mongoSchema';
import type { TaskDocument } from '../modules/mongoSchema';
import { COMMAND_TASKS } from '../modules/mongoSettle';
import type { Task } from '../modules/task';
import { dueFilter } from './claimWindow';
import type { ClaimWindow } from './claimWindow';
import type { MongoConnection } from './mongoConnection';
import type { Claim, ClaimRequest } from './taskStore';

type Filter = mongo.Filter<TaskDocument>;

/** The claim on MongoDB: one task by one command, several by a find in order and a guarded update of what was found. */
export class MongoClaims {
  readonly #connection: MongoConnection;
  readonly #collection: mongo.Collection<TaskDocument>;
  readonly #window: ClaimWindow;
  /** The queues in which a suspect was passed over: it comes first when nothing else runs. */
  readonly #suspectsIn = new Set<string>();

  constructor(connection: MongoConnection, window: ClaimWindow) {
    this.#connection = connection;
    this.#collection = connection.tasks;
    this.#window = window;
  }

  /** Goes through the queues in their order; a suspect comes by itself. */
  async claim(request: ClaimRequest): Promise<Claim> {
    const claimed: Task[] = [];
    let suspectWaits = false;
    for (const queue of request.alone ? this.#suspectsFirst(request.queues) : request.queues) {
      const limit = request.limit - claimed.length;
      if (limit === 0) break;
      const claim = await this.#claimFrom(queue, { ...request, limit, alone: request.alone && claimed.length === 0 });
      claimed.push(...claim.tasks);
      suspectWaits ||= claim.suspectWaits;
      if (claim.tasks[0]?.suspect) break;
    }
    return { tasks: claimed, suspectWaits };
  }

  /** Where in the claim index tasks of a queue wait: what this process has claimed itself need not be walked over again. */
  ranges(queue: string): object[] {
    return this.#window.ranges(queue);
  }

  #suspectsFirst(queues: readonly string[]): readonly string[] {
    return this.#suspectsIn.size === 0 ? queues : [...queues].sort((a, b) => Number(this.#suspectsIn.has(b)) - Number(this.#suspectsIn.has(a)));
  }

  async #claimFrom(queue: string, request: ClaimRequest): Promise<Claim> {
    const { clock } = this.#connection;
    const window = this.#window;
    const { limit, alone, deadlineMs: maxTimeMS } = request;
    const { earliestMs, latestMs } = await clock.now();
    const except = request.except.map(mongoId);
    // The driver of a caller's connection may send a retryable write twice, and a claim must not be.
    if (limit === 1 && !this.#connection.isCallers && !window.isWanted(queue) && !this.#suspectsIn.has(queue)) {
      const task = await this.#claimOne({ ...dueFilter(queue, latestMs, except), ...(alone ? {} : { suspect: false }) }, request);
      if (task) window.note(queue, 1, 1);
      if (task) return { tasks: [task], suspectWaits: false };
    }
    const found = await window.find({ queue, limit, earliestMs, latestMs, except, maxTimeMS });
    const suspects = found.filter(({ suspect }) => suspect);
    if (suspects.length > 0 && !alone) this.#suspectsIn.add(queue);
    else this.#suspectsIn.delete(queue);
    const wanted = suspects.length === 0 ? found : alone ? suspects.slice(0, 1) : found.filter(({ suspect }) => !suspect);
    const tasks = await this.#claimFound(wanted, request, earliestMs);
    window.note(queue, wanted.length, tasks.length);
    return { tasks, suspectWaits: suspects.length > 0 && !alone };
  }

  /** Without a sort: a claimer that loses a sorted one begins anew, and many of them starve each other. The index has the order. */
  async #claimOne(filter: Filter, request: ClaimRequest): Promise<Task | null> {
    const options = { hint: CLAIM_KEY, returnDocument: 'after', maxTimeMS: request.deadlineMs } as const;
    const claimed = await this.#collection.findOneAndUpdate(filter, claimPipeline(request), options);
    return claimed && taskOfDocument(claimed);
  }

  /** Where every document of a `rev` was matched with that `rev`, none has changed since it was found, and need not be read again. */
  async #claimFound(found: readonly TaskDocument[], request: ClaimRequest, earliestMs: number): Promise<Task[]> {
    const byRev = groupBy(found, ({ rev }) => rev);
    const parts = [...byRev].flatMap(([rev, alike]) => chunksOf(alike, COMMAND_TASKS).map((chunk) => [chunk, rev] as const));
    const matched = await Promise.all(parts.map(([chunk, rev]) => this.#claimAlike(chunk, rev, request)));
    const total = matched.reduce((sum, count) => sum + count, 0);
    if (total === 0) return [];
    if (total === found.length) return found.map((document) => claimedTask(document, request, earliestMs));
    const mine = { _id: { $in: found.map(({ _id }) => _id) }, 'lease.token': request.token } as Filter;
    return (await this.#collection.find(mine, { sort: CLAIM_ORDER, maxTimeMS: request.deadlineMs }).toArray()).map((document) =>
      taskOfDocument(document),
    );
  }

  async #claimAlike(alike: readonly TaskDocument[], rev: number, request: ClaimRequest): Promise<number> {
    const filter = { _id: { $in: alike.map(({ _id }) => _id) }, state: 'waiting', rev } as Filter;
    const { matchedCount } = await this.#collection.updateMany(filter, claimPipeline(request), { maxTimeMS: request.deadlineMs });
    return matchedCount;
  }
}

const leaseMsOf = (leaseMs: number): object => ({ $ifNull: ['$settings.leaseMs', leaseMs] });

const claimPipeline = ({ token, workerId, leaseMs }: ClaimRequest): object[] => [
  {
    $set: {
      state: 'running',
      attempt: { $add: ['$attempt', 1] },
      lease: {
        token: { $literal: token },
        workerId: { $literal: workerId },
        ms: leaseMsOf(leaseMs),
        expiresAt: { $add: ['$$NOW', leaseMsOf(leaseMs)] },
        alone: false,
      },
    },
  },
];

/** What the claim has made of a document that had not changed. */
function claimedTask(document: TaskDocument, { token, workerId, leaseMs }: ClaimRequest, nowMs: number): Task {
  const ms = document.settings?.leaseMs ?? leaseMs;
  const lease = { token, workerId, ms, expiresAt: new Date(nowMs + ms), alone: false };
  return taskOfDocument(document, { state: 'running', attempt: document.attempt + 1, lease });
}
