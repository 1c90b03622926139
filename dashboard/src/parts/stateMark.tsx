import type { TaskState } from '../api/types';

type Shown = TaskState | 'delayed';

/** Each state has a sign of its own, so that none is told by its colour alone. */
export const SIGNS: Readonly<Record<Shown, string>> = {
  waiting: '○',
  delayed: '◔',
  running: '▶',
  succeeded: '✓',
  dead: '✕',
  cancelled: '⊘',
};

/** A waiting task that is not due is told as delayed. */
export const shownState = ({ state, isDelayed }: { readonly state: TaskState; readonly isDelayed: boolean }): Shown =>
  isDelayed ? 'delayed' : state;

export function StateMark({ state }: { readonly state: Shown }) {
  return (
    <span class={`state state-${state}`}>
      <span class="sign" aria-hidden="true">
        {SIGNS[state] ?? '·'}
      </span>{' '}
      {state}
    </span>
  );
}
