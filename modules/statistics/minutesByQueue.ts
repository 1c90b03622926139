import type { Cell } from './counts';

/** What was counted by queue in each of the last minutes. */
export interface MinutesByQueue {
  /** The beginning of each minute, the oldest first. */
  readonly starts: readonly number[];
  /** The counts of each queue by the place of the minute; undefined where nothing was counted. */
  readonly queues: ReadonlyMap<string, readonly (Cell | undefined)[]>;
}
