import type { FifoTally } from '../ports/fifoStore';
import { tallyOf } from '../ports/queueTally';
import type { QueueTally } from '../ports/queueTally';

/** Tells by the record of a queue of the broker whether it is a FIFO queue, whose messages are no tasks. */
export const isFifoRecord = (value: string): boolean =>
  (JSON.parse(value) as { readonly attributes?: { readonly fifo?: boolean } }).attributes?.fifo === true;

/** Returns the counts of a FIFO queue as those of a queue of tasks. A count that has reached its bound may be more. */
export function tallyOfFifo({ waiting, delayed, inFlight, since }: FifoTally, most: number, now: Date): QueueTally {
  const found = (count: number): number => (count >= most ? most + 1 : count);
  const counts = { due: found(waiting), delayed: found(delayed), running: found(inFlight), succeeded: 0, dead: 0, cancelled: 0 };
  return tallyOf(counts, most, since, now);
}
