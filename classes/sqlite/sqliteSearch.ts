import { LISTED_READS, SEARCH_LANES } from '../../constants/limits';
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
const PEEKS_A_TURN = 200;

interface Row {
  readonly seq: number;
  readonly id: Uint8Array;
  readonly queue: string;
  readonly state: TaskState;
}

/** What was found in one lane, and how many other tasks were passed over for it. */
interface LaneLooked extends LaneFound<PlacedTask> {
  readonly passed: number;
}

/** Makes the statement that reads the next rows of a part of an index. */
type Lane = (bounds: IdBounds, limit: number) => Statement;

/** Counts what was looked at: what is on the page, and what was passed over for it. */
const lookedIn = (lanes: readonly LaneLooked[], onPage: number): number => lanes.reduce((total, { passed }) => total + passed, onPage);

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
    return { tasks, looked: lookedIn(lanes, rows.length), next: cutAt ?? next };
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
    // Tasks move on in this order, so that one which moves meanwhile is met once at least.
    const waiting = states.includes('waiting') ? [await this.#waiting(request, names)] : [];
    const running = states.includes('running') ? [await this.#running(request)] : [];
    return [
      ...waiting,
      ...running,
      ...(await this.#merged(
        finished.flatMap((state) => names.map((name) => finishedLane(state, name))),
        request,
      )),
    ];
  }

  /** Reads all rows of a statement, which are few, and keeps those that are asked for. */
  async #all(statement: Statement, request: LookRequest): Promise<LaneLooked> {
    const rows = await this.#connection.read(() => this.#reading.all<Row>(statement));
    const asked = rows.filter((row) => this.#isAsked(row, request));
    const found = newestFirst(asked.map(placed).filter(({ id }) => request.after === undefined || id < request.after));
    return { ...cut(found, request.limit), passed: rows.length - asked.length };
  }

  /** Looks through many parts of an index, those with the newest tasks first, until what is left of them is older than a full page. */
  async #merged(lanes: readonly Lane[], request: LookRequest): Promise<LaneLooked[]> {
    const { limit, after, states } = request;
    let found: PlacedTask[] = [];
    const ends: string[] = [];
    let passed = 0;
    for (const [at, { lane, newest }] of (await this.#inOrder(lanes, request)).entries()) {
      const floor = found[limit]?.id;
      if (floor !== undefined && newest < floor) break;
      if (at > 0 && at % LANES_A_TURN === 0) await turnOfLoop(this.#clock);
      const rows = await this.#connection.read(() => this.#reading.all<Row>(lane({ after, floor }, limit + 1)));
      const last = rows.length > limit ? rows.at(-1) : undefined;
      if (last) ends.push(uuidOf(last.id));
      const asked = rows.filter(({ state }) => states.includes(state));
      passed += rows.length - asked.length;
      found = newestFirst([...found, ...asked.map(placed)]).slice(0, limit + 1);
    }
    const end = ends.sort().at(-1) ?? null;
    const { rows, until } = cut(found, limit);
    return [{ rows, until: end !== null && end > (until ?? '') ? end : until, passed }];
  }

  /** Returns the parts of an index that have a task below `after`, each with its newest one, in the order of those. */
  async #inOrder(lanes: readonly Lane[], { after }: LookRequest): Promise<{ readonly lane: Lane; readonly newest: string }[]> {
    const begun: { readonly lane: Lane; readonly newest: string }[] = [];
    for (const [at, lane] of lanes.entries()) {
      if (at > 0 && at % PEEKS_A_TURN === 0) await turnOfLoop(this.#clock);
      const [first] = await this.#connection.read(() => this.#reading.all<Row>(lane({ after }, 1)));
      if (first) begun.push({ lane, newest: uuidOf(first.id) });
    }
    return begun.sort((one, other) => (one.newest < other.newest ? 1 : -1));
  }

  async #running(request: LookRequest): Promise<LaneLooked> {
    const rows = await this.#connection.read(() => this.#reading.all<Row>(runningStatement(LISTED_READS + 1)));
    return rows.length > LISTED_READS ? this.#newest({ ...request, states: ['running'] }) : this.#all(runningStatement(LISTED_READS + 1), request);
  }

  /** Waiting tasks that are not too many are all read; more are looked for among the newest tasks of the file. */
  async #waiting(request: LookRequest, names: readonly string[]): Promise<LaneLooked> {
    const [row] = await this.#connection.read(() => this.#reading.all<{ count: number }>(countWaitingStatement(names, LISTED_READS + 1)));
    const isMany = (row?.count ?? 0) > LISTED_READS;
    return isMany ? this.#newest({ ...request, states: ['waiting'] }) : this.#all(waitingStatement(names, LISTED_READS), request);
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
      if (rows.length > request.limit) return { ...cut(rows, request.limit), passed: looked - rows.length };
      const last = some.at(-1);
      if (!last || some.length < most) return { rows, until: null, passed: looked - rows.length };
      after = uuidOf(last.id);
    }
    return { rows, until: after ?? null, passed: looked - rows.length };
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

const newestFirst = (rows: readonly PlacedTask[]): PlacedTask[] => [...rows].sort((one, other) => (one.id < other.id ? 1 : -1));

/** Returns what a page needs of a lane, and where it was cut. */
const cut = (found: readonly PlacedTask[], limit: number): LaneFound<PlacedTask> => ({
  rows: found.slice(0, limit + 1),
  until: found.length > limit ? (found[limit]?.id ?? null) : null,
});

const placed = ({ seq, id }: Row): PlacedTask => ({ seq, id: uuidOf(id) });

const finishedLane =
  (state: FinishedState, queue: string): Lane =>
  (bounds, limit) =>
    finishedStatement(state, queue, bounds, limit);

const groupLane =
  (group: string, queue: string): Lane =>
  (bounds, limit) =>
    groupStatement(group, queue, bounds, limit);
