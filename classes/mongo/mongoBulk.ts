import type { mongo } from 'mongoose';
import { BULK_TASKS, COUNT_READS } from '../../constants/limits';
import { LIVE_STATES } from '../../constants/states';
import type { FinishedState, TaskState } from '../../constants/states';
import { conditionsOf, countFilter, guardOf, indexOf, KEEPS_NONE, rangesAfter } from '../../modules/mongo/bulkFilters';
import type { Position } from '../../modules/mongo/bulkFilters';
import { isClash } from '../../modules/mongo/mongoErrors';
import type { MongoKeys } from '../../modules/mongo/mongoKeys';
import { UNIQUE_INDEX } from '../../modules/mongo/mongoSchema';
import { changePipeline } from '../../modules/mongo/mongoSettle';
import type { TaskDocument } from '../../modules/mongo/taskFields';
import { BY_ID, keysFilter } from '../../modules/mongo/taskFilters';
import { FIRST_PLACE, nextPlace, placeOf } from '../../modules/ports/bulk';
import type { Bulk, BulkCount, BulkFilter, BulkPart, BulkRequest } from '../../modules/ports/bulk';
import type { TaskKey } from '../../modules/ports/taskStore';
import type { MongoClaims } from './mongoClaims';
import type { MongoConnection } from './mongoConnection';

type Filter = mongo.Filter<TaskDocument>;

/** What a window reads of a task: the key of its index. */
type Key = Pick<TaskDocument, '_id'> & Partial<Pick<TaskDocument, 'priority' | 'availableAt'>>;

/** The effect of a change on some tasks. */
type Effect = Pick<BulkPart, 'changed' | 'clashed'>;

const NONE: Effect = Object.freeze({ changed: 0, clashed: 0 });

/** Time of a part. The process does other work meanwhile, but the server locks the documents one after the other. */
const PART_MS = 200;

/** Bulk actions on MongoDB: a part is a covered read of ids and one `updateMany`. */
export class MongoBulk implements Bulk {
  readonly partMs = PART_MS;
  readonly idsAtOnce = BULK_TASKS;
  readonly #connection: MongoConnection;
  readonly #claims: Pick<MongoClaims, 'waitAgain'>;
  readonly #keys: MongoKeys;

  constructor(connection: MongoConnection, claims: Pick<MongoClaims, 'waitAgain'>, keys: MongoKeys) {
    this.#connection = connection;
    this.#claims = claims;
    this.#keys = keys;
  }

  count(filter: BulkFilter, most: number): Promise<BulkCount> {
    return this.#connection.askAgain(async () => {
      const { ids } = filter;
      const counted = await (ids
        ? this.#countOf([{ $match: guardOf(filter, ids, this.#keys) }], BY_ID).then((count) => [{ count, isCut: false }])
        : Promise.all(filter.states.map((state) => this.#countState(filter, state, most))));
      const count = counted.reduce((total, one) => total + one.count, 0);
      return { count: Math.min(count, most), isExact: count <= most && counted.every(({ isCut }) => !isCut) };
    });
  }

  now(): Promise<Date> {
    return this.#connection.askAgain(async () => new Date((await this.#connection.clock.now()).latestMs));
  }

  placeAfter(queue: string, state: FinishedState, newest: number): Promise<string | null> {
    if (newest === 0) return Promise.resolve(FIRST_PLACE);
    return this.#connection.ask(async () => {
      const { tasks, maxTimeMS } = this.#connection;
      const [range] = rangesAfter(this.#keys.inside(queue), state, undefined, this.#keys);
      const { filter = {}, ...options } = range ?? {};
      const found = await tasks.find(filter, { ...options, skip: newest - 1, limit: 2, batchSize: 3, maxTimeMS }).toArray();
      const [last, next] = found as Key[];
      return last && next ? nextPlace(0, 1, last._id.toString()) : null;
    });
  }

  change(request: BulkRequest): Promise<BulkPart> {
    return this.#connection.ask(async () => {
      const { ids, states } = request.filter;
      if (ids) return { seen: ids.length, ...(await this.#apply(request, ids, states)), next: null };
      const { lane, position } = placeOf<Position>(request.after);
      const state = states[lane];
      if (state === undefined) return { seen: 0, ...NONE, next: null };
      const keys = await this.#window(request, state, position);
      const last = keys.length < request.limit ? undefined : positionOf(keys.at(-1));
      const effect = await this.#apply(
        request,
        keys.map(({ _id }) => _id.toString()),
        [state],
      );
      return { seen: keys.length, ...effect, next: nextPlace(lane, states.length, last) };
    });
  }

  async #window({ filter, limit }: BulkRequest, state: TaskState, position: Position | undefined): Promise<Key[]> {
    const { tasks, maxTimeMS } = this.#connection;
    const keys: Key[] = [];
    for (const { filter: range, ...options } of rangesAfter(this.#keys.inside(filter.queue), state, position, this.#keys)) {
      const left = limit - keys.length;
      if (left > 0) keys.push(...((await tasks.find(range, { ...options, limit: left, batchSize: left + 1, maxTimeMS }).toArray()) as Key[]));
    }
    return keys;
  }

  async #apply(request: BulkRequest, ids: readonly string[], states: readonly TaskState[]): Promise<Effect> {
    if (ids.length === 0) return NONE;
    const filter = { ...request.filter, states };
    const effect = request.change.state === 'waiting' ? await this.#revive(request, filter, ids) : await this.#write(request, filter, ids);
    if (request.change.state === 'waiting' && effect.changed > 0) {
      this.#claims.waitAgain((await this.#connection.clock.now()).earliestMs + (request.change.delayMs ?? 0));
    }
    return effect;
  }

  async #write({ change, by }: BulkRequest, filter: BulkFilter, ids: readonly string[]): Promise<Effect> {
    const { tasks, maxTimeMS } = this.#connection;
    const pipeline = changePipeline(change, by, this.#keys);
    const guard = { ...guardOf(filter, ids, this.#keys), ...(change.state === 'removed' ? KEEPS_NONE : {}) };
    const { matchedCount } = await tasks.updateMany(guard, pipeline, { hint: BY_ID, maxTimeMS });
    return { changed: matchedCount, clashed: 0 };
  }

  /**
   * Makes tasks live again, but those whose unique key a live task has. One query finds all such keys: the server ends an update at the first of them.
   * A key that is taken meanwhile has it begin again with the rest.
   */
  async #revive(request: BulkRequest, filter: BulkFilter, ids: readonly string[]): Promise<Effect> {
    const clashing = new Set<string>();
    for (let before = 0; ;) {
      for (const id of await this.#clashing(filter, ids)) clashing.add(id);
      try {
        const { changed } = await this.#write(
          request,
          filter,
          ids.filter((id) => !clashing.has(id)),
        );
        return { changed: before + changed, clashed: clashing.size };
      } catch (error) {
        if (!isClash(error)) throw error;
        before = await this.#countOf([{ $match: { ...keysFilter(keysIn(filter, ids), this.#keys), settledBy: request.by } }], BY_ID);
      }
    }
  }

  /** Returns the tasks whose unique key is taken, by a live task or by an earlier one of these. */
  async #clashing(filter: BulkFilter, ids: readonly string[]): Promise<string[]> {
    const { tasks, maxTimeMS } = this.#connection;
    const guard = { ...guardOf(filter, ids, this.#keys), uniqueKey: { $exists: true } } as Filter;
    const keyed = await tasks.find(guard, { projection: { uniqueKey: 1 }, hint: BY_ID, batchSize: ids.length + 1, maxTimeMS }).toArray();
    if (keyed.length === 0) return [];
    const live = {
      queue: this.#keys.inside(filter.queue),
      uniqueKey: { $in: keyed.map(({ uniqueKey }) => uniqueKey) },
      state: { $in: LIVE_STATES },
    } as Filter;
    const found = await tasks
      .find(live, { projection: { _id: 0, uniqueKey: 1 }, hint: UNIQUE_INDEX, batchSize: ids.length + 1, maxTimeMS })
      .toArray();
    const taken = new Set(found.map(({ uniqueKey }) => uniqueKey));
    return keyed.filter(({ uniqueKey }) => taken.has(uniqueKey) || !taken.add(uniqueKey)).map(({ _id }) => _id.toString());
  }

  /** Counts by the index alone, where the filter has no more conditions. */
  async #countState(filter: BulkFilter, state: TaskState, most: number): Promise<{ count: number; isCut: boolean }> {
    const match = { $match: countFilter(this.#keys.inside(filter.queue), state) };
    const hint = indexOf(state);
    const conditions = conditionsOf(filter);
    if (Object.keys(conditions).length === 0) return { count: await this.#countOf([match, { $limit: most + 1 }], hint), isCut: false };
    const [all, count] = await Promise.all([
      this.#countOf([match, { $limit: COUNT_READS + 1 }], hint),
      this.#countOf([match, { $limit: COUNT_READS }, { $match: conditions }], hint),
    ]);
    return { count, isCut: all > COUNT_READS };
  }

  async #countOf(pipeline: readonly object[], hint: mongo.Hint): Promise<number> {
    const { tasks, maxTimeMS } = this.#connection;
    const [row] = await tasks.aggregate<{ count: number }>([...pipeline, { $count: 'count' }], { hint, maxTimeMS }).toArray();
    return row?.count ?? 0;
  }
}

const keysIn = ({ queue }: BulkFilter, ids: readonly string[]): TaskKey[] => ids.map((id) => ({ id, queue }));

function positionOf(key: Key | undefined): Position | undefined {
  if (!key) return undefined;
  const id = key._id.toString();
  return key.availableAt === undefined ? id : [key.priority ?? 0, key.availableAt.getTime(), id];
}
