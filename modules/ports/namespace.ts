/** Separates a namespace from a name. No name may hold it, so no queue of one is ever taken for that of another. */
export const SEPARATOR = '\u001f';

/** One of several environments in a database: its names of queues and schedules have a prefix there. */
export interface Namespace {
  readonly name: string;
  /** Returns the name in the database. */
  readonly inside: (name: string) => string;
  /** Returns the name as users know it; a name of another namespace is told in full. */
  readonly outside: (stored: string) => string;
  /** Tells whether a name in the database belongs to it. */
  readonly owns: (stored: string) => boolean;
}

/** Makes the namespace of a store; '' is that of stores that name none. */
export function namespaceOf(name = ''): Namespace {
  if (name === '') return UNNAMED;
  const prefix = `${name}${SEPARATOR}`;
  const owns = (stored: string): boolean => stored.startsWith(prefix);
  return {
    name,
    inside: (plain) => prefix + plain,
    outside: (stored) => (owns(stored) ? stored.slice(prefix.length) : inFull(stored)),
    owns,
  };
}

const inFull = (stored: string): string => stored.replace(SEPARATOR, '/');

const UNNAMED: Namespace = {
  name: '',
  inside: (plain) => plain,
  outside: inFull,
  owns: (stored) => !stored.includes(SEPARATOR),
};
