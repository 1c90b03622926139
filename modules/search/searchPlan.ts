import { LIVE_STATES, TASK_STATES } from '../../constants/states';
import type { TaskState } from '../../constants/states';
import { isPattern } from '../ports/queuePatterns';
import type { LookRequest } from '../ports/taskSearch';
import type { SearchTerm } from './searchTerm';

/** A part of a search: what its store looks at. The parts follow each other. */
export type SearchPhase = Omit<LookRequest, 'after' | 'limit' | 'part'>;

/** How a search is carried out. */
export interface SearchPlan {
  readonly phases: readonly SearchPhase[];
  /** The terms that are tested on each task that is looked at. */
  readonly tested: readonly SearchTerm[];
  /** True if a test reads more than the head of a task. */
  readonly isWhole: boolean;
  /** The labels of the terms that no index serves. */
  readonly slow: readonly string[];
  /** What an index counts by itself, if it has all that the terms ask for. */
  readonly counted: CountedPhase | null;
}

/** The tasks of some queues in some states. */
export type CountedPhase = Pick<SearchPhase, 'queues' | 'states'>;

/** Fields that a store looks for by itself. */
const SERVED: ReadonlySet<string> = new Set(['state', 'queue', 'id', 'group']);

/** Fields that a head of a task does not have. */
const OUTSIDE_HEADS: ReadonlySet<string> = new Set(['error', 'group', 'payload', 'text']);

/**
 * Plans a search: which index leads to its tasks, and what is tested on them. What a store looks for by itself is not tested again.
 *
 * @param within the queues to which the search is bound.
 */
export function searchPlan(terms: readonly SearchTerm[], within?: readonly string[]): SearchPlan {
  const led = terms.filter(({ isNegated }) => !isNegated);
  const group = led.find(({ field }) => field === 'group');
  const base: SearchPhase = {
    queues: within ?? queuesOf(led),
    states: statesOf(terms),
    ...withTexts('ids', textsOf(led, 'id')),
    ...withTexts('failureGroups', group && textsIn(group)),
  };
  const phases = phasesOf(base, led);
  const served = new Set([group, led.find(({ field }) => field === 'id'), within ? undefined : led.find(({ field }) => field === 'queue')]);
  const tested = terms.filter((term) => !served.has(term) && !isState(term));
  return {
    phases: phases.filter(({ states, queues }) => states.length > 0 && queues.length > 0),
    tested,
    isWhole: tested.some(({ field }) => OUTSIDE_HEADS.has(field)),
    counted:
      terms.every((term) => isState(term) || isCounted(term)) &&
      terms.filter(({ field }) => field === 'queue').length + Number(within !== undefined) <= 1
        ? base
        : null,
    slow: base.ids ? [] : [...new Set(terms.filter((term) => isSlow(term, phases)).map(({ label, isNegated }) => `${isNegated ? '-' : ''}${label}`))],
  };
}

const textsIn = ({ values }: SearchTerm): string[] => values.map(({ text }) => text);

const textsOf = (terms: readonly SearchTerm[], field: SearchTerm['field']): string[] | undefined => {
  const term = terms.find((one) => one.field === field);
  return term && textsIn(term);
};

const withTexts = (name: 'ids' | 'failureGroups' | 'uniqueKeys', texts: readonly string[] | undefined): Partial<SearchPhase> =>
  texts ? { [name]: [...new Set(texts)] } : {};

function queuesOf(terms: readonly SearchTerm[]): string[] {
  const term = terms.find(({ field }) => field === 'queue');
  if (!term) return ['*'];
  // No queue has a name that ends in a star, and a store would take it for a pattern.
  const possible = term.values.filter(({ text, isPrefix }) => isPrefix || !isPattern(text));
  return [...new Set(possible.map(({ text, isPrefix }) => (isPrefix ? `${text}*` : text)))];
}

/** Tells whether the states of a look say all that a term does. */
const isState = ({ field, values }: SearchTerm): boolean => field === 'state' && values.every(({ text }) => text !== 'delayed');

/** Returns the states that the terms leave. A delayed task is one that waits; one that ended has left the live ones. */
function statesOf(terms: readonly SearchTerm[]): TaskState[] {
  const ended = terms.some(({ field, isNegated }) => field === 'finished' && !isNegated);
  const waits = terms.some(({ field, isNegated }) => field === 'due' && !isNegated);
  return TASK_STATES.filter(
    (state) =>
      !(ended && LIVE_STATES.some((live) => live === state)) &&
      !(waits && state !== 'waiting') &&
      terms.every((term) => term.field !== 'state' || isPossible(term, state)),
  );
}

function isPossible({ values, isNegated }: SearchTerm, state: TaskState): boolean {
  if (isNegated) return !values.some(({ text }) => text === state);
  return values.some(({ text }) => text === state || (text === 'delayed' && state === 'waiting'));
}

const isLive = (state: TaskState): boolean => LIVE_STATES.some((live) => live === state);

/** A unique key leads to the live task that has it, and a worker to what it runs. The others with it come behind. */
function phasesOf(base: SearchPhase, led: readonly SearchTerm[]): SearchPhase[] {
  if (base.ids || base.failureGroups) return [base];
  const key = led.find(({ field, values }) => field === 'key' && values.every(({ isPrefix }) => !isPrefix));
  if (key) {
    const live = { ...base, states: base.states.filter(isLive), ...withTexts('uniqueKeys', textsIn(key)) };
    return [live, { ...base, states: base.states.filter((state) => !isLive(state)) }];
  }
  if (!led.some(({ field }) => field === 'worker')) return [base];
  const isRunning = (state: TaskState): boolean => state === 'running';
  return [
    { ...base, states: base.states.filter(isRunning) },
    { ...base, states: base.states.filter((state) => !isRunning(state)) },
  ];
}

/** Tells whether queues and states alone tell what a term means. A task that was added at all was added by now. */
function isCounted({ field, isNegated, comparisons }: SearchTerm): boolean {
  if (field === 'queue') return !isNegated;
  return field === 'added' && !isNegated && comparisons.some(({ sign, amount }) => sign === '>=' && amount === 0);
}

function isSlow({ field, isNegated, values }: SearchTerm, phases: readonly SearchPhase[]): boolean {
  if (field === 'state') return values.some(({ text }) => text === 'delayed');
  if (field === 'queue') return isNegated;
  if (SERVED.has(field) && !isNegated) return false;
  if (field === 'key') return phases.some(({ states, uniqueKeys }) => states.length > 0 && !uniqueKeys);
  if (field === 'worker') return phases.some(({ states }) => states.some((state) => state !== 'running'));
  return true;
}
