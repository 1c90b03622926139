/** Stands between a namespace and a queue; no name may hold it, so that no queue of one is ever taken for that of another. */
const SEPARATOR = '\u001f';

/** The name that a queue of a namespace has in the database; '' is that of those who name none. */
export const queueInside = (namespace: string, queue: string): string => (namespace === '' ? queue : `${namespace}${SEPARATOR}${queue}`);

/** The name that its users know; that of another namespace is told in full. */
export const queueOutside = (namespace: string, queue: string): string =>
  foreignQueue(namespace, queue) ? queue.replace(SEPARATOR, '/') : queue.slice(queue.indexOf(SEPARATOR) + 1);

/** Tells whether a queue in the database belongs to another namespace. */
export const foreignQueue = (namespace: string, queue: string): boolean => {
  const end = queue.indexOf(SEPARATOR);
  return (end === -1 ? '' : queue.slice(0, end)) !== namespace;
};
