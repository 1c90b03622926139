import type { Namespace } from '../ports/namespace';
import { recordKeyOf } from '../ports/recordIds';
import type { RecordKind, StoredRecord } from '../ports/recordStore';

/** A row of the table of records. */
export interface RecordRow {
  readonly id: string;
  readonly value: string;
  readonly rev: number;
  readonly created_at: number;
  readonly changed_at: number;
}

const COLUMNS = 'id, value, rev, created_at, changed_at';

/** Most records that one write deletes because their time is over. */
const PRUNED = 100;

export const RECORD_STATEMENTS = {
  read: `SELECT ${COLUMNS} FROM holdfast_records WHERE id = ? AND (expire_at IS NULL OR expire_at > ?)`,
  add: `INSERT INTO holdfast_records (id, value, rev, created_at, changed_at, expire_at) VALUES (?, ?, 1, ?, ?, ?) ON CONFLICT DO NOTHING`,
  replace: `UPDATE holdfast_records SET value = ?, rev = rev + 1, changed_at = ?, expire_at = ? WHERE id = ? AND rev = ?`,
  list: `SELECT ${COLUMNS} FROM holdfast_records WHERE id > ? AND id < ? AND (expire_at IS NULL OR expire_at > ?) ORDER BY id LIMIT ? + 0`,
  remove: 'DELETE FROM holdfast_records WHERE id = ?',
  prune: `DELETE FROM holdfast_records WHERE expire_at <= ?1 AND (id = ?2 OR id IN
    (SELECT id FROM holdfast_records INDEXED BY holdfast_records_expiry WHERE expire_at IS NOT NULL AND expire_at <= ?1 LIMIT ${PRUNED}))`,
} as const;

/** Reads a record of a row. */
export const recordOfRow = (row: RecordRow, kind: RecordKind, namespace: Namespace): StoredRecord => ({
  key: recordKeyOf(row.id, kind, namespace),
  value: row.value,
  rev: row.rev,
  createdAt: new Date(row.created_at),
  changedAt: new Date(row.changed_at),
});
