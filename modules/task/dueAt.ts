import { instantAfter } from '../time/instantAfter';
import type { Due } from './task';

/** The bounds of the time of a store, in milliseconds since the epoch. */
export interface StoreTime {
  readonly earliestMs: number;
  readonly latestMs: number;
}

/**
 * Returns the instant at which a new task is due. An immediate task is due at once by every clock; a delayed one is not due too early.
 *
 * An instant that has passed counts as that of the insert. Claims of busy priorities begin at what came in last, and would find an earlier one late.
 */
export function dueAt(due: Due, { earliestMs, latestMs }: StoreTime): Date {
  if ('at' in due) return new Date(Math.max(due.at.getTime(), earliestMs));
  return due.delayMs === 0 ? new Date(earliestMs) : instantAfter(latestMs, due.delayMs);
}
