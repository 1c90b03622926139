import { FOLLOW_UP_STATEMENTS } from '../../modules/sqlite/sqliteFollowUps';
import { expiryAfter } from '../../modules/sqlite/sqliteSchema';
import { headsOfRows } from '../../modules/sqlite/taskRows';
import type { TaskRow } from '../../modules/sqlite/taskRows';
import type { FollowUpStore, HandOver, KeptFollowUps } from '../../modules/ports/followUpStore';
import type { Namespace } from '../../modules/ports/namespace';
import { uuidBytes } from '../../modules/task/uuidBytes';
import type { Clock } from '../../modules/time/clock';
import type { SqliteConnection } from './sqliteConnection';
import type { SqliteInserts } from './sqliteInserts';

/** The parts of the store of follow-ups. */
export interface SqliteFollowUpsParts {
  readonly connection: SqliteConnection;
  readonly clock: Pick<Clock, 'now'>;
  readonly namespace: Namespace;
  readonly inserts: SqliteInserts;
}

/** The follow-ups in a SQLite file. They get into their queues, and their task lets them go, in one transaction. */
export class SqliteFollowUps implements FollowUpStore {
  readonly #parts: SqliteFollowUpsParts;

  constructor(parts: SqliteFollowUpsParts) {
    this.#parts = parts;
  }

  kept(forMs: number, limit: number): Promise<KeptFollowUps[]> {
    const { connection, clock, namespace } = this.#parts;
    return connection.read(() => {
      const found: unknown = connection.prepare(FOLLOW_UP_STATEMENTS.kept).all(clock.now() - forMs, namespace.inside(''), limit);
      const rows = found as (TaskRow & { readonly follow_ups: string })[];
      return headsOfRows(rows, namespace).map((head, index) => ({ ...head, followUps: rows[index]?.follow_ups ?? '[]' }));
    });
  }

  handOver(handOvers: readonly HandOver[]): Promise<(readonly boolean[] | null)[]> {
    return this.#parts.connection.write(() => handOvers.map((handOver) => this.#handOver(handOver)));
  }

  #handOver({ id, followUps, keepMs }: HandOver): readonly boolean[] | null {
    const { connection, clock, inserts } = this.#parts;
    const [bytes, nowMs] = [uuidBytes(id), clock.now()];
    if (Number(connection.prepare(FOLLOW_UP_STATEMENTS.take).run(bytes).changes) === 0) return null;
    connection.prepare(keepMs === 0 ? FOLLOW_UP_STATEMENTS.remove : FOLLOW_UP_STATEMENTS.release).run(expiryAfter(nowMs, keepMs), bytes);
    return inserts.insert(followUps, nowMs).map(({ added }) => added);
  }
}
