import type { ShownGroup } from './backend';
import type { Column } from './renderTable';
import { shownInstant } from './shownTime';

/** The columns of a list of failure groups. */
export const groupColumns = (nowMs: number): readonly Column<ShownGroup>[] => [
  { head: 'group', cell: ({ group }) => group },
  { head: 'failures', cell: ({ count }) => count, isNumber: true },
  { head: 'last', cell: ({ lastAt }) => shownInstant(lastAt, nowMs) },
  { head: 'tasks', cell: ({ names }) => names.map(({ queue, name, count }) => `${queue}/${name} ${count}`).join(', ') },
  { head: 'error', cell: ({ name, message }) => `${name}: ${message}` },
];
