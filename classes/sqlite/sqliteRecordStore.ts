import { RECORD_STATEMENTS, recordOfRow } from '../../modules/sqlite/sqliteRecords';
import type { RecordRow } from '../../modules/sqlite/sqliteRecords';
import type { Clock } from '../../modules/time/clock';
import { instantAfter } from '../../modules/time/instantAfter';
import type { Namespace } from '../../modules/ports/namespace';
import { recordId, recordRange } from '../../modules/ports/recordIds';
import type { RecordKind, RecordRequest, RecordStore, RecordWrite, StoredRecord } from '../../modules/ports/recordStore';
import type { SqliteConnection } from './sqliteConnection';

/** The records in a SQLite file. Those whose time is over are deleted by the next write. */
export class SqliteRecordStore implements RecordStore {
  readonly #connection: SqliteConnection;
  readonly #clock: Pick<Clock, 'now'>;
  readonly #namespace: Namespace;

  constructor(connection: SqliteConnection, clock: Pick<Clock, 'now'>, namespace: Namespace) {
    this.#connection = connection;
    this.#clock = clock;
    this.#namespace = namespace;
  }

  read(kind: RecordKind, key: string): Promise<StoredRecord | null> {
    return this.#connection.read(() => {
      const row: unknown = this.#connection.prepare(RECORD_STATEMENTS.read).get(recordId(kind, key, this.#namespace), this.#clock.now());
      return row ? recordOfRow(row as RecordRow, kind, this.#namespace) : null;
    });
  }

  write({ kind, key, value, rev, keepMs }: RecordWrite): Promise<boolean> {
    const id = recordId(kind, key, this.#namespace);
    return this.#connection.write(() => {
      const nowMs = this.#clock.now();
      const expireAt = keepMs === undefined ? null : instantAfter(nowMs, keepMs).getTime();
      this.#connection.prepare(RECORD_STATEMENTS.prune).run(nowMs, id);
      const { changes } =
        rev === 0
          ? this.#connection.prepare(RECORD_STATEMENTS.add).run(id, value, nowMs, nowMs, expireAt)
          : this.#connection.prepare(RECORD_STATEMENTS.replace).run(value, nowMs, expireAt, id, rev);
      return Number(changes) === 1;
    });
  }

  list(request: RecordRequest): Promise<StoredRecord[]> {
    const range = recordRange(request, this.#namespace);
    return this.#connection.read(() => {
      const rows: unknown = this.#connection.prepare(RECORD_STATEMENTS.list).all(...range, this.#clock.now(), request.limit);
      return (rows as RecordRow[]).map((row) => recordOfRow(row, request.kind, this.#namespace));
    });
  }

  async remove(kind: RecordKind, key: string): Promise<void> {
    await this.#connection.write(() => this.#connection.prepare(RECORD_STATEMENTS.remove).run(recordId(kind, key, this.#namespace)));
  }
}
