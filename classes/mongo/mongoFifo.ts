import type { mongo } from 'mongoose';
import { BATCH_TASKS, SECOND } from '../../constants/limits';
import { AGE_INDEX, AGE_ORDER, fifoTask, ONCE_INDEX, READY_INDEX } from '../../modules/mongo/fifoDocuments';
import type { FifoDocument } from '../../modules/mongo/fifoDocuments';
import type { MongoKeys } from '../../modules/mongo/mongoKeys';
import { BY_ID } from '../../modules/mongo/taskFilters';
import type { FifoClaim, FifoListRequest, FifoSend, FifoSent, FifoSettlement, FifoStore, FifoTally } from '../../modules/ports/fifoStore';
import type { HeldLease, Page } from '../../modules/ports/taskStore';
import { headOf } from '../../modules/task/task';
import type { Task, TaskHead } from '../../modules/task/task';
import { groupBy } from '../../modules/values/groupBy';
import { FifoClaims } from './fifoClaims';
import { FifoGroups } from './fifoGroups';
import { FifoSends } from './fifoSends';
import { FifoSettles } from './fifoSettles';
import type { MongoConnection } from './mongoConnection';

type Filter = mongo.Filter<FifoDocument>;

/** The age of an intent whose sender is taken for dead: no command takes that long. */
const DEAD_MS = 30 * SECOND;

/** FIFO queues in MongoDB: a collection of messages and one of groups, each of which is written by itself. */
export class MongoFifo implements FifoStore {
  readonly #connection: MongoConnection;
  readonly #keys: MongoKeys;
  readonly #groups: FifoGroups;
  readonly #sends: FifoSends;
  readonly #claims: FifoClaims;
  readonly #settles: FifoSettles;

  constructor(connection: MongoConnection, keys: MongoKeys) {
    this.#connection = connection;
    this.#keys = keys;
    this.#groups = new FifoGroups(connection, keys);
    this.#sends = new FifoSends(connection, keys, this.#groups);
    this.#claims = new FifoClaims(connection, keys, this.#groups);
    this.#settles = new FifoSettles({ connection, keys, groups: this.#groups, sends: this.#sends });
  }

  send(queue: string, messages: readonly FifoSend[]): Promise<FifoSent[]> {
    return this.#connection.askAgain(() => this.#sends.send(queue, messages));
  }

  claim(request: FifoClaim): Promise<Task[][]> {
    return this.#connection.ask(() => this.#claims.claim(request));
  }

  renew(leases: readonly HeldLease[], ms: number): Promise<boolean[]> {
    return this.#connection.askAgain(() => this.#settles.renew(leases, ms));
  }

  settle(settlements: readonly FifoSettlement[]): Promise<('applied' | 'lost')[]> {
    return this.#settles.settle(settlements);
  }

  find(queue: string, ids: readonly string[]): Promise<Task[]> {
    return this.#read(
      { _id: { $in: ids.map(this.#keys.mongoId) }, queue: this.#keys.inside(queue), state: 'live' },
      { sort: AGE_ORDER, hint: BY_ID },
    );
  }

  async list({ queue, order, limit, after }: FifoListRequest): Promise<Page> {
    const filter = { queue: this.#keys.inside(queue), state: 'live' } as const;
    const behind = after === undefined ? {} : await this.#behind(filter.queue, after, order === 'first' ? '$gt' : '$lt');
    const sort = order === 'first' ? AGE_ORDER : { createdAt: -1, seq: -1, _id: -1 };
    const found = await this.#read({ ...filter, ...behind }, { sort: sort as mongo.Sort, hint: AGE_INDEX, limit: limit + 1 });
    const tasks = found.slice(0, limit);
    return { tasks, next: found.length > limit ? (tasks.at(-1)?.id ?? null) : null };
  }

  async overdue(queue: string, forMs: number, limit: number): Promise<TaskHead[]> {
    const { earliestMs } = await this.#connection.clock.now();
    const isIdle = { $or: [{ token: { $exists: false } }, { visibleAt: { $lte: new Date(earliestMs) } }] };
    const filter = { queue: this.#keys.inside(queue), state: 'live', createdAt: { $lte: new Date(earliestMs - forMs) }, ...isIdle };
    return (await this.#read(filter as Filter, { sort: AGE_ORDER, hint: AGE_INDEX, limit, projection: { payload: 0 } })).map(headOf);
  }

  tally(queue: string, most: number): Promise<FifoTally> {
    return this.#connection.askAgain(async () => {
      const { fifo, maxTimeMS } = this.#connection;
      const isOver = { $lte: ['$visibleAt', '$$NOW'] };
      const isHeld = { $ne: [{ $type: '$token' }, 'missing'] };
      const count = (...all: object[]): object => ({ $sum: { $cond: [{ $and: all }, 1, 0] } });
      const counts = {
        _id: null,
        waiting: count(isOver),
        inFlight: count({ $not: isOver }, isHeld),
        delayed: count({ $not: isOver }, { $not: isHeld }),
      };
      const since = { $min: { $cond: [isOver, '$visibleAt', null] } };
      const match = { $match: { queue: this.#keys.inside(queue), state: 'live' } };
      const pipeline = [match, { $limit: 2 * most + 1 }, { $project: { visibleAt: 1, token: 1 } }, { $group: { ...counts, since } }];
      const [found] = await fifo.aggregate<FifoTally>(pipeline, { hint: AGE_INDEX, maxTimeMS }).toArray();
      const { waiting = 0, delayed = 0, inFlight = 0, since: at = null } = found ?? {};
      return { waiting: Math.min(most, waiting), delayed: Math.min(most, delayed), inFlight: Math.min(most, inFlight), since: at };
    });
  }

  nextDueMs(queues: readonly string[]): Promise<number | null> {
    return this.#connection.askAgain(async () => {
      const { fifoGroups, clock, maxTimeMS } = this.#connection;
      const options = { projection: { readyAt: 1 }, sort: { readyAt: 1 }, limit: 1, hint: READY_INDEX, maxTimeMS } as const;
      const first = async (queue: string) => fifoGroups.find({ queue: this.#keys.inside(queue), readyAt: { $gt: new Date(0) } }, options).toArray();
      const due = (await Promise.all(queues.map(first))).flat().flatMap(({ readyAt }) => readyAt?.getTime() ?? []);
      return due.length === 0 ? null : Math.max(0, Math.min(...due) - (await clock.now()).latestMs);
    });
  }

  purge(queue: string, until: Date): Promise<number> {
    return this.#connection.askAgain(async () => {
      const { fifo, maxTimeMS } = this.#connection;
      const inside = this.#keys.inside(queue);
      const options = { projection: { group: 1, token: 1, visibleAt: 1 }, sort: AGE_ORDER, hint: AGE_INDEX, limit: BATCH_TASKS, maxTimeMS };
      const found = await fifo.find({ queue: inside, state: 'live', createdAt: { $lte: until } }, options).toArray();
      if (found.length === 0) return this.#forgetRemoved(inside);
      await fifo.deleteMany({ _id: { $in: found.map(({ _id }) => _id) }, queue: inside }, { hint: BY_ID, maxTimeMS });
      // A group is locked by the token of those of its messages that are in flight.
      const nowMs = (await this.#connection.clock.now()).earliestMs;
      const groups = [...groupBy(found, ({ group }) => group)].map(([group, own]) => ({
        group,
        token: own.find(({ token, visibleAt }) => token !== undefined && visibleAt.getTime() > nowMs)?.token,
      }));
      await this.#groups.refresh(inside, groups);
      return found.length;
    });
  }

  repair(): Promise<void> {
    return this.#connection.askAgain(() => this.#groups.repair(DEAD_MS));
  }

  /** Lets the removed messages of a queue no longer tell repetitions apart. */
  async #forgetRemoved(queue: string): Promise<number> {
    const { fifo, maxTimeMS } = this.#connection;
    const options = { projection: { _id: 1 }, hint: ONCE_INDEX, limit: BATCH_TASKS, maxTimeMS };
    for (;;) {
      const found = await fifo.find({ queue, once: { $exists: true }, state: 'removed' }, options).toArray();
      if (found.length === 0) return 0;
      await fifo.updateMany({ _id: { $in: found.map(({ _id }) => _id) }, queue }, { $unset: { once: true } }, { hint: BY_ID, maxTimeMS });
    }
  }

  async #behind(queue: string, after: string, compare: '$gt' | '$lt'): Promise<object> {
    const { fifo, maxTimeMS } = this.#connection;
    const _id = this.#keys.mongoId(after);
    const last = await fifo.findOne({ _id, queue }, { projection: { createdAt: 1, seq: 1 }, hint: BY_ID, maxTimeMS });
    if (!last?.createdAt) return {};
    const { createdAt, seq } = last;
    const rest = [{ createdAt: { [compare]: createdAt } }, { createdAt, seq: { [compare]: seq } }, { createdAt, seq, _id: { [compare]: _id } }];
    return { createdAt: { [`${compare}e`]: createdAt }, $or: rest };
  }

  async #read(filter: Filter, options: mongo.FindOptions): Promise<Task[]> {
    return this.#connection.askAgain(async () => {
      const { fifo, clock, maxTimeMS } = this.#connection;
      const found = await fifo.find(filter, { ...options, maxTimeMS }).toArray();
      const { earliestMs } = await clock.now();
      return found.map((document) => fifoTask(document, this.#keys, earliestMs));
    });
  }
}
