import { Cell } from './cell';

export type Theme = 'auto' | 'dark' | 'light';
export type Zone = 'local' | 'utc';

/** A browser may refuse storage, and then forgets the choice. */
function read<T extends string>(key: string, values: readonly T[]): T {
  try {
    const kept = localStorage.getItem(`holdfast.${key}`) as T;
    return values.includes(kept) ? kept : (values[0] as T);
  } catch {
    return values[0] as T;
  }
}

function kept<T extends string>(key: string, values: readonly T[]): { readonly cell: Cell<T>; readonly turn: () => void } {
  const cell = new Cell<T>(read(key, values));
  const turn = (): void => {
    const next = values[(values.indexOf(cell.value) + 1) % values.length] as T;
    try {
      localStorage.setItem(`holdfast.${key}`, next);
    } catch {
      // It lasts as long as the page.
    }
    cell.set(next);
  };
  return { cell, turn };
}

export const { cell: theme, turn: turnTheme } = kept<Theme>('theme', ['auto', 'dark', 'light']);
export const { cell: zone, turn: turnZone } = kept<Zone>('zone', ['local', 'utc']);

const applyTheme = (): void => {
  if (theme.value === 'auto') delete document.documentElement.dataset['theme'];
  else document.documentElement.dataset['theme'] = theme.value;
};
applyTheme();
theme.follow(applyTheme);
