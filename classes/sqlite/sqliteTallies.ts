import type { Namespace } from '../../modules/ports/namespace';
import { PLAIN_STATES, tallyOf } from '../../modules/ports/queueTally';
import type { QueueTallies, QueueTally } from '../../modules/ports/queueTally';
import { countLaneStatement, lanesOf } from '../../modules/sqlite/sqliteBulk';
import type { Value } from '../../modules/sqlite/taskColumns';
import { firstDueStatement, waitingCountStatement } from '../../modules/sqlite/tallySql';
import type { Clock } from '../../modules/time/clock';
import type { SqliteConnection } from './sqliteConnection';

/** The counts of one queue of a SQLite file. */
export class SqliteTallies implements QueueTallies {
  readonly #connection: SqliteConnection;
  readonly #namespace: Namespace;
  readonly #clock: Clock;

  constructor(connection: SqliteConnection, namespace: Namespace, clock: Clock) {
    this.#connection = connection;
    this.#namespace = namespace;
    this.#clock = clock;
  }

  of(known: string, most: number): Promise<QueueTally> {
    return this.#connection.read(() => {
      const queue = this.#namespace.inside(known);
      const nowMs = this.#clock.now();
      const waiting = (isDue: boolean): number =>
        lanesOf(['waiting']).reduce((sum, lane) => sum + this.#number(waitingCountStatement(lane, isDue), queue, nowMs, most + 1), 0);
      const plain = PLAIN_STATES.map((state) => [state, this.#countOf(state, queue, most)] as const);
      const counts = { due: waiting(true), delayed: waiting(false), ...(Object.fromEntries(plain) as Record<(typeof PLAIN_STATES)[number], number>) };
      const firsts = lanesOf(['waiting']).map((lane) => this.#number(firstDueStatement(lane), queue) || Infinity);
      const first = Math.min(...firsts);
      return tallyOf(counts, most, first === Infinity ? null : new Date(first), new Date(nowMs));
    });
  }

  #countOf(state: (typeof PLAIN_STATES)[number], queue: string, most: number): number {
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
