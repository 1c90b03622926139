import type { Colors } from 'picocolors/types';
import { SECOND } from '../../constants/limits';
import type { QueueRow } from './backend';
import type { Column } from './renderTable';
import { shownDuration } from './shownTime';

/** The columns of a list of queues. */
export const queueColumns = ({ red, yellow }: Colors): readonly Column<QueueRow>[] => [
  { head: 'queue', cell: ({ name }) => name },
  counted('waiting'),
  { ...counted('delayed'), isOptional: true },
  counted('running'),
  { ...counted('dead'), paint: (text, { counts }) => (counts.dead > 0 ? red(text) : text) },
  { ...counted('succeeded'), isOptional: true },
  { head: 'oldest', cell: ({ oldestSeconds }) => (oldestSeconds === null ? '' : shownDuration(oldestSeconds * SECOND)), isNumber: true },
  { head: 'a minute', isOptional: true, cell: ({ ratePerMinute }) => (ratePerMinute === 0 ? '' : rounded(ratePerMinute)), isNumber: true },
  { head: 'p95 wait', isOptional: true, cell: ({ wait }) => shownP95(wait), isNumber: true },
  { head: 'p95 run', isOptional: true, cell: ({ run }) => shownP95(run), isNumber: true },
  { head: 'processes', isOptional: true, cell: ({ processes }) => processes, isNumber: true },
  { head: 'state', cell: ({ isPaused }) => (isPaused ? 'paused' : ''), paint: (text) => yellow(text) },
];

/** A count, with a mark where there are more. */
const counted = (key: keyof QueueRow['counts']): Column<QueueRow> => ({
  head: key,
  cell: ({ counts, atLeast }) => `${counts[key]}${atLeast.includes(key) ? '+' : ''}`,
  isNumber: true,
});

const rounded = (rate: number): string => (rate < 10 ? rate.toFixed(1) : String(Math.round(rate)));

const shownP95 = (times: QueueRow['wait']): string => {
  const p95 = times?.p95 ?? null;
  return p95 === null ? '' : shownDuration(p95);
};
