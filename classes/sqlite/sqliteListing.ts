import { LISTED_FEW, LISTED_READS } from '../../constants/limits';
import { TASK_STATES } from '../../constants/states';
import type { TaskState } from '../../constants/states';
import type { Namespace } from '../../modules/ports/namespace';
import { foundIn, pageOfLanes } from '../../modules/ports/pageOfLanes';
import type { LaneFound } from '../../modules/ports/pageOfLanes';
import type { ListRequest, Page } from '../../modules/ports/taskStore';
import {
  foundInGroup,
  foundInState,
  lastById,
  lastInGroup,
  lastInState,
  waitingById,
  waitingByIndex,
  waitingStatement,
} from '../../modules/sqlite/listSql';
import type { LaneRequest } from '../../modules/sqlite/listSql';
import type { Statement } from '../../modules/sqlite/sqliteBulk';
import { uuidOf } from '../../modules/task/uuidBytes';
import type { Clock } from '../../modules/time/clock';
import { turnOfLoop } from '../../modules/time/inTurns';
import type { SqliteConnection } from './sqliteConnection';
import { SqliteReading } from './sqliteReading';
import type { PlacedTask } from './sqliteReading';

/** The way in which a lane is looked through. */
type Look = () => LaneFound<PlacedTask>;

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
  readonly #reading: SqliteReading;

  constructor(connection: SqliteConnection, namespace: Namespace, clock: Clock) {
    this.#connection = connection;
    this.#namespace = namespace;
    this.#clock = clock;
    this.#reading = new SqliteReading(connection, namespace, clock);
  }

  async page({ queue, states = TASK_STATES, ...rest }: ListRequest): Promise<Page> {
    const request = { ...rest, queue: this.#namespace.inside(queue) };
    const { rows, next } = pageOfLanes(await this.#found(request, states), request.limit);
    const { tasks, cutAt } = await this.#reading.read(rows, states, request.part);
    return { tasks, next: cutAt ?? next };
  }

  /** Looks through the lanes: at once where that is short, so that all are seen at one instant, else each in a turn of its own. */
  async #found(request: LaneRequest, states: readonly TaskState[]): Promise<LaneFound<PlacedTask>[]> {
    const { failureGroup: group } = request;
    const ofGroup = { ...request, states };
    if (group !== undefined) return this.#connection.read(() => [this.#lane(ofGroup, foundInGroup(ofGroup, group), lastInGroup(ofGroup, group))]);
    const looks = states.map(
      (state): Look =>
        () =>
          state === 'waiting' ? this.#waiting(request) : this.#inState(state, request),
    );
    if (request.name === undefined && request.tag === undefined) return this.#connection.read(() => looks.map((look) => look()));
    const found: LaneFound<PlacedTask>[] = [];
    for (const look of looks) {
      if (found.length > 0) await turnOfLoop(this.#clock);
      found.push(await this.#connection.read(look));
    }
    return found;
  }

  #inState(state: Exclude<TaskState, 'waiting'>, request: LaneRequest): LaneFound<PlacedTask> {
    const isCut = state !== 'running' && (request.name !== undefined || request.tag !== undefined);
    return this.#lane(request, foundInState(state, request), isCut ? lastInState(state, request) : undefined);
  }

  #waiting(request: LaneRequest): LaneFound<PlacedTask> {
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
  #lane({ limit }: LaneRequest, statement: Statement, last?: Statement): LaneFound<PlacedTask> {
    const rows = this.#all<{ readonly seq: number; readonly id: Uint8Array }>(statement).map((row) => ({ ...row, id: uuidOf(row.id) }));
    const [end] = rows.length > limit || !last ? [] : this.#all<{ readonly id: Uint8Array }>(last);
    return foundIn(rows, limit, end ? uuidOf(end.id) : null);
  }

  #all<Row>({ sql, parameters }: Statement): Row[] {
    const rows: unknown = this.#connection.prepare(sql).all(...parameters);
    return rows as Row[];
  }
}
