import type { Cell } from '../statistics/counts';
import type { MinutesByQueue } from '../statistics/minutesByQueue';
import type { MinuteRow, Overview, QueueRow } from './adminTypes';
import { healthOf } from './healthOf';

/** The state of all queues at one instant, as it was read. */
export interface Snapshot {
  readonly takenMs: number;
  readonly rows: readonly QueueRow[];
  readonly minutes: MinutesByQueue;
  /** Tasks that were due in a minute by queue, where somebody looked. */
  readonly waiting: ReadonlyMap<number, ReadonlyMap<string, number>>;
}

type Counted = Omit<MinuteRow, 'at' | 'waiting'>;

/**
 * Returns the overview of the queues that its reader may see.
 *
 * @param ageMs how long ago the snapshot was taken.
 */
export function overviewOf({ takenMs, rows, minutes, waiting }: Snapshot, ageMs: number, isSeen: (queue: string) => boolean): Overview {
  const queues = rows.filter(({ name }) => isSeen(name));
  const rowsByMinute = minuteRows(minutes, waiting, isSeen);
  return {
    ...{ now: new Date(takenMs + ageMs), takenAt: new Date(takenMs) },
    health: healthOf({ queues, minutes: rowsByMinute, ageMs }),
    ...{ queues, minutes: rowsByMinute },
  };
}

function minuteRows({ starts, queues }: MinutesByQueue, waiting: Snapshot['waiting'], isSeen: (queue: string) => boolean): MinuteRow[] {
  const sums = starts.map((): { -readonly [Key in keyof Counted]: number } => ({ succeeded: 0, failed: 0, retried: 0, dead: 0 }));
  for (const [queue, cells] of queues) if (isSeen(queue)) cells.forEach((cell, at) => cell && sums[at] && add(sums[at], cell));
  return starts.map((startMs, at) => ({ at: new Date(startMs), ...(sums[at] as Counted), waiting: waitingIn(waiting.get(startMs), isSeen) }));
}

function add(sum: { -readonly [Key in keyof Counted]: number }, cell: Cell): void {
  sum.succeeded += cell.succeeded;
  sum.failed += cell.failed;
  sum.retried += cell.retried;
  sum.dead += cell.dead;
}

const waitingIn = (counts: ReadonlyMap<string, number> | undefined, isSeen: (queue: string) => boolean): number | null =>
  counts ? [...counts].reduce((sum, [queue, count]) => (isSeen(queue) ? sum + count : sum), 0) : null;
