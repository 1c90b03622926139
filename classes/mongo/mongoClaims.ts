import type { mongo } from 'mongoose';
import { chunksOf } from '../../modules/values/chunksOf';
import { groupBy } from '../../modules/values/groupBy';
import { changedTask, CLAIM_KEY, mongoId, taskOfDocument } from '../../modules/mongo/mongoSchema';
import type { TaskDocument } from '../../modules/mongo/taskFields';
import { BY_ID } from '../../modules/mongo/taskFilters';
import { COMMAND_TASKS } from '../../modules/mongo/mongoSettle';
import type { Namespace } from '../../modules/ports/namespace';
import type { Task } from '../../modules/task/task';
import type { ClaimWindow, WindowRequest } from './claimWindow';
import type { FoundAtOnce, MongoConnection } from './mongoConnection';
import type { Claim, ClaimRequest } from '../../modules/ports/taskStore';

type Filter = mongo.Filter<TaskDocument>;

/** The claim on MongoDB: one task by one command, several by a find in order and a guarded update of what was found. */
export class MongoClaims {
  readonly #connection: MongoConnection;
  readonly #collection: mongo.Collection<TaskDocument>;
  readonly #window: ClaimWindow;
  readonly #namespace: Namespace;
  /** The queues in which a suspect was passed over: it comes first when nothing else runs. */
  readonly #suspectsIn = new Set<string>();

  constructor(connection: MongoConnection, window: ClaimWindow, namespace: Namespace) {
    this.#connection = connection;
    this.#collection = connection.tasks;
    this.#window = window;
    this.#namespace = namespace;
  }

  /** Claims from the queues in their order; a suspect comes by itself. */
  async claim(request: ClaimRequest): Promise<Claim> {
    const claimed: Task[] = [];
    let suspect: string | null = null;
    const queues = request.queues.map(this.#namespace.inside);
    for (const queue of request.alone ? this.#suspectsFirst(queues) : queues) {
      const limit = request.limit - claimed.length;
      if (limit === 0) break;
      const claim = await this.#claimFrom(queue, { ...request, limit, alone: request.alone && claimed.length === 0 });
      claimed.push(...claim.tasks);
      suspect ??= claim.suspect;
      if (claim.tasks[0]?.suspect) break;
    }
    return { tasks: claimed, suspect };
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

  #suspectsFirst(queues: readonly string[]): readonly string[] {
    return this.#suspectsIn.size === 0 ? queues : [...queues].sort((a, b) => Number(this.#suspectsIn.has(b)) - Number(this.#suspectsIn.has(a)));
  }

  async #claimFrom(queue: string, request: ClaimRequest): Promise<Claim> {
    const { earliestMs, latestMs } = await this.#connection.clock.now();
    const wanted = { queue, limit: request.limit, earliestMs, latestMs, except: request.except.map(mongoId), maxTimeMS: request.deadlineMs };
    const isOneEnough = this.#isOneEnough(queue, request);
    const task = isOneEnough ? await this.#claimOne(wanted, request) : undefined;
    if (task) return { tasks: [task], suspect: null };
    return isOneEnough && request.alone ? NOTHING : this.#claimSeveral(wanted, request);
  }

  /** Tells whether one command can claim. The driver of a connection of the caller may send a retryable write twice, which a claim must not be. */
  #isOneEnough(queue: string, { limit }: ClaimRequest): boolean {
    return limit === 1 && !this.#connection.isCallers && !this.#window.looksFar(queue) && !this.#suspectsIn.has(queue);
  }

  /**
   * Claims one task without a sort, because the index has the order. A claimer that loses a sorted one begins anew, and many of them starve each
   * other.
   */
  async #claimOne(wanted: WindowRequest, request: ClaimRequest): Promise<Task | undefined> {
    const options = { hint: CLAIM_KEY, returnDocument: 'after', maxTimeMS: request.deadlineMs } as const;
    const fetch = async (filter: Filter): Promise<FoundAtOnce> => {
      const fit = request.alone ? filter : { ...filter, suspect: false };
      const claimed = await this.#collection.findOneAndUpdate(fit, claimPipeline(request), options);
      return { documents: claimed ? [claimed] : [], isCut: false };
    };
    const document = await this.#window.findOne(wanted, fetch, request.alone);
    if (document) this.#window.note(wanted.queue, 1, 1);
    return document && taskOfDocument(document, this.#namespace);
  }

  async #claimSeveral(wanted: WindowRequest, request: ClaimRequest): Promise<Claim> {
    const { queue, earliestMs } = wanted;
    const { alone } = request;
    const found = await this.#window.find(wanted);
    const suspects = found.filter(({ suspect }) => suspect);
    if (suspects.length > 0 && !alone) this.#suspectsIn.add(queue);
    else this.#suspectsIn.delete(queue);
    const fit = suspects.length === 0 ? found : alone ? suspects.slice(0, 1) : found.filter(({ suspect }) => !suspect);
    const tasks = await this.#claimFound(queue, fit, request, earliestMs).catch((error: unknown) => {
      this.#window.forget(queue);
      throw error;
    });
    this.#window.note(queue, fit.length, tasks.length);
    return { tasks, suspect: alone ? null : (suspects[0]?._id.toString() ?? null) };
  }

  /** Claims what was found. The filter names the `rev`, so a claimed task has not changed since and need not be read again. */
  async #claimFound(stored: string, found: readonly TaskDocument[], request: ClaimRequest, earliestMs: number): Promise<Task[]> {
    const byRev = groupBy(found, ({ rev }) => rev);
    const parts = [...byRev].flatMap(([rev, alike]) => chunksOf(alike, COMMAND_TASKS).map((chunk) => [chunk, rev] as const));
    const matched = await Promise.all(parts.map(([chunk, rev]) => this.#claimAlike(stored, chunk, rev, request)));
    const total = matched.reduce((sum, count) => sum + count, 0);
    const won = total === 0 ? [] : total === found.length ? found : await this.#wonOf(stored, found, request);
    const queue = this.#namespace.outside(stored);
    return won.map((document) => claimedTask(document, queue, request, earliestMs));
  }

  /** Returns the documents that this claim won, where another process was faster with some. */
  async #wonOf(stored: string, found: readonly TaskDocument[], { token, deadlineMs }: ClaimRequest): Promise<readonly TaskDocument[]> {
    const mine = { _id: { $in: found.map(({ _id }) => _id) }, queue: stored, 'lease.token': token } as Filter;
    const ids = await this.#collection.find(mine, { projection: { _id: 1 }, hint: BY_ID, maxTimeMS: deadlineMs }).toArray();
    const won = new Set(ids.map(({ _id }) => _id.toString()));
    return found.filter(({ _id }) => won.has(_id.toString()));
  }

  async #claimAlike(queue: string, alike: readonly TaskDocument[], rev: number, request: ClaimRequest): Promise<number> {
    const filter = { _id: { $in: alike.map(({ _id }) => _id) }, queue, state: 'waiting', rev } as Filter;
    const { matchedCount } = await this.#collection.updateMany(filter, claimPipeline(request), { hint: BY_ID, maxTimeMS: request.deadlineMs });
    return matchedCount;
  }
}

const NOTHING: Claim = Object.freeze({ tasks: [], suspect: null });

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

/** Makes the task of a claimed document. */
function claimedTask(document: TaskDocument, queue: string, { token, workerId, leaseMs }: ClaimRequest, nowMs: number): Task {
  const ms = document.settings?.leaseMs ?? leaseMs;
  const lease = { token, workerId, ms, expiresAt: new Date(nowMs + ms), alone: false };
  return changedTask(document, { queue, state: 'running', attempt: document.attempt + 1, lease });
}
