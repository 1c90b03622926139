import type { ShownProcess } from './backend';
import type { Column } from './renderTable';
import { shownInstant } from './shownTime';

/** The columns of a list of processes. */
export const processColumns = (nowMs: number): readonly Column<ShownProcess>[] => [
  { head: 'process', cell: ({ id }) => id },
  { head: 'host', isOptional: true, cell: ({ host }) => host },
  { head: 'pid', cell: ({ pid }) => pid, isNumber: true },
  { head: 'queues', cell: ({ workers }) => [...new Set(workers.flatMap(({ queues }) => queues))].join(', ') },
  { head: 'running', cell: ({ running, slots }) => `${running} of ${slots}`, isNumber: true },
  { head: 'runs', cell: ({ tasks }) => tasks.map(({ name, id }) => `${name} ${id}`).join(', ') },
  { head: 'up', isOptional: true, cell: ({ startedAt }) => shownInstant(startedAt, nowMs).replace(/ ago$/, '') },
  { head: 'seen', isOptional: true, cell: ({ seenAt }) => shownInstant(seenAt, nowMs) },
  { head: 'version', isOptional: true, cell: ({ version }) => version },
  { head: 'state', cell: ({ isDraining }) => (isDraining ? 'draining' : '') },
];
