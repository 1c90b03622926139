import { act } from '../../actions/taskActions';
import type { TaskAction } from '../../actions/taskActions';
import type { TaskSummary } from '../../api/types';
import { useKeys } from '../../keys/keyboard';
import { useCanWrite } from '../../live/session';
import { go, taskHref } from '../../route/route';
import type { Selection } from './useSelection';
import type { SteadyRows } from './useSteadyRows';

interface List {
  readonly steady: SteadyRows;
  readonly selection: Selection;
  readonly cursor: number;
  readonly setCursor: (cursor: number) => void;
  /** Whether the rows are those of another search. */
  readonly isOld: boolean;
}

/** The tasks that a key acts on: the selected ones, or that under the cursor. */
export function chosenOf({ rows }: SteadyRows, { ids }: Selection, cursor: number): TaskSummary[] {
  const selected = rows.filter(({ task }) => ids.has(task.id));
  const current = rows[cursor];
  return (selected.length > 0 || !current ? selected : [current]).map(({ task }) => task);
}

/** The keys of a list of tasks. */
export function useListKeys({ steady, selection, cursor, setCursor, isOld }: List): void {
  const canWrite = useCanWrite();
  const current = steady.rows[cursor]?.task;
  const move = (by: number): void => {
    const next = Math.max(0, Math.min(steady.rows.length - 1, cursor + by));
    setCursor(next);
    document.querySelector(`tr[data-row="${next}"]`)?.scrollIntoView({ block: 'nearest' });
  };
  // What all that match are acted on with is asked for by a button.
  const run = (action: TaskAction): void => {
    const chosen = chosenOf(steady, selection, cursor);
    if (canWrite && !isOld && !selection.isAll && chosen.length > 0) void act(action, chosen).then((isDone) => isDone && selection.clear());
  };
  useKeys({
    j: () => move(1),
    k: () => move(-1),
    x: () => current && !isOld && selection.toggle(current.id),
    a: () => !isOld && selection.togglePage(steady.rows.map(({ task }) => task)),
    Enter: () => current && go(taskHref(current.queue, current.id)),
    Escape: () => (selection.ids.size > 0 ? selection.clear() : setCursor(-1)),
    r: () => run('retry'),
    c: () => run('cancel'),
    d: () => run('remove'),
  });
}
