import type { mongo } from 'mongoose';
import { LIVE_STATES } from '../../constants/states';
import type { TaskState } from '../../constants/states';
import { emptyCounts, noCounts } from '../../modules/task/counts';
import { duplicatesOf, isClash } from '../../modules/mongo/mongoErrors';
import { CLAIM_INDEX, documentOf, LEASE_INDEX, mongoId, TASK_ID, taskOfDocument, UNIQUE_INDEX } from '../../modules/mongo/mongoSchema';
import type { TaskDocument } from '../../modules/mongo/taskFields';
import { settleCommands } from '../../modules/mongo/mongoSettle';
import type { SettleCommand } from '../../modules/mongo/mongoSettle';
import type { Namespace } from '../../modules/ports/namespace';
import type { NewTask, Task } from '../../modules/task/task';
import type { ChangeWatch } from './changeWatch';
import type { ExpiredLeases } from './expiredLeases';
import type { MongoClaims } from './mongoClaims';
import type { MongoConnection } from './mongoConnection';
import type {
  Claim,
  ClaimRequest,
  HeldLease,
  Inserted,
  ListRequest,
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
  readonly namespace: Namespace;
  readonly claims: MongoClaims;
  readonly expired: ExpiredLeases;
  readonly changes: ChangeWatch;
}

/** The lease port on MongoDB. The clock of the server decides: `$$NOW` in writes, and corrected dates in filters. */
export class MongoTaskStore implements TaskStore {
  readonly #connection: MongoConnection;
  readonly #collection: mongo.Collection<TaskDocument>;
  readonly #namespace: Namespace;
  readonly #claims: MongoClaims;
  readonly #expired: ExpiredLeases;
  readonly #changes: ChangeWatch;
  readonly #maxTimeMS: number;

  constructor({ connection, namespace, claims, expired, changes }: MongoTaskStoreParts) {
    this.#connection = connection;
    this.#collection = connection.tasks;
    this.#namespace = namespace;
    this.#claims = claims;
    this.#expired = expired;
    this.#changes = changes;
    this.#maxTimeMS = connection.maxTimeMS;
  }

  insert(tasks: readonly NewTask[], session?: unknown): Promise<Inserted[]> {
    if (session !== undefined) return this.#insertWithin(tasks, session);
    return this.#connection.ask(async () => {
      const time = await this.#connection.clock.now();
      const documents = tasks.map((task) => documentOf(task, time, this.#namespace));
      const added = tasks.map(({ id }) => ({ id, added: true }));
      try {
        await this.#collection.insertMany(documents, { ordered: false });
      } catch (error) {
        const duplicates = duplicatesOf(error);
        if (!duplicates) throw error;
        for (const { index, isClash } of duplicates) if (isClash) added[index] = await this.#findOther(tasks[index] as NewTask);
      }
      this.#claims.cameIn(documents);
      return added;
    });
  }

  claim(request: ClaimRequest): Promise<Claim> {
    return this.#connection.ask(() => this.#claims.claim(request));
  }

  held(token: string): Promise<Task[]> {
    return this.#find({ state: 'running', 'lease.token': token }, { hint: LEASE_INDEX });
  }

  renew(leases: readonly HeldLease[], { alone = false, ms }: Renewal = {}): Promise<string[]> {
    return this.#connection.ask(async () => {
      const filter = leaseFilter(leases);
      const expiresAt = { $max: ['$lease.expiresAt', { $add: ['$$NOW', ms ?? '$lease.ms'] }] };
      const update = { 'lease.expiresAt': expiresAt, ...(alone ? { 'lease.alone': true } : {}) };
      const { matchedCount } = await this.#collection.updateMany(filter, [{ $set: update }], { maxTimeMS: this.#maxTimeMS });
      if (matchedCount === leases.length) return leases.map(({ id }) => id);
      const held = await this.#collection.find(filter, { projection: { _id: 1 }, maxTimeMS: this.#maxTimeMS }).toArray();
      return held.map(({ _id }) => _id.toString());
    });
  }

  settle(settlements: readonly Settlement[]): Promise<SettleAnswer[]> {
    return this.#connection.ask(async () => {
      const answers = new Map<string, SettleAnswer>();
      const againMs = await this.#againMs(settlements);
      await Promise.all(settleCommands(settlements).map((command) => this.#apply(command, answers)));
      if (againMs < Infinity) this.#claims.waitAgain(againMs);
      return settlements.map(({ id }) => answers.get(id) ?? 'lost');
    });
  }

  expired(limit: number, inTurn = false): Promise<Task[]> {
    return this.#connection.ask(async () => {
      const found = inTurn && !(await this.#expired.takeTurn()) ? [] : await this.#expired.find(limit);
      return found.map((document) => taskOfDocument(document, this.#namespace));
    });
  }

  async find(id: string): Promise<Task | null> {
    const filter = { _id: mongoId(id), state: { $ne: 'removed' }, queue: { $ne: '' } } as unknown as Filter;
    const document = await this.#connection.ask(() => this.#collection.findOne(filter, { maxTimeMS: this.#maxTimeMS }));
    return document && this.#namespace.owns(document.queue) ? taskOfDocument(document, this.#namespace) : null;
  }

  list({ queue, states, name, tag, limit, after }: ListRequest): Promise<Task[]> {
    return this.#connection.ask(async () => {
      const filter = {
        queue: this.#namespace.inside(queue),
        ...(states ? { state: { $in: states } } : {}),
        ...(name === undefined ? {} : { name }),
        ...(tag === undefined ? {} : { 'settings.tags': { $eq: tag } }),
        _id: after === undefined ? TASK_ID : { ...TASK_ID, $lt: mongoId(after) },
      };
      const found = await this.#connection.model.find(filter).read('primary').sort({ _id: -1 }).limit(limit).maxTimeMS(this.#maxTimeMS).lean();
      return (found as unknown as TaskDocument[]).map((document) => taskOfDocument(document, this.#namespace));
    });
  }

  counts(states: readonly TaskState[]): Promise<QueueCounts> {
    return this.#connection.ask(async () => {
      const counts = noCounts();
      const rows = await Promise.all(states.map((state) => this.#countState(state)));
      states.forEach((state, index) => {
        const own = (rows[index] ?? []).filter(({ _id }) => this.#namespace.owns(_id));
        for (const { _id, count } of own) (counts[this.#namespace.outside(_id)] ??= emptyCounts())[state] = count;
      });
      return counts;
    });
  }

  /** Counts the live tasks of other namespaces. */
  liveElsewhere(): Promise<number> {
    return this.#connection.ask(async () => {
      const rows = await Promise.all(LIVE_STATES.map((state) => this.#countState(state)));
      const others = rows.flat().filter(({ _id }) => !this.#namespace.owns(_id));
      return others.reduce((total, { count }) => total + count, 0);
    });
  }

  nextDueMs(queues: readonly string[]): Promise<number | null> {
    return this.#connection.ask(async () => {
      const parts = queues.map(this.#namespace.inside).flatMap((queue) => this.#claims.ranges(queue).map((range) => ({ queue, ...range })));
      const due = await Promise.all(parts.map((part) => this.#nextDueOf(part)));
      const known = due.flat();
      if (known.length === 0) return null;
      // The earliest bound counts: whoever waits until then finds the task due.
      const { earliestMs } = await this.#connection.clock.now();
      return Math.max(0, Math.min(...known) - earliestMs);
    });
  }

  /** The time-to-live index deletes. */
  prune(): Promise<number> {
    return Promise.resolve(0);
  }

  watch(onChange: () => void): Unwatch {
    return this.#changes.watch(onChange);
  }

  /** Inserts in a transaction of the caller, which an error would end. So a look for the unique key and the insert are one upsert. */
  async #insertWithin(tasks: readonly NewTask[], session: unknown): Promise<Inserted[]> {
    this.#connection.checkSession(session);
    const time = await this.#connection.clock.now();
    const answers: Inserted[] = [];
    for (const task of tasks) {
      const { queue, uniqueKey, ...rest } = documentOf(task, time, this.#namespace);
      const same = uniqueKey === undefined ? { _id: rest._id, queue } : { queue, uniqueKey, state: { $in: LIVE_STATES } };
      const found = await this.#collection.findOneAndUpdate(
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

  /** Finds the live task with the same unique key. Where it has just ended, the insert is sent once more. */
  async #findOther(task: NewTask): Promise<Inserted> {
    const filter = { queue: this.#namespace.inside(task.queue), uniqueKey: task.uniqueKey, state: { $in: LIVE_STATES } } as Filter;
    const other = await this.#collection.findOne(filter, { projection: { _id: 1 }, hint: UNIQUE_INDEX, maxTimeMS: this.#maxTimeMS });
    if (other) return { id: other._id.toString(), added: false };
    const [answer] = await this.insert([task]);
    return answer as Inserted;
  }

  async #apply({ settlements, filter, pipeline }: SettleCommand, answers: Map<string, SettleAnswer>): Promise<void> {
    try {
      const { matchedCount } = await this.#collection.updateMany(filter, pipeline, { maxTimeMS: this.#maxTimeMS });
      const applied = matchedCount === settlements.length ? settlements : await this.#appliedOf(settlements);
      for (const { id } of applied) answers.set(id, 'applied');
    } catch (error) {
      if (!isClash(error)) throw error;
      await this.#applyOneByOne(settlements, answers);
    }
  }

  /** Applies settlements one by one, so that only those that clash are refused. */
  async #applyOneByOne(settlements: readonly Settlement[], answers: Map<string, SettleAnswer>): Promise<void> {
    const [only] = settlements;
    if (only && settlements.length === 1) return void answers.set(only.id, 'clash');
    for (const settlement of settlements) {
      for (const command of settleCommands([settlement])) await this.#apply(command, answers);
    }
  }

  async #appliedOf(settlements: readonly Settlement[]): Promise<Settlement[]> {
    const filter = { _id: { $in: settlements.map(({ id }) => mongoId(id)) } };
    const documents = await this.#collection.find(filter, { projection: { settledBy: 1 }, maxTimeMS: this.#maxTimeMS }).toArray();
    const settledBy = new Map(documents.map((document) => [document._id.toString(), document.settledBy]));
    return settlements.filter(({ id, by }) => settledBy.get(id) === by);
  }

  /** Returns the earliest instant from which a task waits again. */
  async #againMs(settlements: readonly Settlement[]): Promise<number> {
    let delayMs = Infinity;
    for (const { change } of settlements) if (change.state === 'waiting') delayMs = Math.min(delayMs, change.delayMs ?? 0);
    return delayMs === Infinity ? Infinity : (await this.#connection.clock.now()).earliestMs + delayMs;
  }

  #countState(state: TaskState): Promise<{ _id: string; count: number }[]> {
    const hint = state === 'waiting' ? { hint: CLAIM_INDEX } : state === 'running' ? { hint: LEASE_INDEX } : {};
    // The end of the claim index has a queue that is no string; the fence of the lease index has an empty one.
    const pipeline = [{ $match: { state, queue: { $type: 'string', $ne: '' } } }, { $group: { _id: '$queue', count: { $sum: 1 } } }];
    return this.#collection.aggregate<{ _id: string; count: number }>(pipeline, { ...hint, maxTimeMS: this.#maxTimeMS }).toArray();
  }

  /** Seeks once a priority: sorted and grouped like this, the server jumps from one to the next (a DISTINCT_SCAN). */
  async #nextDueOf(part: object): Promise<number[]> {
    const pipeline = [
      { $match: { ...part, state: 'waiting' } },
      { $sort: { queue: 1, state: 1, priority: 1, availableAt: 1 } },
      { $group: { _id: '$priority', availableAt: { $first: '$availableAt' } } },
    ];
    const options = { hint: CLAIM_INDEX, maxTimeMS: this.#maxTimeMS };
    const rows = await this.#collection.aggregate<{ availableAt: Date }>(pipeline, options).toArray();
    return rows.map(({ availableAt }) => availableAt.getTime());
  }

  #find(filter: Filter, options: mongo.FindOptions): Promise<Task[]> {
    return this.#connection.ask(async () => {
      const documents = await this.#collection.find(filter, { ...options, maxTimeMS: this.#maxTimeMS }).toArray();
      return documents.map((document) => taskOfDocument(document, this.#namespace));
    });
  }
}

/** The fields that an upsert adds to those of its filter. */
function insertable({ _id, ...rest }: Omit<TaskDocument, 'queue' | 'uniqueKey'>, uniqueKey: string | undefined): object {
  return uniqueKey === undefined ? rest : { _id, ...rest };
}

const leaseFilter = (leases: readonly HeldLease[]): Filter => ({
  _id: { $in: leases.map(({ id }) => mongoId(id)) },
  'lease.token': { $in: [...new Set(leases.map(({ token }) => token))] },
});
