import type { SearchField } from '../../constants/searchFields';
import { viewHistory } from '../task/history';
import type { Task } from '../task/task';
import { hasAt } from './hasAt';
import type { Comparison, SearchTerm, SearchValue } from './searchTerm';

/**
 * Tells whether all terms of a search hold for a task.
 *
 * @param nowMs the time of the store, from which ages are counted.
 */
export const matchesSearch = (task: Task, terms: readonly SearchTerm[], nowMs: number): boolean =>
  terms.every((term) => TESTS[term.field](task, term, nowMs) !== term.isNegated);

type Test = (task: Task, term: SearchTerm, nowMs: number) => boolean;

const TESTS: Readonly<Record<SearchField | 'text', Test>> = {
  state: (task, { values }, nowMs) => values.some(({ text }) => isIn(task, text, nowMs)),
  queue: ({ queue }, { values }) => values.some((value) => isLike(value, queue)),
  name: ({ name }, { values }) => values.some((value) => isLike(value, name)),
  tag: ({ settings: { tags = [] } }, { values }) => values.some((value) => tags.some((tag) => isLike(value, tag))),
  id: ({ id }, { values }) => values.some((value) => value.text === id),
  key: ({ uniqueKey }, { values }) => uniqueKey !== null && values.some((value) => isLike(value, uniqueKey)),
  worker: (task, { values }) => workersOf(task).some((worker) => values.some((value) => isLike(value, worker))),
  group: ({ error }, { values }) => values.some(({ text }) => text === error?.group),
  error: ({ error }, { values }) => error !== null && values.some(({ text }) => isInError(error, text)),
  added: ({ createdAt }, { comparisons }, nowMs) => isAny(comparisons, nowMs - createdAt.getTime()),
  finished: ({ finishedAt }, { comparisons }, nowMs) => finishedAt !== null && isAny(comparisons, nowMs - finishedAt.getTime()),
  due: ({ state, availableAt }, { comparisons }, nowMs) => state === 'waiting' && isAny(comparisons, availableAt.getTime() - nowMs),
  duration: ({ history }, { comparisons }) => isAny(comparisons, viewHistory(history).attempts.at(-1)?.durationMs),
  attempts: ({ attempt }, { comparisons }) => isAny(comparisons, attempt),
  meta: ({ settings }, { path, values }) => hasOne(parsed(settings.metadata ?? '{}'), path, values),
  payload: ({ payload }, { path, values }) => hasOne(parsed(payload), path, values),
  text: ({ payload }, { values }) => values.some(({ text }) => isWithin(payload, JSON.stringify(text).slice(1, -1))),
};

const isLike = ({ text, isPrefix }: SearchValue, found: string): boolean => (isPrefix ? found.startsWith(text) : found === text);

const isIn = ({ state, availableAt }: Task, word: string, nowMs: number): boolean =>
  word === 'delayed' ? state === 'waiting' && availableAt.getTime() > nowMs : word === state;

const workersOf = ({ lease, history }: Task): string[] => [
  ...(lease ? [lease.workerId] : []),
  ...viewHistory(history).attempts.map(({ workerId }) => workerId),
];

const isInError = ({ name, code, message, stack }: NonNullable<Task['error']>, text: string): boolean =>
  [name, String(code ?? ''), message, stack ?? ''].some((part) => isWithin(part, text));

/** What another program has written may be no JSON. It has nothing at any path. */
function parsed(payload: string): unknown {
  try {
    return JSON.parse(payload);
  } catch {
    return undefined;
  }
}

const hasOne = (value: unknown, path: readonly string[], values: readonly SearchValue[]): boolean =>
  values.some(({ text }) => hasAt(value, path, text));

const isWithin = (found: string, text: string): boolean => found.toLowerCase().includes(text.toLowerCase());

const isAny = (comparisons: readonly Comparison[], value: number | undefined): boolean =>
  value !== undefined && comparisons.some(({ sign, amount }) => COMPARE[sign](value, amount));

const COMPARE: Readonly<Record<Comparison['sign'], (value: number, amount: number) => boolean>> = {
  '<': (value, amount) => value < amount,
  '<=': (value, amount) => value <= amount,
  '>': (value, amount) => value > amount,
  '>=': (value, amount) => value >= amount,
  '=': (value, amount) => value === amount,
};
