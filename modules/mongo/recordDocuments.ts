import type { Namespace } from '../ports/namespace';
import { recordKeyOf } from '../ports/recordIds';
import type { RecordKind, StoredRecord } from '../ports/recordStore';

/** A record as MongoDB has it. */
export interface RecordDocument {
  /** The kind and the key, in the namespace. */
  _id: string;
  value: string;
  rev: number;
  createdAt: Date;
  changedAt: Date;
  expireAt?: Date;
}

/** Reads a record of a document. */
export const recordOfDocument = (
  { _id, value, rev, createdAt, changedAt }: RecordDocument,
  kind: RecordKind,
  namespace: Namespace,
): StoredRecord => ({
  key: recordKeyOf(_id, kind, namespace),
  value,
  rev,
  createdAt,
  changedAt,
});
