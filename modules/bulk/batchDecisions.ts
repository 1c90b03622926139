import { TASK_STATES } from '../../constants/states';
import type { TaskState } from '../../constants/states';
import type { SearchTerm } from '../search/searchTerm';
import type { Change } from '../task/change';
import { cancelChange, dueNowChange, redriveChange, removeChange } from '../task/outcome';
import type { TaskHead } from '../task/task';

/** What a batch does to each of its tasks. */
export type BatchAction = 'retry' | 'cancel' | 'remove' | 'redrive';

/** The states from which each action leads a task, and what it writes. */
const ACTIONS: Readonly<Record<BatchAction, { readonly from: readonly TaskState[]; readonly change: (task: TaskHead) => Change }>> = {
  retry: { from: ['waiting', 'dead'], change: ({ state }) => (state === 'dead' ? redriveChange : dueNowChange) },
  cancel: { from: ['waiting', 'running'], change: cancelChange },
  remove: { from: TASK_STATES.filter((state) => state !== 'running'), change: () => removeChange },
  redrive: { from: ['dead'], change: () => redriveChange },
};

/** Returns what an action writes to a task; null if its state does not allow the action. */
export const batchDecision =
  (action: BatchAction) =>
  (task: TaskHead): Change | null =>
    ACTIONS[action].from.includes(task.state) ? ACTIONS[action].change(task) : null;

/**
 * Returns the terms of a batch: those of its search, the states that its action leads from, and that its tasks were there when it began. Its ages are
 * counted from its beginning.
 */
export const batchTerms = (action: BatchAction, terms: readonly SearchTerm[]): SearchTerm[] => [
  ...terms,
  { ...ADDED, field: 'state', values: ACTIONS[action].from.map((text) => ({ text, isPrefix: false })), comparisons: [] },
  ADDED,
];

const ADDED: SearchTerm = { field: 'added', path: [], isNegated: false, values: [], comparisons: [{ sign: '>=', amount: 0 }], label: 'added' };
