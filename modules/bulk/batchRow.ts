import type { BulkCount } from '../ports/bulk';
import type { StoredRecord } from '../ports/recordStore';
import type { BatchAction } from './batchDecisions';

/** The state of a batch. */
export type BatchState = 'running' | 'done' | 'stopped' | 'failed';

/** A batch: an action on all tasks that match a search, carried out by the processes of a store. */
export interface BatchView {
  readonly id: string;
  readonly action: BatchAction;
  /** The text of the search. */
  readonly search: string;
  /** The queues to which it is bound; null for all. */
  readonly within: readonly string[] | null;
  /** Who started it; null if nobody was named. */
  readonly by: string | null;
  readonly startedAt: Date;
  /** When it ended; null while it goes on. */
  readonly endedAt: Date | null;
  readonly state: BatchState;
  /** The tasks that matched when it was started, and on which the action can be done. */
  readonly expected: BulkCount;
  /** The tasks that were found so far. */
  readonly seen: number;
  /** The tasks that were changed. What moved on between a look and the write is left alone. */
  readonly changed: number;
  /** The tasks that stay as they are because a live task has their unique key. */
  readonly clashed: number;
  /** Why it failed; null if it did not. */
  readonly error: string | null;
}

/** A batch as its record has it, from which another process can go on. */
export interface BatchRow extends Omit<BatchView, 'id' | 'startedAt' | 'endedAt'> {
  readonly ratePerSecond?: number | undefined;
  readonly startedAtMs: number;
  readonly endedAtMs: number | null;
  /** Where its next part begins. */
  readonly after: string | null;
  /** True once somebody has asked for its end. */
  readonly isStopping: boolean;
  /** The run that carries it out, and the instant by the store's clock from which another may. */
  readonly heldBy: string;
  readonly heldUntilMs: number;
}

/** Reads a batch from its record. */
export const batchOf = ({ value }: StoredRecord): BatchRow => JSON.parse(value) as BatchRow;

/** Returns what users see of a batch. */
export const viewBatch = (id: string, row: BatchRow): BatchView => ({
  id,
  action: row.action,
  search: row.search,
  within: row.within,
  by: row.by,
  startedAt: new Date(row.startedAtMs),
  endedAt: row.endedAtMs === null ? null : new Date(row.endedAtMs),
  state: row.state,
  expected: row.expected,
  seen: row.seen,
  changed: row.changed,
  clashed: row.clashed,
  error: row.error,
});
