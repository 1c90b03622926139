import type { mongo } from 'mongoose';
import { BATCH_TASKS, COMMAND_BYTES, MINUTE } from '../../constants/limits';
import { HANDS_OVER, HELD, heldBefore, heldDocument, inNamespace, KEEPS, letGoPipeline, RELEASE } from '../../modules/mongo/followUpDocuments';
import { duplicatesOf } from '../../modules/mongo/mongoErrors';
import type { MongoKeys } from '../../modules/mongo/mongoKeys';
import { CLAIM_INDEX, FOLLOW_UP_INDEX, HEAD_FIELDS, headOfDocument } from '../../modules/mongo/mongoSchema';
import type { TaskDocument } from '../../modules/mongo/taskFields';
import { BY_ID, keysFilter } from '../../modules/mongo/taskFilters';
import type { FollowUpStore, HandOver, KeptFollowUps } from '../../modules/ports/followUpStore';
import type { TaskKey } from '../../modules/ports/taskStore';
import type { NewTask } from '../../modules/task/task';
import { taskBytes } from '../../modules/task/taskBytes';
import { chunksWithin } from '../../modules/values/chunksWithin';
import { groupBy } from '../../modules/values/groupBy';
import type { MongoClaims } from './mongoClaims';
import type { MongoConnection } from './mongoConnection';

type Filter = mongo.Filter<TaskDocument>;

/** Age of held follow-ups at which they are looked at, and the time between two such looks of one process. A hand-over takes less than a second. */
const HELD_MS = MINUTE;

/** Most held follow-ups in one such look. */
const HELD_TASKS = 1_000;

/** The parts of the store of follow-ups. */
export interface MongoFollowUpsParts {
  readonly connection: MongoConnection;
  readonly claims: Pick<MongoClaims, 'waitAgain'>;
  readonly keys: MongoKeys;
}

/**
 * The follow-ups in MongoDB. They are handed over by a read of what is left to do, and four writes, each of which may be repeated by anybody, without a
 * transaction:
 *
 * 1. They are inserted, held: nobody can claim them, so none can end and be forgotten before the next write.
 * 2. Their task notes that they are inserted. From then on nobody inserts them again.
 * 3. They are released.
 * 4. Their task lets them go, and its retention begins.
 *
 * A process that inserts late, after all that, takes back what it inserted. If it dies before, a later look of any process does.
 */
export class MongoFollowUps implements FollowUpStore {
  readonly #parts: MongoFollowUpsParts;
  #heldLookAtMs = -Infinity;

  constructor(parts: MongoFollowUpsParts) {
    this.#parts = parts;
  }

  kept(forMs: number, limit: number): Promise<KeptFollowUps[]> {
    const { connection, keys } = this.#parts;
    return connection.askAgain(async () => {
      const { earliestMs } = await connection.clock.now();
      await this.#forgetOrphans(earliestMs);
      const until = new Date(earliestMs - forMs);
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
    const keepers = await connection.askAgain(() => this.#keepers(handOvers));
    const noted = handOvers.filter(({ id }) => keepers.get(id) === 'inserted');
    const absent = await connection.askAgain(() => this.#absentOf(noted));
    const kept = [...noted, ...(await this.#insert(handOvers.filter(({ id }) => keepers.get(id) === 'kept'), absent))]; // prettier-ignore
    if (kept.length === 0) return;
    await connection.askAgain(() => this.#release(kept));
    const isOurs = await connection.askAgain(() => this.#letGo(kept));
    if (isOurs) for (const handOver of kept) answers.set(handOver, wereAdded(handOver, absent));
  }

  /** Inserts follow-ups, held. Returns those whose tasks have noted it, and adds the ids of those that clash. */
  async #insert(handOvers: readonly HandOver[], absent: Set<string>): Promise<readonly HandOver[]> {
    const { connection } = this.#parts;
    if (handOvers.length === 0) return handOvers;
    for (const id of await connection.askAgain(() => this.#insertHeld(handOvers))) absent.add(id);
    const kept = await connection.askAgain(() => this.#noteInserted(handOvers));
    if (kept.length < handOvers.length) await connection.askAgain(() => this.#takeBack(handOvers.filter((handOver) => !kept.includes(handOver))));
    return kept;
  }

  /** Returns the ids of those tasks that keep follow-ups, and whether these are inserted. */
  async #keepers(tasks: readonly TaskKey[]): Promise<ReadonlyMap<string, 'kept' | 'inserted'>> {
    const { connection, keys } = this.#parts;
    const options = { projection: { _id: 1, handsOver: 1 }, hint: BY_ID, maxTimeMS: connection.maxTimeMS } as const;
    const found = await connection.tasks.find({ ...keysFilter(tasks, keys), ...KEEPS }, options).toArray();
    return new Map(found.map(({ _id, handsOver }) => [_id.toString(), handsOver ? 'inserted' : 'kept'] as const));
  }

  /** Returns the ids of follow-ups that are in no queue, of tasks that have noted that theirs are inserted: another task had their unique keys. */
  async #absentOf(handOvers: readonly HandOver[]): Promise<Set<string>> {
    const { connection, keys } = this.#parts;
    const followUps = followUpsIn(handOvers);
    if (followUps.length === 0) return new Set();
    const options = { projection: { _id: 1 }, hint: BY_ID, maxTimeMS: connection.maxTimeMS } as const;
    const found = await connection.tasks.find(keysFilter(followUps, keys), options).toArray();
    const present = new Set(found.map(({ _id }) => _id.toString()));
    return new Set(followUps.map(({ id }) => id).filter((id) => !present.has(id)));
  }

  /** Inserts follow-ups, held. Returns the ids of those whose unique key a live task has. */
  async #insertHeld(handOvers: readonly HandOver[]): Promise<ReadonlySet<string>> {
    const { connection, keys } = this.#parts;
    const time = await connection.clock.now();
    const followUps = followUpsIn(handOvers);
    try {
      await connection.tasks.insertMany(
        handOvers.flatMap((keeper) => keeper.followUps.map((task) => heldDocument(task, keeper, time, keys))),
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
    const keepers = await this.#keepers(handOvers);
    return handOvers.filter(({ id }) => keepers.has(id));
  }

  /** Another process has handed them over, so what is still held came in by this one afterwards. */
  async #takeBack(handOvers: readonly HandOver[]): Promise<void> {
    const { connection, keys } = this.#parts;
    const { tasks, maxTimeMS } = connection;
    await tasks.deleteMany({ ...keysFilter(followUpsIn(handOvers), keys), ...HELD }, { hint: BY_ID, maxTimeMS });
  }

  /**
   * Deletes follow-ups that are held for long, and whose tasks keep them no more: they were inserted after others had handed them over, by a process that
   * died before it could take them back. Each would keep its unique key for ever.
   */
  async #forgetOrphans(nowMs: number): Promise<void> {
    if (nowMs - this.#heldLookAtMs < HELD_MS) return;
    this.#heldLookAtMs = nowMs;
    const { connection, keys } = this.#parts;
    const { tasks, maxTimeMS } = connection;
    const options = { projection: { _id: 1, queue: 1, held: 1 }, hint: CLAIM_INDEX, limit: HELD_TASKS, maxTimeMS } as const;
    const found = await tasks.find(heldBefore(new Date(nowMs - HELD_MS), keys), options).toArray();
    const held = found.flatMap(({ _id, queue, held: { keeper } = {} }) => keeper ? [{ id: _id.toString(), queue: keys.outside(queue), keeper }] : []); // prettier-ignore
    if (held.length === 0) return;
    const keepers = await this.#keepers(held.map(({ keeper }) => ({ id: keeper.id.toString(), queue: keys.outside(keeper.queue) })));
    const orphans = held.filter(({ keeper }) => !keepers.has(keeper.id.toString()));
    if (orphans.length > 0) await tasks.deleteMany({ ...keysFilter(orphans, keys), ...HELD }, { hint: BY_ID, maxTimeMS });
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

const wereAdded = ({ followUps }: HandOver, absent: ReadonlySet<string>): boolean[] => followUps.map(({ id }) => !absent.has(id));
