import { useState } from 'preact/hooks';
import type { TaskSummary } from '../../api/types';

/** What is selected: some tasks of the page, or all that match. */
export interface Selection {
  readonly ids: ReadonlySet<string>;
  readonly isAll: boolean;
  readonly toggle: (id: string) => void;
  /** Selects the tasks of the page, or none if they are. */
  readonly togglePage: (tasks: readonly TaskSummary[]) => void;
  readonly selectAll: () => void;
  readonly clear: () => void;
}

const NONE: ReadonlySet<string> = new Set();

/** Holds the selection of a list. Another list begins with none. */
export function useSelection(list: string): Selection {
  const [held, set] = useState<{ readonly list: string; readonly ids: ReadonlySet<string>; readonly isAll: boolean }>({
    list,
    ids: NONE,
    isAll: false,
  });
  const { ids, isAll } = held.list === list ? held : { ids: NONE, isAll: false };
  const select = (next: ReadonlySet<string>): void => set({ list, ids: next, isAll: false });
  const toggle = (id: string): void => {
    const next = new Set(ids);
    if (!next.delete(id)) next.add(id);
    select(next);
  };
  const togglePage = (tasks: readonly TaskSummary[]): void =>
    select(tasks.every(({ id }) => ids.has(id)) ? NONE : new Set(tasks.map(({ id }) => id)));
  return { ids, isAll, toggle, togglePage, selectAll: () => set({ list, ids, isAll: true }), clear: () => select(NONE) };
}
