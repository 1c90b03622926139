import type { mongo } from 'mongoose';
import { LIVE_STATES } from '../../constants/states';
import type { TaskState } from '../../constants/states';
import { emptyCounts, noCounts } from '../../modules/task/counts';
import { duplicatesOf } from '../../modules/mongo/mongoErrors';
import {
  documentOf,
  HEAD_FIELDS,
  headOfDocument,
  LEASE_FENCE_QUEUE,
  LEASE_INDEX,
  taskOfDocument,
  WHOLE_FIELDS,
} from '../../modules/mongo/mongoSchema';
import type { TaskDocument } from '../../modules/mongo/taskFields';
import { indexOf } from '../../modules/mongo/bulkFilters';
import { MANY_QUEUES, partsOfMany } from '../../modules/mongo/nextDuePipeline';
import type { DuePart } from '../../modules/mongo/nextDuePipeline';
import { BY_ID, leasesFilter, queuesFilter } from '../../modules/mongo/taskFilters';
import type { Hint } from '../../modules/ports/hint';
import { isPattern } from '../../modules/ports/queuePatterns';
import type { MongoKeys } from '../../modules/mongo/mongoKeys';
import type { NewTask, Task, TaskHead } from '../../modules/task/task';
import { roundsOf } from '../../modules/values/roundsOf';
import type { ChangeWatch } from './changeWatch';
import type { ExpiredLeases } from './expiredLeases';
import type { MongoClaims } from './mongoClaims';
import type { MongoConnection } from './mongoConnection';
import { liveTwins } from './liveTwins';
import type { MongoQueueLook } from './mongoQueueLook';
import { MongoListing } from './mongoListing';
import { MongoSettling } from './mongoSettling';
import type {
  Claim,
  ClaimRequest,
  HeldLease,
  HeldRequest,
  Inserted,
  ListRequest,
  Page,
  Part,
  QueueCounts,
  Renewal,
  SettleAnswer,
  Settlement,
  TaskStore,
  Unwatch,
} from '../../modules/ports/taskStore';

type Filter = mongo.Filter<TaskDocument>;

/** The parts of the store of tasks. */
export interface MongoTaskStoreParts {
  readonly connection: MongoConnection;
  readonly keys: MongoKeys;
  readonly claims: MongoClaims;
  readonly expired: ExpiredLeases;
  readonly changes: ChangeWatch;
  readonly looks: MongoQueueLook;
}

/** The lease port on MongoDB. The clock of the server decides: `$$NOW` in writes, and corrected dates in filters. */
export class MongoTaskStore implements TaskStore {
  readonly #connection: MongoConnection;
  readonly #keys: MongoKeys;
  readonly #claims: MongoClaims;
  readonly #settling: MongoSettling;
  readonly #expired: ExpiredLeases;
  readonly #changes: ChangeWatch;
  readonly #looks: MongoQueueLook;
  readonly #listing: MongoListing;
  readonly #maxTimeMS: number;

  constructor({ connection, keys, claims, expired, changes, looks }: MongoTaskStoreParts) {
    this.#connection = connection;
    this.#keys = keys;
    this.#claims = claims;
    this.#settling = new MongoSettling(connection, claims, keys);
    this.#expired = expired;
    this.#changes = changes;
    this.#looks = looks;
    this.#listing = new MongoListing(connection, keys);
    this.#maxTimeMS = connection.maxTimeMS;
  }

  insert(tasks: readonly NewTask[], session?: unknown): Promise<Inserted[]> {
    if (session !== undefined) return this.#insertWithin(tasks, session);
    return this.#connection.ask(async () => {
      const time = await this.#connection.clock.now();
      const documents = tasks.map((task) => documentOf(task, time, this.#keys));
      const added = tasks.map(({ id }) => ({ id, added: true }));
      try {
        await this.#connection.tasks.insertMany(documents, { ordered: false });
      } catch (error) {
        const duplicates = duplicatesOf(error);
        if (!duplicates) throw error;
        const clashing = duplicates.filter(({ isClash }) => isClash).map(({ index }) => index);
        const others = await this.#answerClashes(clashing.map((index) => tasks[index] as NewTask));
        others.forEach((other, at) => (added[clashing[at] as number] = other));
      }
      this.#claims.cameIn(documents);
      return added;
    });
  }

  claim(request: ClaimRequest): Promise<Claim> {
    return this.#connection.ask(async () => {
      const claim = await this.#claims.claim(request);
      this.#changes.noteClaimed(claim.tasks.length);
      return claim;
    });
  }

  held({ token, queues, part }: HeldRequest): Promise<Task[]> {
    const filter = { state: 'running', 'lease.token': token, ...(queues ? { queue: queuesFilter(queues, this.#keys) } : {}) } as Filter;
    return this.#connection.ask(async () => {
      const options = { ...projectionOf(part), hint: LEASE_INDEX, batchSize: HELD_TASKS, maxTimeMS: this.#maxTimeMS };
      const found = await this.#connection.tasks.findBatches(filter, HELD_BATCHES, options);
      return found.map((document) => this.#taskOf(document, part));
    });
  }

  renew(leases: readonly HeldLease[], renewal: Renewal = {}): Promise<boolean[]> {
    return this.#connection.ask(async () => {
      const held = new Set<HeldLease>();
      for (const round of roundsOf(leases)) for (const lease of await this.#renewRound(round, renewal)) held.add(lease);
      return leases.map((lease) => held.has(lease));
    });
  }

  settle(settlements: readonly Settlement[]): Promise<SettleAnswer[]> {
    return this.#connection.ask(() => this.#settling.settle(settlements));
  }

  expired(limit: number, inTurn = false, skip = 0): Promise<TaskHead[]> {
    return this.#connection.ask(async () => {
      const found = inTurn && !(await this.#expired.takeTurn()) ? [] : await this.#expired.find(limit, skip);
      return found.map((document) => headOfDocument(document, this.#keys));
    });
  }

  async find(queue: string | null, id: string, part?: Part): Promise<Task | null> {
    const inQueue = queue === null ? { $ne: LEASE_FENCE_QUEUE } : this.#keys.inside(queue);
    const filter = { _id: this.#keys.mongoId(id), queue: inQueue, state: { $ne: 'removed' } } as unknown as Filter;
    const options = { ...projectionOf(part), hint: BY_ID, maxTimeMS: this.#maxTimeMS };
    const document = await this.#connection.askAgain(() => this.#connection.tasks.findOne(filter, options));
    return document && this.#keys.owns(document.queue) ? this.#taskOf(document, part) : null;
  }

  list(request: ListRequest): Promise<Page> {
    return this.#connection.askAgain(async () => {
      const { documents, next } = await this.#listing.page(request);
      return { tasks: documents.map((document) => this.#taskOf(document, request.part)), next };
    });
  }

  counts(states: readonly TaskState[]): Promise<QueueCounts> {
    return this.#connection.askAgain(async () => {
      const counts = noCounts();
      const rows = await Promise.all(states.map((state) => this.#countState(state)));
      states.forEach((state, index) => {
        const own = (rows[index] ?? []).filter(({ _id }) => this.#keys.owns(_id));
        for (const { _id, count } of own) (counts[this.#keys.outside(_id)] ??= emptyCounts())[state] = count;
      });
      return counts;
    });
  }

  /** Counts the live tasks of other namespaces. */
  liveElsewhere(): Promise<number> {
    return this.#connection.askAgain(async () => {
      const rows = await Promise.all(LIVE_STATES.map((state) => this.#countState(state)));
      const others = rows.flat().filter(({ _id }) => !this.#keys.owns(_id));
      return others.reduce((total, { count }) => total + count, 0);
    });
  }

  nextDueMs(queues: readonly string[], except: readonly string[] = []): Promise<number | null> {
    return this.#connection.askAgain(async () => {
      const dueAt = await (queues.some(isPattern) ? this.#looks.nextDueOf(queues, except) : this.#looks.nextDueIn(this.#dueParts(queues)));
      if (!dueAt) return null;
      // The earliest bound counts: whoever waits until then finds the task due.
      const { earliestMs } = await this.#connection.clock.now();
      return Math.max(0, dueAt.getTime() - earliestMs);
    });
  }

  /** The time-to-live index deletes. */
  prune(): Promise<number> {
    return Promise.resolve(0);
  }

  watch(onHint: (hint: Hint) => void): Unwatch {
    return this.#changes.watch(onHint);
  }

  /** Inserts in a transaction of the caller, which an error would end. So a look for the unique key and the insert are one upsert. */
  async #insertWithin(tasks: readonly NewTask[], session: unknown): Promise<Inserted[]> {
    this.#connection.checkSession(session);
    const time = await this.#connection.clock.now();
    const answers: Inserted[] = [];
    for (const task of tasks) {
      const { queue, uniqueKey, ...rest } = documentOf(task, time, this.#keys);
      const same = uniqueKey === undefined ? { _id: rest._id, queue } : { queue, uniqueKey, state: { $in: LIVE_STATES } };
      const found = await this.#connection.tasks.findOneAndUpdate(
        same,
        { $setOnInsert: insertable(rest, uniqueKey) },
        {
          session,
          upsert: true,
          returnDocument: 'after',
          projection: { _id: 1 },
        },
      );
      const id = found?._id.toString() ?? task.id;
      answers.push({ id, added: id === task.id });
    }
    return answers;
  }

  /** Answers for tasks whose unique keys were taken. Where a live task with such a key has just ended, the insert is sent once more. */
  async #answerClashes(tasks: readonly NewTask[]): Promise<Inserted[]> {
    const others = await liveTwins(tasks, this.#connection, this.#keys);
    const again = tasks.filter((_, at) => others[at] === undefined);
    const added = (again.length > 0 ? await this.insert(again) : []).values();
    return others.map((id) => (id === undefined ? (added.next().value as Inserted) : { id, added: false }));
  }

  /** Renews leases of which no two name one task. */
  async #renewRound(
    leases: readonly HeldLease[],
    { alone = false, beside = false, ms, failures, isExact = false }: Renewal,
  ): Promise<readonly HeldLease[]> {
    const filter = leasesFilter(leases, this.#keys);
    const expiresAt = endOf(ms, isExact);
    const extended = ms === undefined ? {} : { 'lease.extendedMs': isExact ? ms : { $max: ['$lease.extendedMs', ms] } };
    const counted = failures === undefined ? {} : { failures, 'lease.timedOut': true };
    const marks = { ...(alone ? { 'lease.alone': true } : {}), ...(beside ? { 'lease.beside': true } : {}) };
    const update = { 'lease.expiresAt': expiresAt, ...extended, ...marks, ...counted };
    const { matchedCount } = await this.#connection.tasks.updateMany(filter, [{ $set: update }], { hint: BY_ID, maxTimeMS: this.#maxTimeMS });
    if (matchedCount === leases.length) return leases;
    const found = await this.#connection.tasks.find(filter, { projection: { _id: 1 }, hint: BY_ID, maxTimeMS: this.#maxTimeMS }).toArray();
    const held = new Set(found.map(({ _id }) => _id.toString()));
    return leases.filter(({ id }) => held.has(id));
  }

  #countState(state: TaskState): Promise<{ _id: string; count: number }[]> {
    const hint = indexOf(state);
    // The end of the claim index has a queue that is no string; the fence of the lease index has an empty one.
    const pipeline = [{ $match: { state, queue: { $type: 'string', $ne: '' } } }, { $group: { _id: '$queue', count: { $sum: 1 } } }];
    return this.#connection.tasks.aggregate<{ _id: string; count: number }>(pipeline, { hint, maxTimeMS: this.#maxTimeMS }).toArray();
  }

  #dueParts(queues: readonly string[]): DuePart[] {
    const names = queues.map(this.#keys.inside);
    if (names.length > MANY_QUEUES) return partsOfMany({ $in: names });
    return names.flatMap((queue) => this.#claims.ranges(queue).map((range) => ({ match: { queue, ...range }, each: 'priority' as const })));
  }

  /** Returns the task of a document, or what was asked for of it. */
  #taskOf(document: TaskDocument, part: Part | undefined): Task {
    return part ? (headOfDocument(document, this.#keys) as Task) : taskOfDocument(document, this.#keys);
  }
}

const afterNow = (ms: unknown): object => ({ $add: ['$$NOW', ms] });

/** The end of a renewed lease. What is left of the lease stays, but no longer than it could be: more is left only by a step of the clock back. */
function endOf(ms: number | undefined, isExact: boolean): object {
  const end = afterNow(ms ?? '$lease.ms');
  const most = afterNow({ $max: ['$lease.ms', '$lease.extendedMs', ...(ms === undefined ? [] : [ms])] });
  return isExact ? end : { $max: [end, { $min: ['$lease.expiresAt', most] }] };
}

/**
 * What is read of the tasks under a token: as many tasks and batches, of 16 MiB each. A claim takes what fits into one batch; with their leases its
 * tasks may need a second one.
 */
const HELD_TASKS = 100_000;
const HELD_BATCHES = 2;

const projectionOf = (part: Part | undefined): { readonly projection: typeof HEAD_FIELDS } => ({ projection: part ? HEAD_FIELDS : WHOLE_FIELDS });

/** The fields that an upsert adds to those of its filter. */
function insertable({ _id, ...rest }: Omit<TaskDocument, 'queue' | 'uniqueKey'>, uniqueKey: string | undefined): object {
  return uniqueKey === undefined ? rest : { _id, ...rest };
}
