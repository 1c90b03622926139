import type { Namespace } from '../../modules/ports/namespace';
import type { DueQueue, QueueLook } from '../../modules/ports/queueLook';
import { NEXT_DUE_STATEMENT } from '../../modules/sqlite/nextDueStatement';
import { DUE_STATEMENT, NAMES_STATEMENT, PRESENT_STATEMENT, scopeParameters } from '../../modules/sqlite/sqliteLook';
import { isPattern } from '../../modules/ports/queuePatterns';
import type { SqliteConnection } from './sqliteConnection';

/** The look at the queues of a SQLite file: one covered query. */
export class SqliteQueueLook implements QueueLook {
  readonly #connection: SqliteConnection;
  readonly #namespace: Namespace;
  readonly #now: () => number;

  constructor(connection: SqliteConnection, namespace: Namespace, now: () => number) {
    this.#connection = connection;
    this.#namespace = namespace;
    this.#now = now;
  }

  due(queues: readonly string[]): Promise<DueQueue[]> {
    return this.#connection.read(() => {
      const found: unknown = this.#connection.prepare(DUE_STATEMENT).all(...this.#scope(queues), this.#now());
      const own = (found as DueQueue[]).filter(({ queue }) => this.#namespace.owns(queue));
      return own.map(({ queue, priority }) => ({ queue: this.#namespace.outside(queue), priority }));
    });
  }

  names(): Promise<string[]> {
    return this.#connection.read(() => {
      const rows: unknown = this.#connection.prepare(NAMES_STATEMENT).all();
      return (rows as { readonly queue: string }[])
        .map(({ queue }) => queue)
        .filter(this.#namespace.owns)
        .map(this.#namespace.outside);
    });
  }

  /** Returns the instant at which the next task of the queues is due, or null. */
  nextDueAt(queues: readonly string[], except: readonly string[]): number | null {
    const names = queues.some(isPattern) ? this.#present(queues, except) : queues.map(this.#namespace.inside);
    const row: unknown = this.#connection.prepare(NEXT_DUE_STATEMENT).get(JSON.stringify(names));
    return (row as { readonly due: number | null }).due;
  }

  /** Returns the queues of the scope in which something waits. */
  #present(queues: readonly string[], except: readonly string[]): string[] {
    const rows: unknown = this.#connection.prepare(PRESENT_STATEMENT).all(...this.#scope(queues));
    const left = new Set(except.map(this.#namespace.inside));
    return (rows as { readonly queue: string }[]).map(({ queue }) => queue).filter((queue) => this.#namespace.owns(queue) && !left.has(queue));
  }

  #scope(queues: readonly string[]): readonly [string, string] {
    return scopeParameters(queues.map(this.#namespace.inside));
  }
}
