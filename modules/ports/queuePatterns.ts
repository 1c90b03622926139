/** Ends a pattern: `mail.*` names all queues whose names begin with `mail.`, and `*` all of the namespace. */
const REST = '*';

/** Tells whether the name stands for all queues that begin with it. */
export const isPattern = (queue: string): boolean => queue.endsWith(REST);

/** Returns what the names of a pattern begin with. */
export const prefixOf = (pattern: string): string => pattern.slice(0, -REST.length);

/** Tells whether a queue is one of those named. */
export const isNamed = (queues: readonly string[], queue: string): boolean =>
  queues.some((named) => (isPattern(named) ? queue.startsWith(prefixOf(named)) : named === queue));

/** Tells whether a worker of these queues may have to choose between several. */
export const isSeveral = (queues: readonly string[]): boolean => queues.length > 1 || queues.some(isPattern);

/** Tells whether some queue may be one of both. */
export function haveCommon(some: readonly string[], others: readonly string[]): boolean {
  const patterns = [some, others].map((queues) => queues.filter(isPattern).map(prefixOf)) as [string[], string[]];
  const names = new Set(others);
  return (
    some.some((queue) => names.has(queue) || patterns[1].some((prefix) => queue.startsWith(prefix))) ||
    others.some((queue) => patterns[0].some((prefix) => queue.startsWith(prefix)))
  );
}
