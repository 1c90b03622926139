import { useReducer, useRef } from 'preact/hooks';
import type { TaskPage, TaskSummary } from '../../api/types';
import type { Answer } from '../../live/useAnswer';

/** A row that stays where it is: its task is renewed, and marked once it is no longer in the answer. */
export interface SteadyRow {
  readonly task: TaskSummary;
  readonly isGone: boolean;
}

export interface SteadyRows {
  readonly rows: readonly SteadyRow[];
  /** The number of tasks that the last answer has and the rows have not. */
  readonly news: number;
  /** Shows the last answer as it is. */
  readonly show: () => void;
}

interface Held {
  path: string | null;
  from: TaskPage | undefined;
  rows: SteadyRow[];
}

/** Holds the rows of a list still while its answers change, so that nobody clicks on what has just moved under the pointer. */
export function useSteadyRows(path: string, { data, isOld }: Answer<TaskPage>): SteadyRows {
  const [, draw] = useReducer((count: number) => count + 1, 0);
  const held = useRef<Held>({ path: null, from: undefined, rows: [] }).current;
  const take = (): void => {
    held.rows = (data?.tasks ?? []).map((task) => ({ task, isGone: false }));
  };
  if (data && !isOld && data !== held.from) {
    const isFirst = held.path !== path || held.rows.length === 0;
    Object.assign(held, { path, from: data });
    if (isFirst) take();
    else held.rows = renewed(held.rows, data.tasks);
  }
  const known = new Set(held.rows.map(({ task }) => task.id));
  const news = isOld ? 0 : (data?.tasks ?? []).filter(({ id }) => !known.has(id)).length;
  return { rows: held.rows, news, show: () => (take(), draw(0)) };
}

function renewed(rows: readonly SteadyRow[], tasks: readonly TaskSummary[]): SteadyRow[] {
  const byId = new Map(tasks.map((task) => [task.id, task]));
  return rows.map(({ task }) => ({ task: byId.get(task.id) ?? task, isGone: !byId.has(task.id) }));
}
