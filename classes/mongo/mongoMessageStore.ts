import type { ClientSession } from 'mongoose';
import { PRIORITIES } from '../../constants/limits';
import { holdsFor, movedDocument } from '../../modules/mongo/moveDocuments';
import { isClash, isWithoutTransactions } from '../../modules/mongo/mongoErrors';
import { CLAIM_INDEX, HEAD_FIELDS, headOfDocument } from '../../modules/mongo/mongoSchema';
import type { MongoKeys } from '../../modules/mongo/mongoKeys';
import type { TaskDocument } from '../../modules/mongo/taskFields';
import { BY_ID, keysFilter } from '../../modules/mongo/taskFilters';
import type { MessageStore, Move } from '../../modules/ports/messageStore';
import type { SettleAnswer } from '../../modules/ports/taskStore';
import type { TaskHead } from '../../modules/task/task';
import { chunksOf } from '../../modules/values/chunksOf';
import { groupBy } from '../../modules/values/groupBy';
import { roundsOf } from '../../modules/values/roundsOf';
import type { MongoConnection } from './mongoConnection';

/** Most tasks that one transaction moves. Their documents pass through this process. */
const MOVED_TASKS = 100;

/**
 * Moves and overdue tasks of MongoDB.
 *
 * The queue is the shard key, so a move is a delete and an insert in one transaction. A server that has no transactions has no shards either: there
 * a move is one update.
 */
export class MongoMessageStore implements MessageStore {
  readonly #connection: MongoConnection;
  readonly #keys: MongoKeys;
  #hasTransactions = true;

  constructor(connection: MongoConnection, keys: MongoKeys) {
    this.#connection = connection;
    this.#keys = keys;
  }

  async move(moves: readonly Move[]): Promise<SettleAnswer[]> {
    const answers = new Map<Move, SettleAnswer>();
    for (const round of roundsOf(moves)) for (const chunk of chunksOf(round, MOVED_TASKS)) await this.#moveChunk(chunk, answers);
    return moves.map((move) => answers.get(move) ?? 'lost');
  }

  overdue(queue: string, forMs: number, limit: number): Promise<TaskHead[]> {
    return this.#connection.askAgain(async () => {
      const { tasks, clock, maxTimeMS } = this.#connection;
      const until = new Date((await clock.now()).earliestMs - forMs);
      // A point for each priority lets the server merge what the index has in order.
      const filter = { queue: this.#keys.inside(queue), state: 'waiting', priority: { $in: PRIORITIES }, availableAt: { $lte: until } } as const;
      const options = { projection: HEAD_FIELDS, sort: { availableAt: 1 }, hint: CLAIM_INDEX, limit, maxTimeMS } as const;
      const documents = await tasks.find(filter, options).toArray();
      return documents.map((document) => headOfDocument(document, this.#keys));
    });
  }

  /** Moves tasks together. Where one clashes, each is moved by itself, so that only that one is refused. */
  async #moveChunk(chunk: readonly Move[], answers: Map<Move, SettleAnswer>): Promise<void> {
    try {
      const moved = await this.#connection.askAgain(() => this.#moveTogether(chunk));
      for (const move of moved) answers.set(move, 'applied');
    } catch (error) {
      if (!isClash(error)) throw error;
      const [only] = chunk;
      if (only && chunk.length === 1) return void answers.set(only, 'clash');
      for (const move of chunk) await this.#moveChunk([move], answers);
    }
  }

  /** Returns the moves that hold in the store now, whether by this call or by an earlier sending. */
  async #moveTogether(chunk: readonly Move[]): Promise<readonly Move[]> {
    const moved = await this.#moveBy(chunk);
    const rest = chunk.filter((move) => !moved.includes(move));
    return rest.length === 0 ? moved : [...moved, ...(await this.#movedBefore(rest))];
  }

  async #moveBy(chunk: readonly Move[]): Promise<readonly Move[]> {
    if (!this.#hasTransactions) return this.#update(chunk);
    try {
      return await this.#transact(chunk);
    } catch (error) {
      if (!isWithoutTransactions(error)) throw error;
      this.#hasTransactions = false;
      return this.#update(chunk);
    }
  }

  async #transact(chunk: readonly Move[]): Promise<readonly Move[]> {
    const { clock, client, tasks } = this.#connection;
    const now = new Date((await clock.now()).earliestMs);
    const session = client.startSession();
    try {
      let moved: readonly Move[] = [];
      const options = { readConcern: { level: 'local' }, readPreference: 'primary', writeConcern: tasks.writeConcern ?? {} } as const;
      await session.withTransaction(async () => {
        moved = await this.#replace(chunk, now, session);
      }, options);
      return moved;
    } finally {
      await session.endSession();
    }
  }

  /** Deletes and inserts what the guards hold for. The transaction fails where one of the documents was written to since it was read. */
  async #replace(chunk: readonly Move[], now: Date, session: ClientSession): Promise<readonly Move[]> {
    const { tasks } = this.#connection;
    const found = await tasks.find(keysFilter(chunk, this.#keys), { session, hint: BY_ID }).toArray();
    const byId = new Map(found.map((document) => [document._id.toString(), document]));
    const held = chunk.filter(({ id, guard }) => {
      const document = byId.get(id);
      return document !== undefined && holdsFor(document, guard);
    });
    if (held.length === 0) return held;
    await tasks.deleteMany(keysFilter(held, this.#keys), { session, hint: BY_ID });
    const documents = held.map((move) => movedDocument(byId.get(move.id) as TaskDocument, move, this.#keys, now));
    await tasks.insertMany(documents, { session });
    return held;
  }

  /** Moves by one update each. */
  async #update(chunk: readonly Move[]): Promise<readonly Move[]> {
    const { clock, tasks, maxTimeMS } = this.#connection;
    const now = new Date((await clock.now()).earliestMs);
    const moved: Move[] = [];
    for (const move of chunk) {
      const filter = keysFilter([move], this.#keys);
      const document = await tasks.findOne(filter, { hint: BY_ID, maxTimeMS });
      if (!document || !holdsFor(document, move.guard)) continue;
      const unchanged = { ...filter, state: document.state, rev: document.rev, ...(document.lease ? { 'lease.token': document.lease.token } : {}) };
      const { matchedCount } = await tasks.replaceOne(unchanged, movedDocument(document, move, this.#keys, now), { hint: BY_ID });
      if (matchedCount === 1) moved.push(move);
    }
    return moved;
  }

  async #movedBefore(moves: readonly Move[]): Promise<readonly Move[]> {
    const { tasks, maxTimeMS } = this.#connection;
    const moved: Move[] = [];
    for (const [to, alike] of groupBy(moves, (move) => move.to)) {
      const filter = keysFilter(
        alike.map(({ id }) => ({ id, queue: to })),
        this.#keys,
      );
      const found = await tasks.find(filter, { projection: { settledBy: 1 }, hint: BY_ID, maxTimeMS }).toArray();
      const settledBy = new Map(found.map((document) => [document._id.toString(), document.settledBy]));
      moved.push(...alike.filter(({ id, by }) => settledBy.get(id) === by));
    }
    return moved;
  }
}
