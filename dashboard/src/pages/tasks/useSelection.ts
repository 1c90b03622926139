import { useEffect, useState } from 'preact/hooks';
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
  const [{ ids, isAll }, set] = useState<{ ids: ReadonlySet<string>; isAll: boolean }>({ ids: NONE, isAll: false });
  const clear = (): void => set({ ids: NONE, isAll: false });
  useEffect(clear, [list]);
  const toggle = (id: string): void => {
    const next = new Set(ids);
    if (!next.delete(id)) next.add(id);
    set({ ids: next, isAll: false });
  };
  const togglePage = (tasks: readonly TaskSummary[]): void =>
    set({ ids: tasks.every(({ id }) => ids.has(id)) ? NONE : new Set(tasks.map(({ id }) => id)), isAll: false });
  return { ids, isAll, toggle, togglePage, selectAll: () => set({ ids, isAll: true }), clear };
}
