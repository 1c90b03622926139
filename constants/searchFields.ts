/** What the fields of the search language mean, in the order in which they are suggested. Those with a path are followed by one, as in `payload.user.id`. */
export const SEARCH_FIELDS = {
  state: { kind: 'word', says: 'waiting, delayed, running, succeeded, dead or cancelled' },
  queue: { kind: 'name', says: 'the name of a queue, or what it begins with and *' },
  name: { kind: 'name', says: 'the name of a task, or what it begins with and *' },
  tag: { kind: 'name', says: 'a tag of a task, or what it begins with and *' },
  id: { kind: 'word', says: 'the id of a task' },
  key: { kind: 'name', says: 'the unique key of a task, or what it begins with and *' },
  worker: { kind: 'name', says: 'the id of a worker that runs a task or has run it, or what it begins with and *' },
  group: { kind: 'word', says: 'the group of the last failure' },
  error: { kind: 'text', says: 'text in the last failure' },
  added: { kind: 'time', says: 'time since a task was added, as >1h for longer ago' },
  finished: { kind: 'time', says: 'time since a task ended, as <1d for less' },
  due: { kind: 'time', says: 'time until a waiting task is due, as <1h for less' },
  duration: { kind: 'time', says: 'duration of the last recorded attempt, as >30s' },
  attempts: { kind: 'number', says: 'number of attempts, as 3 or >2' },
  meta: { kind: 'path', says: 'a value in the metadata by its path, as meta.tenant:acme' },
  payload: { kind: 'path', says: 'a value in the payload by its path, as payload.user.id:42' },
} as const;

/** A field of the search language. */
export type SearchField = keyof typeof SEARCH_FIELDS;

/** The words that `state:` takes: the states of a task, and that of a waiting task whose time lies ahead. */
export const SEARCH_STATES = ['waiting', 'delayed', 'running', 'succeeded', 'dead', 'cancelled'] as const;

export type SearchState = (typeof SEARCH_STATES)[number];
