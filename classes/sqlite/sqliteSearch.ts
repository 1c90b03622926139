import { LISTED_FEW, LISTED_READS, SEARCH_LANES } from '../../constants/limits';
import { FINISHED_STATES, TASK_STATES } from '../../constants/states';
import type { FinishedState, TaskState } from '../../constants/states';
import type { Namespace } from '../../modules/ports/namespace';
import { pageOfLanes } from '../../modules/ports/pageOfLanes';
import type { LaneFound } from '../../modules/ports/pageOfLanes';
import type { QueueLook } from '../../modules/ports/queueLook';
import { isNamed, isPattern } from '../../modules/ports/queuePatterns';
import type { Looked, LookRequest, TaskSearch } from '../../modules/ports/taskSearch';
import {
  byIdsStatement,
  byKeysStatement,
  countWaitingStatement,
  finishedStatement,
  groupStatement,
  newestStatement,
  runningStatement,
  waitingStatement,
} from '../../modules/sqlite/searchSql';
import type { IdBounds } from '../../modules/sqlite/searchSql';
import type { Statement } from '../../modules/sqlite/sqliteBulk';
import { uuidOf } from '../../modules/task/uuidBytes';
import type { Clock } from '../../modules/time/clock';
import { turnOfLoop } from '../../modules/time/inTurns';
import type { SqliteConnection } from './sqliteConnection';
import { SqliteReading } from './sqliteReading';
import type { PlacedTask } from './sqliteReading';

/** Rows of the newest tasks that are looked at in one turn of the event loop, and parts of an index. */
const ROWS_A_TURN = 500;
const LEAST_ROWS = 50;
const LANES_A_TURN = 50;

interface Row {
  readonly seq: number;
  readonly id: Uint8Array;
  readonly queue: string;
  readonly state: TaskState;
}

/** What was found in one lane, and how many tasks were looked at for it. */
interface LaneLooked extends LaneFound<PlacedTask> {
  readonly looked: number;
}

/** Makes the statement that reads the next rows of a part of an index. */
type Lane = (bounds: IdBounds, limit: number) => Statement;

/** Counts what was looked at. The row after a page only tells that there is one. */
const lookedIn = (lanes: readonly LaneLooked[], limit: number): number =>
  lanes.reduce((total, { rows, looked }) => total + looked - Number(rows.length > limit), 0);

/** Searches of a SQLite file: by the index of each state and queue or, where there is none in that order, among the newest tasks of the file. */
export class SqliteSearch implements TaskSearch {
  readonly #connection: SqliteConnection;
  readonly #namespace: Namespace;
  readonly #clock: Clock;
  readonly #looks: Pick<QueueLook, 'names'>;
  readonly #reading: SqliteReading;

  constructor(connection: SqliteConnection, looks: Pick<QueueLook, 'names'>, namespace: Namespace, clock: Clock) {
    this.#looks = looks;
    this.#connection = connection;
    this.#namespace = namespace;
    this.#clock = clock;
    this.#reading = new SqliteReading(connection, namespace, clock);
  }

  async look(request: LookRequest): Promise<Looked> {
    const lanes = await this.#lanes(request);
    const { rows, next } = pageOfLanes(lanes, request.limit);
    const { tasks, cutAt } = await this.#reading.read(rows, request.states, request.part);
    return { tasks, looked: lookedIn(lanes, request.limit), next: cutAt ?? next };
  }

  async #lanes(request: LookRequest): Promise<LaneLooked[]> {
    const { queues, states, ids, uniqueKeys, failureGroups } = request;
    if (ids) return [await this.#all(byIdsStatement(ids), request)];
    const isEvery = queues.includes('*') && TASK_STATES.every((state) => states.includes(state));
    if (isEvery && !uniqueKeys && !failureGroups) return [await this.#newest(request)];
    const names = await this.#names(queues);
    if (uniqueKeys) return [await this.#all(byKeysStatement(names, uniqueKeys), request)];
    if (failureGroups)
      return this.#merged(
        failureGroups.flatMap((group) => names.map((name) => groupLane(group, name))),
        request,
      );
    const finished = FINISHED_STATES.filter((state) => states.includes(state));
    if (names.length * finished.length > SEARCH_LANES) return [await this.#newest(request)];
    return [
      ...(await this.#merged(
        finished.flatMap((state) => names.map((name) => finishedLane(state, name))),
        request,
      )),
      ...(states.includes('running') ? [await this.#running(request)] : []),
      ...(states.includes('waiting') ? [await this.#waiting(request, names)] : []),
    ];
  }

  /** Reads all rows of a statement, which are few, and keeps those that are asked for. */
  async #all(statement: Statement, request: LookRequest): Promise<LaneLooked> {
    const rows = await this.#connection.read(() => this.#reading.all<Row>(statement));
    const found = rows
      .filter((row) => this.#isAsked(row, request))
      .map(placed)
      .filter(({ id }) => request.after === undefined || id < request.after)
      .sort((one, other) => (one.id < other.id ? 1 : -1));
    return {
      rows: found.slice(0, request.limit + 1),
      until: found.length > request.limit ? (found[request.limit]?.id ?? null) : null,
      looked: rows.length,
    };
  }

  /** Looks through many parts of an index. Once enough is known, each is read only as far as it has newer tasks. */
  async #merged(lanes: readonly Lane[], { limit, after, states }: LookRequest): Promise<LaneLooked[]> {
    let found: PlacedTask[] = [];
    const ends: string[] = [];
    let looked = 0;
    for (const [at, lane] of lanes.entries()) {
      if (at > 0 && at % LANES_A_TURN === 0) await turnOfLoop(this.#clock);
      const floor = found.length > limit ? found[limit]?.id : undefined;
      const rows = await this.#connection.read(() => this.#reading.all<Row>(lane({ after, floor }, limit + 1)));
      looked += rows.length;
      const last = rows.length > limit ? rows.at(-1) : undefined;
      if (last) ends.push(uuidOf(last.id));
      found.push(...rows.filter(({ state }) => states.includes(state)).map(placed));
      found = found.sort((one, other) => (one.id < other.id ? 1 : -1)).slice(0, limit + 1);
    }
    const end = ends.sort().at(-1) ?? null;
    const until = found.length > limit ? (found.at(-1)?.id ?? null) : null;
    return [{ rows: found, until: end !== null && end > (until ?? '') ? end : until, looked }];
  }

  async #running(request: LookRequest): Promise<LaneLooked> {
    const rows = await this.#connection.read(() => this.#reading.all<Row>(runningStatement(LISTED_READS + 1)));
    return rows.length > LISTED_READS ? this.#newest({ ...request, states: ['running'] }) : this.#all(runningStatement(LISTED_READS + 1), request);
  }

  /** A few waiting tasks are all read; many are looked for among the newest tasks of the file. */
  async #waiting(request: LookRequest, names: readonly string[]): Promise<LaneLooked> {
    const [row] = await this.#connection.read(() => this.#reading.all<{ count: number }>(countWaitingStatement(names, LISTED_READS + 1)));
    const count = row?.count ?? 0;
    const all = (): Promise<LaneLooked> => this.#all(waitingStatement(names, LISTED_READS), request);
    if (count <= LISTED_FEW) return all();
    const found = await this.#newest({ ...request, states: ['waiting'] });
    return found.rows.length > request.limit || found.until === null || count > LISTED_READS ? found : all();
  }

  /** Looks among the newest tasks of all queues and states, a bounded number. */
  async #newest(request: LookRequest): Promise<LaneLooked> {
    const rows: PlacedTask[] = [];
    let { after } = request;
    let looked = 0;
    for (let most = Math.max(request.limit + 1, LEAST_ROWS); looked < LISTED_READS; most = ROWS_A_TURN) {
      if (looked > 0) await turnOfLoop(this.#clock);
      const some = await this.#connection.read(() => this.#reading.all<Row>(newestStatement(after, most)));
      looked += some.length;
      rows.push(...some.filter((row) => this.#isAsked(row, request)).map(placed));
      if (rows.length > request.limit) return { rows: rows.slice(0, request.limit + 1), until: rows[request.limit]?.id ?? null, looked };
      const last = some.at(-1);
      if (!last || some.length < most) return { rows, until: null, looked };
      after = uuidOf(last.id);
    }
    return { rows, until: after ?? null, looked };
  }

  #isAsked({ queue, state }: Row, { queues, states }: LookRequest): boolean {
    return states.includes(state) && this.#namespace.owns(queue) && isNamed(queues, this.#namespace.outside(queue));
  }

  /** Returns the names of queues as the file has them: those given, and those in patterns that have a task. */
  async #names(queues: readonly string[]): Promise<string[]> {
    const names = queues.some(isPattern) ? (await this.#looks.names()).filter((queue) => isNamed(queues, queue)) : [...new Set(queues)];
    return names.map(this.#namespace.inside);
  }
}

const placed = ({ seq, id }: Row): PlacedTask => ({ seq, id: uuidOf(id) });

const finishedLane =
  (state: FinishedState, queue: string): Lane =>
  (bounds, limit) =>
    finishedStatement(state, queue, bounds, limit);

const groupLane =
  (group: string, queue: string): Lane =>
  (bounds, limit) =>
    groupStatement(group, queue, bounds, limit);
