import type { mongo } from 'mongoose';
import { BATCH_TASKS, COMMAND_BYTES } from '../../constants/limits';
import { HANDS_OVER, HELD, heldDocument, inNamespace, KEEPS, letGoPipeline, RELEASE } from '../../modules/mongo/followUpDocuments';
import { duplicatesOf } from '../../modules/mongo/mongoErrors';
import type { MongoKeys } from '../../modules/mongo/mongoKeys';
import { FOLLOW_UP_INDEX, HEAD_FIELDS, headOfDocument } from '../../modules/mongo/mongoSchema';
import type { TaskDocument } from '../../modules/mongo/taskFields';
import { BY_ID, keysFilter } from '../../modules/mongo/taskFilters';
import type { FollowUpStore, HandOver, KeptFollowUps } from '../../modules/ports/followUpStore';
import type { NewTask } from '../../modules/task/task';
import { taskBytes } from '../../modules/task/taskBytes';
import { chunksWithin } from '../../modules/values/chunksWithin';
import { groupBy } from '../../modules/values/groupBy';
import type { MongoClaims } from './mongoClaims';
import type { MongoConnection } from './mongoConnection';

type Filter = mongo.Filter<TaskDocument>;

/** The parts of the store of follow-ups. */
export interface MongoFollowUpsParts {
  readonly connection: MongoConnection;
  readonly claims: Pick<MongoClaims, 'waitAgain'>;
  readonly keys: MongoKeys;
}

/**
 * The follow-ups in MongoDB. They are handed over by four writes, each of which may be repeated by anybody, without a transaction:
 *
 * 1. They are inserted, held: nobody can claim them, so none can end and be forgotten before the next write.
 * 2. Their task notes that they are inserted. From then on nobody inserts them again.
 * 3. They are released.
 * 4. Their task lets them go, and its retention begins.
 */
export class MongoFollowUps implements FollowUpStore {
  readonly #parts: MongoFollowUpsParts;

  constructor(parts: MongoFollowUpsParts) {
    this.#parts = parts;
  }

  kept(forMs: number, limit: number): Promise<KeptFollowUps[]> {
    const { connection, keys } = this.#parts;
    return connection.askAgain(async () => {
      const until = new Date((await connection.clock.now()).earliestMs - forMs);
      const filter = { queue: inNamespace(keys), ...KEEPS, finishedAt: { $lte: until } } as Filter;
      const { followUps: _followUps, ...projection } = HEAD_FIELDS as Record<string, 0>;
      const options = { projection, hint: FOLLOW_UP_INDEX, sort: { queue: 1, _id: 1 }, limit, skip: 0, maxTimeMS: connection.maxTimeMS } as const;
      const { documents } = await connection.findAtOnce(filter, options);
      return documents.map((document) => ({ ...headOfDocument(document, keys), followUps: document.followUps ?? '[]' }));
    });
  }

  async handOver(handOvers: readonly HandOver[]): Promise<(readonly boolean[] | null)[]> {
    const answers = new Map<HandOver, readonly boolean[] | null>();
    const weigh = ({ followUps }: HandOver): number => followUps.reduce((bytes, task) => bytes + taskBytes(task), 0);
    for (const chunk of chunksWithin(handOvers, BATCH_TASKS, COMMAND_BYTES, weigh)) await this.#handOver(chunk, answers);
    return handOvers.map((handOver) => answers.get(handOver) ?? null);
  }

  async #handOver(handOvers: readonly HandOver[], answers: Map<HandOver, readonly boolean[] | null>): Promise<void> {
    const { connection } = this.#parts;
    const clashing = await connection.askAgain(() => this.#insertHeld(handOvers.flatMap(({ followUps }) => followUps)));
    const kept = await connection.askAgain(() => this.#noteInserted(handOvers));
    if (kept.length < handOvers.length) await connection.askAgain(() => this.#takeBack(handOvers.filter((handOver) => !kept.includes(handOver))));
    if (kept.length === 0) return;
    await connection.askAgain(() => this.#release(kept));
    const isOurs = await connection.askAgain(() => this.#letGo(kept));
    if (isOurs) for (const handOver of kept) answers.set(handOver, wereAdded(handOver, clashing));
  }

  /** Inserts follow-ups, held. Returns the ids of those whose unique key a live task has. */
  async #insertHeld(followUps: readonly NewTask[]): Promise<ReadonlySet<string>> {
    const { connection, keys } = this.#parts;
    const time = await connection.clock.now();
    try {
      await connection.tasks.insertMany(
        followUps.map((task) => heldDocument(task, time, keys)),
        { ordered: false },
      );
      return new Set();
    } catch (error) {
      const duplicates = duplicatesOf(error);
      if (!duplicates) throw error;
      return new Set(duplicates.flatMap(({ index, isClash }) => (isClash ? [followUps[index]?.id ?? ''] : [])));
    }
  }

  /** Notes in the tasks that their follow-ups are inserted. Returns those that still keep them. */
  async #noteInserted(handOvers: readonly HandOver[]): Promise<readonly HandOver[]> {
    const { connection, keys } = this.#parts;
    const { tasks, maxTimeMS } = connection;
    const filter = { ...keysFilter(handOvers, keys), ...KEEPS };
    const { matchedCount } = await tasks.updateMany(filter, { $set: { handsOver: true } }, { hint: BY_ID, maxTimeMS });
    if (matchedCount === handOvers.length) return handOvers;
    const found = await tasks.find(filter, { projection: { _id: 1 }, hint: BY_ID, maxTimeMS }).toArray();
    const ids = new Set(found.map(({ _id }) => _id.toString()));
    return handOvers.filter(({ id }) => ids.has(id));
  }

  /** Another process has handed them over, so what is still held came in by this one afterwards. */
  async #takeBack(handOvers: readonly HandOver[]): Promise<void> {
    const { connection, keys } = this.#parts;
    const { tasks, maxTimeMS } = connection;
    await tasks.deleteMany({ ...keysFilter(followUpsIn(handOvers), keys), ...HELD }, { hint: BY_ID, maxTimeMS });
  }

  async #release(handOvers: readonly HandOver[]): Promise<void> {
    const { connection, keys, claims } = this.#parts;
    const { tasks, maxTimeMS } = connection;
    const followUps = followUpsIn(handOvers);
    await tasks.updateMany({ ...keysFilter(followUps, keys), ...HELD }, RELEASE, { hint: BY_ID, maxTimeMS });
    const { earliestMs } = await connection.clock.now();
    claims.waitAgain(Math.min(...followUps.map(({ due }) => ('at' in due ? due.at.getTime() : earliestMs + due.delayMs))));
  }

  /** Lets tasks go. Returns whether all were let go by this call. */
  async #letGo(handOvers: readonly HandOver[]): Promise<boolean> {
    const { connection, keys } = this.#parts;
    const { tasks, maxTimeMS } = connection;
    let count = 0;
    for (const [keepMs, alike] of groupBy(handOvers, (handOver) => handOver.keepMs)) {
      const filter = { ...keysFilter(alike, keys), ...HANDS_OVER };
      count += (await tasks.updateMany(filter, letGoPipeline(keepMs), { hint: BY_ID, maxTimeMS })).matchedCount;
    }
    return count === handOvers.length;
  }
}

const followUpsIn = (handOvers: readonly HandOver[]): NewTask[] => handOvers.flatMap(({ followUps }) => followUps);

const wereAdded = ({ followUps }: HandOver, clashing: ReadonlySet<string>): boolean[] => followUps.map(({ id }) => !clashing.has(id));
