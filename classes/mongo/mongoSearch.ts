import type { mongo } from 'mongoose';
import { LISTED_READS, SEARCH_LANES } from '../../constants/limits';
import { FINISHED_STATES, LIVE_STATES, TASK_STATES } from '../../constants/states';
import type { FinishedState } from '../../constants/states';
import { AFTER_ALL } from '../../modules/mongo/bulkFilters';
import type { MongoKeys } from '../../modules/mongo/mongoKeys';
import {
  CLAIM_INDEX,
  FAILURE_INDEX,
  FINISHED_INDEX,
  HEAD_FIELDS,
  headOfDocument,
  LEASE_FENCE_QUEUE,
  LEASE_INDEX,
  taskOfDocument,
  UNIQUE_INDEX,
  WHOLE_FIELDS,
} from '../../modules/mongo/mongoSchema';
import type { TaskDocument } from '../../modules/mongo/taskFields';
import { BY_ID } from '../../modules/mongo/taskFilters';
import { pageOfLanes } from '../../modules/ports/pageOfLanes';
import type { LaneFound, LanePage } from '../../modules/ports/pageOfLanes';
import type { QueueLook } from '../../modules/ports/queueLook';
import { isNamed, isPattern } from '../../modules/ports/queuePatterns';
import type { Looked, LookRequest, TaskSearch } from '../../modules/ports/taskSearch';
import type { Task } from '../../modules/task/task';
import { chunksOf } from '../../modules/values/chunksOf';
import type { MongoConnection } from './mongoConnection';

type Filter = mongo.Filter<TaskDocument>;

const NEWEST_FIRST = { _id: -1 } as const;

/** Rows of the newest tasks that one command looks at. */
const ROWS_AT_ONCE = 1_000;
const LEAST_ROWS = 50;

/** Parts of an index that the server merges in one query. Of more it would sort all keys: its own bound is 200. */
const MERGED_LANES = 200;

/** The answer comes in one batch, whatever the number of queues. */
const BATCH = 100_000;

/** The fields of what is looked at, which its index has. */
const FOUND = { _id: 1, queue: 1, state: 1 } as const;

type Row = Pick<TaskDocument, '_id' | 'queue' | 'state'>;

interface FoundTask {
  readonly id: string;
  readonly queue: string;
}

/** What was found in one lane, and how many other tasks were passed over for it. */
interface LaneLooked extends LaneFound<FoundTask> {
  readonly passed: number;
}

/** Counts what was looked at: what is on the page, and what was passed over for it. */
const lookedIn = (lanes: readonly LaneLooked[], onPage: number): number => lanes.reduce((total, { passed }) => total + passed, onPage);

/** Searches of a MongoDB: by the index of finished tasks, in which the server merges queues and states, or among the newest tasks of the collection. */
export class MongoSearch implements TaskSearch {
  readonly #connection: MongoConnection;
  readonly #keys: MongoKeys;
  readonly #looks: Pick<QueueLook, 'names'>;

  constructor(connection: MongoConnection, looks: Pick<QueueLook, 'names'>, keys: MongoKeys) {
    this.#looks = looks;
    this.#connection = connection;
    this.#keys = keys;
  }

  look(request: LookRequest): Promise<Looked> {
    return this.#connection.askAgain(async () => {
      const lanes = await this.#lanes(request);
      const page = pageOfLanes(lanes, request.limit);
      const { tasks, next } = await this.#read(page, request);
      return { tasks, looked: lookedIn(lanes, page.rows.length), next };
    });
  }

  /** Reads the tasks of a page. One that has left these states meanwhile is not in it. */
  async #read({ rows, next }: LanePage<FoundTask>, { states, part }: LookRequest): Promise<{ readonly tasks: Task[]; readonly next: string | null }> {
    if (rows.length === 0) return { tasks: [], next };
    const filter = {
      _id: { $in: rows.map(({ id }) => this.#keys.mongoId(id)) },
      queue: { $in: [...new Set(rows.map(({ queue }) => queue))] },
      state: { $in: states },
    } as unknown as Filter;
    const projection = part ? HEAD_FIELDS : WHOLE_FIELDS;
    const options = { projection, sort: NEWEST_FIRST, hint: BY_ID, skip: 0, maxTimeMS: this.#connection.maxTimeMS };
    const { documents, isCut } = await this.#connection.findAtOnce(filter, { ...options, limit: rows.length + 1 });
    const tasks = documents.map((document) => (part ? (headOfDocument(document, this.#keys) as Task) : taskOfDocument(document, this.#keys)));
    return { tasks, next: isCut ? (tasks.at(-1)?.id ?? next) : next };
  }

  async #lanes(request: LookRequest): Promise<LaneLooked[]> {
    const { queues, states, ids, uniqueKeys, failureGroups } = request;
    if (ids) return [await this.#all({ _id: { $in: ids.map(this.#keys.mongoId) } }, BY_ID, request)];
    const isEvery = queues.includes('*') && TASK_STATES.every((state) => states.includes(state));
    if (isEvery && !uniqueKeys && !failureGroups) return [await this.#newest(request)];
    const names = await this.#names(queues);
    if (uniqueKeys) {
      const filter = { queue: { $in: names }, uniqueKey: { $in: uniqueKeys }, state: { $in: LIVE_STATES } } as unknown as Filter;
      return [await this.#all(filter, UNIQUE_INDEX, request)];
    }
    if (failureGroups) return this.#inGroups(names, failureGroups, request);
    const finished = FINISHED_STATES.filter((state) => states.includes(state));
    if (names.length * finished.length > SEARCH_LANES) return [await this.#newest(request)];
    // Tasks move on in this order, so that one which moves meanwhile is met once at least.
    const waiting = states.includes('waiting') ? [await this.#waiting(request, names)] : [];
    const running = states.includes('running') ? [await this.#running(request)] : [];
    return [...waiting, ...running, ...(await Promise.all(this.#inFinished(names, finished, request)))];
  }

  /** Reads all that matches, which is little, and keeps what is asked for. */
  async #all(filter: Filter, hint: mongo.Hint, request: LookRequest): Promise<LaneLooked> {
    const rows = (await this.#find(filter, { hint })).filter(({ queue }) => queue !== LEASE_FENCE_QUEUE);
    const asked = rows.filter((row) => this.#isAsked(row, request));
    const found = asked
      .map(foundTask)
      .filter(({ id }) => request.after === undefined || id < request.after)
      .sort((one, other) => (one.id < other.id ? 1 : -1));
    return { ...cut(found, request.limit), passed: rows.length - asked.length };
  }

  /** The server merges the queues of one state in order. Of two of the three states it would sort them all. */
  #inFinished(names: readonly string[], states: readonly FinishedState[], request: LookRequest): Promise<LaneLooked>[] {
    return states.flatMap((state) =>
      chunksOf(names, MERGED_LANES).map(async (some) => {
        const filter = { queue: { $in: some }, state, ...this.#after(request) } as unknown as Filter;
        const rows = await this.#find(filter, { hint: FINISHED_INDEX, sort: NEWEST_FIRST, limit: request.limit + 1 });
        return { ...cut(rows.map(foundTask), request.limit), passed: 0 };
      }),
    );
  }

  /** Looks at one more task of a group than a page has, whatever its state. */
  #inGroups(names: readonly string[], groups: readonly string[], request: LookRequest): Promise<LaneLooked[]> {
    const lanes = groups.flatMap((group) =>
      chunksOf(names, MERGED_LANES).map(async (some) => {
        const filter = { queue: { $in: some }, 'error.group': group, ...this.#after(request) } as unknown as Filter;
        const rows = await this.#find(filter, { hint: FAILURE_INDEX, sort: NEWEST_FIRST, limit: request.limit + 1 });
        const { until } = cut(rows.map(foundTask), request.limit);
        const asked = rows.filter((row) => this.#isAsked(row, request));
        return { rows: asked.map(foundTask), until, passed: rows.length - asked.length };
      }),
    );
    return Promise.all(lanes);
  }

  async #running(request: LookRequest): Promise<LaneLooked> {
    const filter = { state: 'running', 'lease.expiresAt': { $gte: new Date(0) } } as Filter;
    const few = await this.#count(filter, LEASE_INDEX, LISTED_READS);
    return few > LISTED_READS ? this.#newest({ ...request, states: ['running'] }) : this.#all(filter, LEASE_INDEX, request);
  }

  /** Waiting tasks that are not too many are all read; more are looked for among the newest tasks of the collection. */
  async #waiting(request: LookRequest, names: readonly string[]): Promise<LaneLooked> {
    const filter = { queue: { $in: names }, state: 'waiting' } as unknown as Filter;
    const isMany = (await this.#count(filter, CLAIM_INDEX, LISTED_READS)) > LISTED_READS;
    return isMany ? this.#newest({ ...request, states: ['waiting'] }) : this.#all(filter, CLAIM_INDEX, request);
  }

  /** Looks among the newest tasks of all queues and states, a bounded number. */
  async #newest(request: LookRequest): Promise<LaneLooked> {
    const found: FoundTask[] = [];
    let { after } = request;
    let looked = 0;
    for (let most = Math.max(request.limit + 1, LEAST_ROWS); looked < LISTED_READS; most = ROWS_AT_ONCE) {
      const rows = await this.#find(this.#after({ after }), { hint: BY_ID, sort: NEWEST_FIRST, limit: most });
      looked += rows.length;
      found.push(...rows.filter((row) => this.#isAsked(row, request)).map(foundTask));
      if (found.length > request.limit) return { ...cut(found, request.limit), passed: looked - found.length };
      if (rows.length < most) return { rows: found, until: null, passed: looked - found.length };
      after = rows.at(-1)?._id.toString();
    }
    return { rows: found, until: after ?? null, passed: looked - found.length };
  }

  #find(filter: Filter, options: Pick<mongo.FindOptions, 'hint' | 'sort' | 'limit'>): Promise<Row[]> {
    const { tasks, maxTimeMS } = this.#connection;
    return tasks.find(filter, { ...options, projection: FOUND, batchSize: (options.limit ?? BATCH) + 1, maxTimeMS }).toArray();
  }

  async #count(filter: Filter, hint: string, most: number): Promise<number> {
    const { tasks, maxTimeMS } = this.#connection;
    const pipeline = [{ $match: filter }, { $limit: most + 1 }, { $count: 'count' }];
    const [row] = await tasks.aggregate<{ count: number }>(pipeline, { hint, maxTimeMS }).toArray();
    return row?.count ?? 0;
  }

  #isAsked({ queue, state }: Row, { queues, states }: LookRequest): boolean {
    const isTask = queue !== LEASE_FENCE_QUEUE && states.includes(state);
    return isTask && this.#keys.owns(queue) && isNamed(queues, this.#keys.outside(queue));
  }

  /** Returns the names of queues as the database has them: those given, and those in patterns that have a task. */
  async #names(queues: readonly string[]): Promise<string[]> {
    const names = queues.some(isPattern) ? (await this.#looks.names()).filter((queue) => isNamed(queues, queue)) : [...new Set(queues)];
    return names.map(this.#keys.inside);
  }

  #after({ after }: { readonly after?: string | undefined }): { readonly _id: { readonly $lt: TaskDocument['_id'] } } {
    return { _id: { $lt: this.#keys.mongoId(after ?? AFTER_ALL) } };
  }
}

const foundTask = ({ _id, queue }: Row): FoundTask => ({ id: _id.toString(), queue });

/** Returns what a page needs of a lane, and where it was cut. */
const cut = (found: readonly FoundTask[], limit: number): LaneFound<FoundTask> => ({
  rows: found.slice(0, limit + 1),
  until: found.length > limit ? (found[limit]?.id ?? null) : null,
});
