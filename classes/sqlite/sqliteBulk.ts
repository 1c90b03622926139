import type { Bulk, BulkCount, BulkFilter, BulkPart, BulkRequest } from '../../modules/ports/bulk';
import { FIRST_PLACE, nextPlace, placeOf } from '../../modules/ports/bulk';
import type { Namespace } from '../../modules/ports/namespace';
import {
  bulkStatement,
  countLaneStatement,
  idsStatement,
  lanesOf,
  matchingStatement,
  newestStatement,
  windowStatement,
  writable,
} from '../../modules/sqlite/sqliteBulk';
import type { Lane, LanePosition, LaneRow, Statement } from '../../modules/sqlite/sqliteBulk';
import type { FinishedState, TaskState } from '../../constants/states';
import { uuidOf } from '../../modules/task/uuidBytes';
import type { Clock } from '../../modules/time/clock';
import { turnOfLoop } from '../../modules/time/inTurns';
import type { SqliteConnection } from './sqliteConnection';

interface Counted {
  readonly count: number;
  readonly isCut: number;
}

/** Time of a part without its commit, which may take as long again when it moves the log into the file. */
const PART_MS = 12;

/** Tasks that an action by ids may name at once: they lie anywhere in the file. */
const IDS_AT_ONCE = 200;

/** Keys of an index that are skipped in one turn of the event loop: a million take a third of a second. */
const SKIPPED_KEYS = 20_000;

/** Bulk actions on a SQLite file. Each part is read and written in one transaction. */
export class SqliteBulk implements Bulk {
  readonly partMs = PART_MS;
  readonly idsAtOnce = IDS_AT_ONCE;
  readonly #connection: SqliteConnection;
  readonly #namespace: Namespace;
  readonly #clock: Clock;

  constructor(connection: SqliteConnection, namespace: Namespace, clock: Clock) {
    this.#connection = connection;
    this.#namespace = namespace;
    this.#clock = clock;
  }

  count(filter: BulkFilter, most: number): Promise<BulkCount> {
    return this.#connection.read(() => {
      const counted = filter.ids ? [this.#countIds(filter)] : lanesOf(filter.states).map((lane) => this.#countLane(lane, filter, most));
      const count = counted.reduce((total, one) => total + one.count, 0);
      return { count: Math.min(count, most), isExact: count <= most && counted.every(({ isCut }) => !isCut) };
    });
  }

  now(): Promise<Date> {
    return Promise.resolve(new Date(this.#clock.now()));
  }

  async placeAfter(queue: string, state: FinishedState, newest: number): Promise<string | null> {
    const [lane] = lanesOf([state]);
    if (newest === 0 || !lane) return FIRST_PLACE;
    let before: string | undefined;
    for (let left = newest; left > 0; left -= SKIPPED_KEYS) {
      if (left < newest) await turnOfLoop(this.#clock);
      const statement = newestStatement(lane, this.#namespace.inside(queue), Math.min(left, SKIPPED_KEYS), before);
      const [last, next] = await this.#connection.read(() => this.#all<Pick<LaneRow, 'id'>>(statement));
      if (!last || !next) return null;
      before = uuidOf(last.id);
    }
    return nextPlace(0, 1, before);
  }

  change(request: BulkRequest): Promise<BulkPart> {
    return this.#connection.write(() => (request.filter.ids ? this.#changeIds(request) : this.#changeNext(request)));
  }

  #changeIds(request: BulkRequest): BulkPart {
    const { filter } = request;
    const rows = this.#all<LaneRow>(idsStatement(this.#namespace.inside(filter.queue), filter.ids ?? []));
    const parts: Pick<BulkPart, 'changed' | 'clashed'>[] = [];
    for (let left = rows; left.length > 0; left = left.slice(writable(left).length)) parts.push(this.#apply(request, filter.states, writable(left)));
    const total = (key: 'changed' | 'clashed'): number => parts.reduce((sum, part) => sum + part[key], 0);
    return { seen: rows.length, changed: total('changed'), clashed: total('clashed'), next: null };
  }

  #changeNext(request: BulkRequest): BulkPart {
    const { filter, limit, after } = request;
    const lanes = lanesOf(filter.states);
    const { lane: at, position } = placeOf<LanePosition>(after);
    const lane = lanes[at];
    if (!lane) return { seen: 0, changed: 0, clashed: 0, next: null };
    const found = this.#all<LaneRow>(windowStatement(lane, this.#namespace.inside(filter.queue), position, limit));
    const rows = writable(found);
    const isLast = rows.length === found.length && found.length < limit;
    return {
      seen: rows.length,
      ...this.#apply(request, [lane.state], rows),
      next: nextPlace(at, lanes.length, isLast ? undefined : positionIn(lane, rows)),
    };
  }

  #apply({ filter, change, by }: BulkRequest, states: readonly TaskState[], rows: readonly LaneRow[]): Pick<BulkPart, 'changed' | 'clashed'> {
    if (rows.length === 0) return { changed: 0, clashed: 0 };
    const matched = change.state === 'waiting' ? this.#count(matchingStatement(filter, states, rows)).count : 0;
    const { sql, parameters } = bulkStatement(filter, states, rows, change, by, this.#clock.now());
    const changed = Number(this.#connection.prepare(sql).run(...parameters).changes);
    return { changed, clashed: Math.max(0, matched - changed) };
  }

  #countLane(lane: Lane, filter: BulkFilter, most: number): Counted {
    return this.#count(countLaneStatement(lane, this.#namespace.inside(filter.queue), filter, most));
  }

  #countIds(filter: BulkFilter): Counted {
    const rows = this.#all<LaneRow>(idsStatement(this.#namespace.inside(filter.queue), filter.ids ?? []));
    return { ...this.#count(matchingStatement(filter, filter.states, rows)), isCut: 0 };
  }

  #count({ sql, parameters }: Statement): Counted {
    const row: unknown = this.#connection.prepare(sql).get(...parameters);
    return row as Counted;
  }

  #all<Row>({ sql, parameters }: Statement): Row[] {
    const rows: unknown = this.#connection.prepare(sql).all(...parameters);
    return rows as Row[];
  }
}

function positionIn({ suspect }: Lane, rows: readonly LaneRow[]): LanePosition | undefined {
  const last = rows.at(-1);
  if (!last) return undefined;
  return suspect === undefined ? uuidOf(last.id) : [last.priority, last.available_at, last.seq];
}
