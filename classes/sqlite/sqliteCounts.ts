import { LIVE_STATES } from '../../constants/states';
import type { TaskState } from '../../constants/states';
import type { Namespace } from '../../modules/ports/namespace';
import type { QueueCounts } from '../../modules/ports/taskStore';
import { countStatement } from '../../modules/sqlite/sqliteSchema';
import { emptyCounts, noCounts } from '../../modules/task/counts';
import type { SqliteConnection } from './sqliteConnection';

interface StateCount {
  readonly queue: string;
  readonly count: number;
}

/** Counts the tasks of a SQLite file. */
export class SqliteCounts {
  readonly #connection: SqliteConnection;
  readonly #namespace: Namespace;

  constructor(connection: SqliteConnection, namespace: Namespace) {
    this.#connection = connection;
    this.#namespace = namespace;
  }

  /** Counts the tasks of the namespace in these states by queue. */
  byQueue(states: readonly TaskState[]): Promise<QueueCounts> {
    return this.#connection.read(() => {
      const counts = noCounts();
      for (const state of states) {
        const own = this.#countsOf(state).filter(({ queue }) => this.#namespace.owns(queue));
        for (const { queue, count } of own) (counts[this.#namespace.outside(queue)] ??= emptyCounts())[state] = count;
      }
      return counts;
    });
  }

  /** Counts the live tasks of other namespaces. */
  liveElsewhere(): Promise<number> {
    return this.#connection.read(() => {
      const others = LIVE_STATES.flatMap((state) => this.#countsOf(state)).filter(({ queue }) => !this.#namespace.owns(queue));
      return others.reduce((total, { count }) => total + count, 0);
    });
  }

  #countsOf(state: TaskState): StateCount[] {
    const rows: unknown = this.#connection.prepare(countStatement(state)).all();
    return rows as StateCount[];
  }
}
