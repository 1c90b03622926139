import type { mongo } from 'mongoose';
import { LISTED_FEW, LISTED_READS } from '../../constants/limits';
import { FINISHED_STATES, TASK_STATES } from '../../constants/states';
import type { TaskState } from '../../constants/states';
import { AFTER_ALL, conditionsOf, countFilter, indexOf } from '../../modules/mongo/bulkFilters';
import type { MongoKeys } from '../../modules/mongo/mongoKeys';
import { CLAIM_INDEX, FAILURE_INDEX, HEAD_FIELDS, WHOLE_FIELDS } from '../../modules/mongo/mongoSchema';
import type { TaskDocument } from '../../modules/mongo/taskFields';
import { BY_ID } from '../../modules/mongo/taskFilters';
import { foundIn, pageOfLanes } from '../../modules/ports/pageOfLanes';
import type { LaneFound } from '../../modules/ports/pageOfLanes';
import type { ListRequest } from '../../modules/ports/taskStore';
import type { MongoConnection } from './mongoConnection';

type Filter = mongo.Filter<TaskDocument>;

const NEWEST_FIRST = { _id: -1 } as const;

/** A task that belongs on a page, if it is new enough. */
interface Found {
  readonly id: string;
}

/** A request with its queue as the database names it. */
type LaneRequest = Omit<ListRequest, 'states'>;

/** The documents of a page, and the id after which the next one begins. */
export interface ListedDocuments {
  readonly documents: readonly TaskDocument[];
  readonly next: string | null;
}

/**
 * Listings of a MongoDB: the ids of a page are looked for in the index of each state, and its documents are read by one command.
 *
 * Waiting tasks have no index in the order of a listing, because it would cost each task more than the listing is worth. A few are all read, many are
 * looked for among the newest tasks of the collection, and a page ends where enough of them were looked at.
 */
export class MongoListing {
  readonly #connection: MongoConnection;
  readonly #keys: MongoKeys;

  constructor(connection: MongoConnection, keys: MongoKeys) {
    this.#connection = connection;
    this.#keys = keys;
  }

  async page({ states = TASK_STATES, ...rest }: ListRequest): Promise<ListedDocuments> {
    const request = { ...rest, queue: this.#keys.inside(rest.queue) };
    const lanes = await this.#lanes(request, states);
    const { rows, next } = pageOfLanes(lanes, request.limit);
    return rows.length === 0 ? { documents: [], next } : this.#read(rows, next, request, states);
  }

  async #lanes(request: LaneRequest, states: readonly TaskState[]): Promise<LaneFound<Found>[]> {
    const { queue, failureGroup } = request;
    if (failureGroup === undefined) {
      // Tasks move on in this order, so that one which moves meanwhile is met once at least.
      const waiting = states.includes('waiting') ? [await this.#waiting(request)] : [];
      const running = states.includes('running') ? [await this.#inState('running', request)] : [];
      const finished = FINISHED_STATES.filter((state) => states.includes(state));
      return [...waiting, ...running, ...(await Promise.all(finished.map((state) => this.#inState(state, request))))];
    }
    const range = { queue, 'error.group': failureGroup, ...this.#after(request) } as Filter;
    return [await this.#bounded(range, FAILURE_INDEX, { state: { $in: states }, ...conditionsOf(request) }, request)];
  }

  /** Reads the tasks of a page. One that has left these states meanwhile is not in it. */
  async #read(rows: readonly Found[], next: string | null, { queue, part }: LaneRequest, states: readonly TaskState[]): Promise<ListedDocuments> {
    const filter = { _id: { $in: rows.map(({ id }) => this.#keys.mongoId(id)) }, queue, state: { $in: states } } as unknown as Filter;
    const options = {
      projection: part ? HEAD_FIELDS : WHOLE_FIELDS,
      sort: NEWEST_FIRST,
      hint: BY_ID,
      skip: 0,
      maxTimeMS: this.#connection.maxTimeMS,
    };
    const { documents, isCut } = await this.#connection.findAtOnce(filter, { ...options, limit: rows.length + 1 });
    return { documents, next: isCut ? (documents.at(-1)?._id.toString() ?? next) : next };
  }

  async #inState(state: Exclude<TaskState, 'waiting'>, request: LaneRequest): Promise<LaneFound<Found>> {
    const [range, hint, conditions] = [{ ...countFilter(request.queue, state), ...this.#after(request) }, indexOf(state), conditionsOf(request)];
    // Running tasks are few, and have no order in their index.
    if (state === 'running' || Object.keys(conditions).length === 0)
      return foundIn(await this.#find({ ...range, ...conditions }, hint, request), request.limit);
    return this.#bounded(range, hint, conditions, request);
  }

  async #waiting(request: LaneRequest): Promise<LaneFound<Found>> {
    const waiting = countFilter(request.queue, 'waiting');
    const conditions = { ...this.#after(request), ...conditionsOf(request) };
    const all = async (): Promise<LaneFound<Found>> => foundIn(await this.#find({ ...waiting, ...conditions }, CLAIM_INDEX, request), request.limit);
    if ((await this.#count(waiting, LISTED_FEW)) <= LISTED_FEW) return all();
    const found = await this.#amongNewest(request);
    const isEnough = found.rows.length > request.limit || found.until === null;
    return isEnough || (await this.#count(waiting, LISTED_READS)) > LISTED_READS ? found : all();
  }

  /** Finds waiting tasks among the newest tasks of all queues and states. */
  async #amongNewest(request: LaneRequest): Promise<LaneFound<Found>> {
    const { limit, queue } = request;
    const last = await this.#idAt(this.#after(request), BY_ID);
    const { _id: range } = this.#after(request);
    const from = last === null ? {} : { $gte: this.#keys.mongoId(last) };
    const filter = { queue, state: 'waiting', _id: { ...range, ...from }, ...conditionsOf(request) } as unknown as Filter;
    return foundIn(await this.#find(filter, BY_ID, request), limit, last);
  }

  /** Finds what meets conditions among a bounded number of tasks of one index. */
  async #bounded(range: Filter, hint: string, conditions: Filter, { limit }: LaneRequest): Promise<LaneFound<Found>> {
    const { tasks, maxTimeMS } = this.#connection;
    const looked = [{ $match: range }, { $sort: NEWEST_FIRST }, { $limit: LISTED_READS }];
    const pipeline = [...looked, { $match: conditions }, { $limit: limit + 1 }, { $project: { _id: 1 } }];
    const found = await tasks.aggregate<Pick<TaskDocument, '_id'>>(pipeline, { hint, batchSize: limit + 2, maxTimeMS }).toArray();
    const rows = idsOf(found);
    return foundIn(rows, limit, rows.length > limit ? null : await this.#idAt(range, hint));
  }

  async #find(filter: Filter, hint: mongo.Hint, { limit }: LaneRequest): Promise<Found[]> {
    const { tasks, maxTimeMS } = this.#connection;
    const options = { projection: { _id: 1 }, hint, sort: NEWEST_FIRST, limit: limit + 1, batchSize: limit + 2, maxTimeMS } as const;
    return idsOf(await tasks.find(filter, options).toArray());
  }

  /** Returns the id of the last task that is looked at, by the index alone; null if there are fewer. */
  async #idAt(filter: Filter, hint: mongo.Hint): Promise<string | null> {
    const { tasks, maxTimeMS } = this.#connection;
    const options = { projection: { _id: 1 }, hint, sort: NEWEST_FIRST, skip: LISTED_READS - 1, limit: 1, maxTimeMS } as const;
    const [last] = idsOf(await tasks.find(filter, options).toArray());
    return last?.id ?? null;
  }

  async #count(filter: Filter, most: number): Promise<number> {
    const { tasks, maxTimeMS } = this.#connection;
    const pipeline = [{ $match: filter }, { $limit: most + 1 }, { $count: 'count' }];
    const [row] = await tasks.aggregate<{ count: number }>(pipeline, { hint: CLAIM_INDEX, maxTimeMS }).toArray();
    return row?.count ?? 0;
  }

  #after({ after }: LaneRequest): { readonly _id: { readonly $lt: TaskDocument['_id'] } } {
    return { _id: { $lt: this.#keys.mongoId(after ?? AFTER_ALL) } };
  }
}

const idsOf = (documents: readonly Pick<TaskDocument, '_id'>[]): Found[] => documents.map(({ _id }) => ({ id: _id.toString() }));
