/** A small named value that outlives its process: the attributes of a queue, a signing key, the answer to a call. */
export interface StoredRecord {
  readonly key: string;
  /** JSON text. */
  readonly value: string;
  /** 1 when it is written first; every later write raises it. */
  readonly rev: number;
  readonly createdAt: Date;
  readonly changedAt: Date;
}

/** The kinds of records. Each has keys of its own. */
export type RecordKind = 'queue' | 'secret' | 'idempotency' | 'attempt' | 'fifo' | 'bulk' | 'batch' | 'process' | 'statistics' | 'failure' | 'move';

/** A write to a record. */
export interface RecordWrite {
  readonly kind: RecordKind;
  readonly key: string;
  readonly value: string;
  /** The revision that it replaces; 0 if there must be none. */
  readonly rev: number;
  /** Time in milliseconds until the record is gone; without it the record stays. */
  readonly keepMs?: number;
}

/** A request for a page of records, in the order of their keys. */
export interface RecordRequest {
  readonly kind: RecordKind;
  /** What the keys begin with. */
  readonly prefix: string;
  /** The key of the last record of the page before. */
  readonly after?: string;
  readonly limit: number;
}

/** The port of records. Keys have no control characters. A record whose time is over is as good as none. */
export interface RecordStore {
  read(kind: RecordKind, key: string): Promise<StoredRecord | null>;

  /** Writes a record if the present one has the revision named. Returns whether it was written. Sent again, the second answer is false. */
  write(write: RecordWrite): Promise<boolean>;

  /** Returns a page of the records that are there, also those whose time will be over. */
  list(request: RecordRequest): Promise<StoredRecord[]>;

  remove(kind: RecordKind, key: string): Promise<void>;
}
