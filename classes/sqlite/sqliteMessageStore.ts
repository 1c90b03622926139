import { NOT_UNIQUE } from '../../modules/sqlite/sqliteErrors';
import { guardParameters } from '../../modules/sqlite/sqliteSettle';
import { moveStatement, OVERDUE_STATEMENT } from '../../modules/sqlite/sqliteMoves';
import { SQLITE_STATEMENTS } from '../../modules/sqlite/sqliteSchema';
import { settingsText } from '../../modules/sqlite/taskColumns';
import { headsOfRows } from '../../modules/sqlite/taskRows';
import type { TaskRow } from '../../modules/sqlite/taskRows';
import type { MessageStore, Move } from '../../modules/ports/messageStore';
import type { Namespace } from '../../modules/ports/namespace';
import type { SettleAnswer } from '../../modules/ports/taskStore';
import type { TaskHead } from '../../modules/task/task';
import { uuidBytes } from '../../modules/task/uuidBytes';
import type { Clock } from '../../modules/time/clock';
import type { SqliteConnection } from './sqliteConnection';

/** Moves and overdue tasks of a SQLite file. */
export class SqliteMessageStore implements MessageStore {
  readonly #connection: SqliteConnection;
  readonly #clock: Pick<Clock, 'now'>;
  readonly #namespace: Namespace;

  constructor(connection: SqliteConnection, clock: Pick<Clock, 'now'>, namespace: Namespace) {
    this.#connection = connection;
    this.#clock = clock;
    this.#namespace = namespace;
  }

  move(moves: readonly Move[]): Promise<SettleAnswer[]> {
    return this.#connection.write(() => moves.map((move) => this.#move(move)));
  }

  overdue(queue: string, forMs: number, limit: number): Promise<TaskHead[]> {
    return this.#connection.read(() => {
      const rows: unknown = this.#connection.prepare(OVERDUE_STATEMENT).all(this.#namespace.inside(queue), this.#clock.now() - forMs, limit);
      return headsOfRows(rows as TaskRow[], this.#namespace);
    });
  }

  #move({ id, to, guard, settings, by }: Move): SettleAnswer {
    const [kind, ...guarded] = guardParameters(guard);
    const given = [this.#namespace.inside(to), this.#clock.now(), settingsText(settings), settings.leaseMs ?? null, by, uuidBytes(id)];
    try {
      const { changes } = this.#connection.prepare(moveStatement(kind)).run(...given, ...guarded);
      return Number(changes) === 1 || this.#wasMovedBy(id, by) ? 'applied' : 'lost';
    } catch (error) {
      if ((error as { errcode?: unknown }).errcode === NOT_UNIQUE) return 'clash';
      throw error;
    }
  }

  #wasMovedBy(id: string, by: string): boolean {
    const row = this.#connection.prepare(SQLITE_STATEMENTS.settledBy).get(uuidBytes(id)) as { settled_by: string | null } | undefined;
    return row?.settled_by === by;
  }
}
