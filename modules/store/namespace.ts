/** The separator between a namespace and a queue. No name may contain it, so that queues of two namespaces never collide. */
const SEPARATOR = '\u001f';

/** Returns the name of a queue in the database. The namespace '' adds no prefix. */
export const queueInside = (namespace: string, queue: string): string => (namespace === '' ? queue : `${namespace}${SEPARATOR}${queue}`);

/** Returns the name of a queue as users see it. A queue of another namespace keeps its prefix. */
export const queueOutside = (namespace: string, queue: string): string =>
  foreignQueue(namespace, queue) ? queue.replace(SEPARATOR, '/') : queue.slice(queue.indexOf(SEPARATOR) + 1);

/** Tells whether a queue in the database belongs to another namespace. */
export const foreignQueue = (namespace: string, queue: string): boolean => {
  const end = queue.indexOf(SEPARATOR);
  return (end === -1 ? '' : queue.slice(0, end)) !== namespace;
};
