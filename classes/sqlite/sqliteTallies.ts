import { COUNTED_TASKS } from '../../constants/limits';
import type { BulkCount } from '../../modules/ports/bulk';
import type { Namespace } from '../../modules/ports/namespace';
import { boundedCount, PLAIN_STATES, tallyOf } from '../../modules/ports/queueTally';
import type { PlacedTask, QueueTallies, QueueTally, TallyKey } from '../../modules/ports/queueTally';
import { countLaneStatement, lanesOf } from '../../modules/sqlite/sqliteBulk';
import type { Value } from '../../modules/sqlite/taskColumns';
import { beforeStatement, firstDueStatement, waitingCountStatement } from '../../modules/sqlite/tallySql';
import { uuidBytes } from '../../modules/task/uuidBytes';
import type { Clock } from '../../modules/time/clock';
import { turnOfLoop } from '../../modules/time/inTurns';
import type { SqliteConnection } from './sqliteConnection';

type PlainState = (typeof PLAIN_STATES)[number];

/** The counts of one queue of a SQLite file. */
export class SqliteTallies implements QueueTallies {
  readonly atOnce = 4;
  readonly #connection: SqliteConnection;
  readonly #namespace: Namespace;
  readonly #clock: Clock;

  constructor(connection: SqliteConnection, namespace: Namespace, clock: Clock) {
    this.#connection = connection;
    this.#namespace = namespace;
    this.#clock = clock;
  }

  /** Counts at one instant, or each kind in a turn of its own where that takes long. */
  async of(known: string, most: number): Promise<QueueTally> {
    const queue = this.#namespace.inside(known);
    const nowMs = this.#clock.now();
    const waiting = (isDue: boolean): number =>
      lanesOf(['waiting']).reduce((sum, lane) => sum + this.#number(waitingCountStatement(lane, isDue), queue, nowMs, most + 1), 0);
    const counting: Readonly<Record<TallyKey | 'first', () => number>> = {
      due: () => waiting(true),
      delayed: () => waiting(false),
      ...(Object.fromEntries(PLAIN_STATES.map((state) => [state, () => this.#countOf(state, queue, most)])) as Record<PlainState, () => number>),
      first: () => Math.min(...lanesOf(['waiting']).map((lane) => this.#number(firstDueStatement(lane), queue) || Infinity)),
    };
    const counters = Object.entries(counting);
    const found = await (most > COUNTED_TASKS
      ? this.#inTurns(counters)
      : this.#connection.read(() => counters.map(([key, count]) => [key, count()] as const)));
    const { first, ...counts } = Object.fromEntries(found) as Record<TallyKey | 'first', number>;
    return tallyOf(counts, most, first === Infinity ? null : new Date(first), new Date(nowMs));
  }

  before({ id, queue, priority, availableAt }: PlacedTask, most: number): Promise<BulkCount> {
    const parameters = [this.#namespace.inside(queue), this.#clock.now(), priority, availableAt.getTime(), uuidBytes(id), most + 1];
    return this.#connection.read(() => {
      const found = lanesOf(['waiting']).map((lane) => this.#number(beforeStatement(lane, priority), ...parameters));
      return boundedCount(
        found.reduce((sum, count) => sum + count),
        most,
      );
    });
  }

  async #inTurns(counters: readonly (readonly [string, () => number])[]): Promise<(readonly [string, number])[]> {
    const found: (readonly [string, number])[] = [];
    for (const [key, count] of counters) {
      found.push([key, await this.#connection.read(count)]);
      await turnOfLoop(this.#clock);
    }
    return found;
  }

  #countOf(state: PlainState, queue: string, most: number): number {
    return lanesOf([state]).reduce((sum, lane) => {
      const { sql, parameters } = countLaneStatement(lane, queue, { queue, states: [state] }, most);
      return sum + this.#number(sql, ...parameters);
    }, 0);
  }

  #number(sql: string, ...parameters: Value[]): number {
    const row: unknown = this.#connection.prepare(sql).get(...parameters);
    return (row as { count: number | null }).count ?? 0;
  }
}
