/** Separates a namespace from a name. No name may hold it, so no queue of one is ever taken for that of another. */
export const SEPARATOR = '\u001f';

/** One of several environments in a database: its names of queues and schedules have a prefix there. */
export interface Namespace {
  readonly name: string;
  /** Returns the name in the database. It takes back what `outside` has made, of any namespace. */
  readonly inside: (name: string) => string;
  /** Returns the name as users know it. That of another namespace keeps its separator, so that it is never taken for one of this. */
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
    inside: (known) => (!known.includes(SEPARATOR) ? prefix + known : known.startsWith(SEPARATOR) ? known.slice(SEPARATOR.length) : known),
    outside: (stored) => (owns(stored) ? stored.slice(prefix.length) : stored.includes(SEPARATOR) ? stored : SEPARATOR + stored),
    owns,
  };
}

/** Returns the name of a queue for a reader: one of another namespace in full. */
export const inFull = (known: string): string => (known.startsWith(SEPARATOR) ? known.slice(SEPARATOR.length) : known.replace(SEPARATOR, '/'));

const UNNAMED: Namespace = {
  name: '',
  inside: (plain) => plain,
  outside: (stored) => stored,
  owns: (stored) => !stored.includes(SEPARATOR),
};
