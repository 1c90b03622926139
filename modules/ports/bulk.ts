import type { FinishedState, TaskState } from '../../constants/states';
import type { Change } from '../task/change';

/** Which tasks of a queue a bulk action is for. What is left out lets all through. */
export interface BulkFilter {
  readonly queue: string;
  readonly states: readonly TaskState[];
  readonly name?: string;
  readonly tag?: string;
  /** Only these tasks: at most `idsAtOnce` of the store, and none twice. */
  readonly ids?: readonly string[];
  /** Only tasks that ended before this instant, by the store's clock. */
  readonly finishedBefore?: Date;
  /** Only tasks that were added at this instant or before, by the store's clock. */
  readonly addedUntil?: Date;
}

/** A number of tasks: all that a filter lets through or, where counting stopped before, at least so many. */
export interface BulkCount {
  readonly count: number;
  readonly isExact: boolean;
}

/** A request for the next part of a bulk action. */
export interface BulkRequest {
  readonly filter: BulkFilter;
  /** What is written to each task. It is the same for all. */
  readonly change: Change;
  /** The writer, as a settlement names it. */
  readonly by: string;
  /** The most tasks of a part. It is smaller where its tasks are large. */
  readonly limit: number;
  /** The `next` of the part before. */
  readonly after?: string;
}

/** What one part has done. */
export interface BulkPart {
  /** The tasks that were looked at; some of them the filter may not let through. */
  readonly seen: number;
  readonly changed: number;
  /** The tasks that stay as they are because a live task has their unique key. */
  readonly clashed: number;
  /** Where the next part begins; null after the last one. */
  readonly next: string | null;
}

/**
 * The bulk port: one change to all tasks that a filter lets through, in parts.
 *
 * A part reads a bounded number of keys of an index and applies the change to those of them that the filter lets through, in one write that is guarded
 * by the filter. Finished and running tasks come newest first, so what comes in meanwhile is behind. Sent again, a part finds only what it has
 * not changed yet.
 */
export interface Bulk {
  /** Time in milliseconds that one part should take. A file answers nothing else meanwhile, and holds up the process. */
  readonly partMs: number;

  /** The most ids that a filter may have. */
  readonly idsAtOnce: number;

  /** Counts the tasks that a filter lets through, by an index, and stops at `most`. */
  count(filter: BulkFilter, most: number): Promise<BulkCount>;

  /** Returns the time of the store, or a little later: no task that is there was added after it. */
  now(): Promise<Date>;

  /**
   * Returns the `after` of a bulk action on the finished tasks of a state that leaves the newest alone; null if there are no more than those. It skips
   * keys of an index, and reads no task.
   */
  placeAfter(queue: string, state: FinishedState, newest: number): Promise<string | null>;

  /** Carries out the next part. */
  change(request: BulkRequest): Promise<BulkPart>;
}

/** A place in the walk of a bulk action: a list of tasks, of which there is one for each state or index, and where in it. */
export interface BulkPlace<Position> {
  readonly lane: number;
  /** Undefined at the beginning. */
  readonly position?: Position;
}

/** The `after` of a bulk action that begins with the first task. */
export const FIRST_PLACE = JSON.stringify({ lane: 0 });

/** Reads the place of an `after`; without one, the first. */
export const placeOf = <Position>(after: string | undefined): BulkPlace<Position> =>
  after === undefined ? { lane: 0 } : (JSON.parse(after) as BulkPlace<Position>);

/**
 * Writes the place where the next part begins, null if there is none.
 *
 * @param position the last task of this part; undefined if its lane has no more.
 */
export function nextPlace<Position>(lane: number, lanes: number, position: Position | undefined): string | null {
  if (position !== undefined) return JSON.stringify({ lane, position });
  return lane + 1 < lanes ? JSON.stringify({ lane: lane + 1 }) : null;
}
