import { ANSWER_BYTES, LISTED_FEW, LISTED_READS } from '../../constants/limits';
import { TASK_STATES } from '../../constants/states';
import type { TaskState } from '../../constants/states';
import type { Namespace } from '../../modules/ports/namespace';
import { foundIn, pageOfLanes } from '../../modules/ports/pageOfLanes';
import type { LaneFound } from '../../modules/ports/pageOfLanes';
import type { ListRequest, Page, Part } from '../../modules/ports/taskStore';
import { countWithin } from '../../modules/sqlite/countWithin';
import type { SizedRow } from '../../modules/sqlite/countWithin';
import {
  foundInGroup,
  foundInState,
  lastById,
  lastInGroup,
  lastInState,
  sizesStatement,
  waitingById,
  waitingByIndex,
  waitingStatement,
} from '../../modules/sqlite/listSql';
import type { LaneRequest } from '../../modules/sqlite/listSql';
import type { Statement } from '../../modules/sqlite/sqliteBulk';
import { readStatement } from '../../modules/sqlite/sqliteSchema';
import { headsOfRows, tasksOfRows } from '../../modules/sqlite/taskRows';
import type { TaskRow } from '../../modules/sqlite/taskRows';
import type { Task } from '../../modules/task/task';
import { uuidOf } from '../../modules/task/uuidBytes';
import type { Clock } from '../../modules/time/clock';
import { turnOfLoop } from '../../modules/time/inTurns';
import { chunksOf } from '../../modules/values/chunksOf';
import type { SqliteConnection } from './sqliteConnection';

/** Tasks that are read in one turn of the event loop: a hundred small ones take some two milliseconds. */
const READ_TASKS = 100;

/** A task that belongs on a page, if it is new enough. */
interface Found {
  readonly seq: number;
  readonly id: string;
}

/** A task of a page, with its id as the file has it. */
type SizedTask = SizedRow & { readonly id: Uint8Array };

/** The way in which a lane is looked through. */
type Look = () => LaneFound<Found>;

/**
 * Listings of a SQLite file: a page is looked for in the index of each state, and read a few tasks at a time, so that no page holds up the process.
 *
 * Waiting tasks have no index in the order of a listing, because it would cost each task more than the listing is worth. A few are all read, many are
 * looked for among the newest tasks of the file, and a page ends where enough of them were looked at.
 */
export class SqliteListing {
  readonly #connection: SqliteConnection;
  readonly #namespace: Namespace;
  readonly #clock: Clock;

  constructor(connection: SqliteConnection, namespace: Namespace, clock: Clock) {
    this.#connection = connection;
    this.#namespace = namespace;
    this.#clock = clock;
  }

  async page({ queue, states = TASK_STATES, ...rest }: ListRequest): Promise<Page> {
    const request = { ...rest, queue: this.#namespace.inside(queue) };
    const { rows, next } = pageOfLanes(await this.#found(request, states), request.limit);
    const sized = await this.#connection.read(() => this.#sized(rows, request.part));
    const count = countWithin(sized, ANSWER_BYTES);
    const tasks = await this.#read(sized.slice(0, count), states, request.part);
    return { tasks, next: count < sized.length ? uuidOf((sized[count - 1] as SizedTask).id) : next };
  }

  /** Looks through the lanes: at once where that is short, so that all are seen at one instant, else each in a turn of its own. */
  async #found(request: LaneRequest, states: readonly TaskState[]): Promise<LaneFound<Found>[]> {
    const { failureGroup: group } = request;
    const ofGroup = { ...request, states };
    if (group !== undefined) return this.#connection.read(() => [this.#lane(ofGroup, foundInGroup(ofGroup, group), lastInGroup(ofGroup, group))]);
    const looks = states.map(
      (state): Look =>
        () =>
          state === 'waiting' ? this.#waiting(request) : this.#inState(state, request),
    );
    if (request.name === undefined && request.tag === undefined) return this.#connection.read(() => looks.map((look) => look()));
    const found: LaneFound<Found>[] = [];
    for (const look of looks) {
      if (found.length > 0) await turnOfLoop(this.#clock);
      found.push(await this.#connection.read(look));
    }
    return found;
  }

  #inState(state: Exclude<TaskState, 'waiting'>, request: LaneRequest): LaneFound<Found> {
    const isCut = state !== 'running' && (request.name !== undefined || request.tag !== undefined);
    return this.#lane(request, foundInState(state, request), isCut ? lastInState(state, request) : undefined);
  }

  #waiting(request: LaneRequest): LaneFound<Found> {
    const count = this.#countWaiting(request.queue);
    if (count <= LISTED_FEW) return this.#lane(request, waitingByIndex(request));
    const found = this.#lane(request, waitingById(request), lastById(request));
    const isEnough = found.rows.length > request.limit || found.until === null;
    return isEnough || count > LISTED_READS ? found : this.#lane(request, waitingByIndex(request));
  }

  #countWaiting(queue: string): number {
    const [row] = this.#all<{ readonly count: number }>(waitingStatement(queue, LISTED_READS + 1));
    return row?.count ?? 0;
  }

  /** @param last finds where looking ends; left out if it does not end before all is seen. */
  #lane({ limit }: LaneRequest, statement: Statement, last?: Statement): LaneFound<Found> {
    const rows = this.#all<Pick<SizedTask, 'seq' | 'id'>>(statement).map((row) => ({ ...row, id: uuidOf(row.id) }));
    const [end] = rows.length > limit || !last ? [] : this.#all<{ readonly id: Uint8Array }>(last);
    return foundIn(rows, limit, end ? uuidOf(end.id) : null);
  }

  #sized(rows: readonly Found[], part: Part | undefined): SizedTask[] {
    const places = rows.map(({ seq }) => seq);
    return places.length === 0 ? [] : this.#all<SizedTask>(sizesStatement(part, places));
  }

  /** Reads the tasks of a page. One that has left these states meanwhile is not in it. */
  async #read(rows: readonly SizedRow[], states: readonly TaskState[], part: Part | undefined): Promise<Task[]> {
    const tasks: Task[] = [];
    for (const some of chunksOf(rows, READ_TASKS)) {
      if (tasks.length > 0) await turnOfLoop(this.#clock);
      const places = JSON.stringify(some.map(({ seq }) => seq));
      const read = await this.#connection.read(() => this.#all<TaskRow>({ sql: readStatement(part, 'DESC'), parameters: [places] }));
      const made = part ? (headsOfRows(read, this.#namespace) as Task[]) : tasksOfRows(read, this.#namespace);
      tasks.push(...made.filter(({ state }) => states.includes(state)));
    }
    return tasks;
  }

  #all<Row>({ sql, parameters }: Statement): Row[] {
    const rows: unknown = this.#connection.prepare(sql).all(...parameters);
    return rows as Row[];
  }
}
