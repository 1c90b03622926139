import type { BulkFilter } from '../ports/bulk';
import type { BulkAction, BulkProgress } from './bulkAction';

/** Where a bulk action has come to. */
export interface BulkPoint {
  /** Where its next part begins; null for the first one. */
  readonly after: string | null;
  readonly progress: BulkProgress;
}

/** A bulk action as its record has it, from which another process can go on. */
export interface Operation extends BulkPoint {
  readonly action: BulkAction;
  readonly filter: BulkFilter;
  readonly ratePerSecond?: number | undefined;
  /** The instant, by the store's clock, from which another process may go on. */
  readonly heldUntilMs: number;
}

/** Reads an operation from the value of its record. */
export function operationOf(value: string): Operation {
  const { filter, ...others } = JSON.parse(value) as Operation;
  const { finishedBefore, addedUntil } = filter;
  // JSON has no dates.
  return {
    ...others,
    filter: {
      ...filter,
      ...(finishedBefore && { finishedBefore: new Date(finishedBefore) }),
      ...(addedUntil && { addedUntil: new Date(addedUntil) }),
    },
  };
}
