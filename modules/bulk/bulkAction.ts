import type { Change } from '../task/change';
import { redriveChange, removeChange } from '../task/outcome';

/** What a bulk action does: it removes tasks, also running ones, or makes dead ones wait again. */
export type BulkAction = 'remove' | 'redrive';

/** What each action writes to its tasks. */
export const BULK_CHANGES: Readonly<Record<BulkAction, Change>> = { remove: removeChange, redrive: redriveChange };

/** How far a bulk action has come. */
export interface BulkProgress {
  /** The tasks that were looked at. Some of them may not be meant. */
  readonly seen: number;
  /** The tasks that were changed. */
  readonly changed: number;
  /** The tasks that stay as they are because a live task has their unique key. */
  readonly clashed: number;
}

export const NO_PROGRESS: BulkProgress = Object.freeze({ seen: 0, changed: 0, clashed: 0 });

/** Adds a part to what was done before. */
export const withPart = (before: BulkProgress, part: BulkProgress): BulkProgress => ({
  seen: before.seen + part.seen,
  changed: before.changed + part.changed,
  clashed: before.clashed + part.clashed,
});
