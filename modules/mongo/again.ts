/**
 * Written with each return of a task to waiting. A change stream tells only the fields that have changed, so this one names the queue; the `rev` before
 * it makes it change each time.
 */
export const AGAIN = Object.freeze({ $concat: [{ $toString: '$rev' }, ' ', '$queue'] });

/** Returns the queue in the database of a task that waits again. */
export const queueOfAgain = (again: string): string => again.slice(again.indexOf(' ') + 1);
