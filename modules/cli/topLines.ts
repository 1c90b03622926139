import type { Colors } from 'picocolors/types';
import type { Overview, ShownGroup, ShownProcess } from './backend';
import { groupColumns } from './groupColumns';
import { processColumns } from './processColumns';
import { queueColumns } from './queueColumns';
import { renderTable, safeCell } from './renderTable';
import type { Column } from './renderTable';
import { clipText } from '../values/clipText';

/** What the live view shows. */
export interface TopView {
  readonly where: string;
  readonly overview: Overview;
  readonly processes: readonly ShownProcess[];
  readonly failures: readonly ShownGroup[];
  /** When it was read, in milliseconds. */
  readonly atMs: number;
  /** Why it could not be read again, while it is shown still. */
  readonly fault?: string;
}

/** The size of a screen. */
export interface ScreenSize {
  readonly columns: number;
  readonly rows: number;
}

/** Lines of a table beside its rows: two of its frame, its head, and an empty one behind it. */
const FRAME = 4;

/** Most failure groups and processes that are shown, and lines of health. */
const GROUPS = 5;
const PROCESSES = 8;
const HEALTH = 4;

/** Returns the lines of the live view, no more than the screen has. Queues come last, and take what is left. */
export function topLines(view: TopView, colors: Colors, { columns, rows }: ScreenSize, nowMs: number): string[] {
  const { where, overview, processes, failures, atMs, fault } = view;
  const head = `${where}  ${new Date(atMs).toISOString().slice(11, 19)} UTC${nowMs - atMs > 5_000 ? `, ${Math.round((nowMs - atMs) / 1_000)} s old` : ''}  q quits`;
  const health = overview.health
    .slice(0, HEALTH)
    .map(({ level, text }) => ({ ok: colors.green, warn: colors.yellow, bad: colors.red })[level](fitted(`${level}: ${text}`, columns)));
  const top = [colors.bold(fitted(head, columns)), ...(fault === undefined ? [] : [colors.red(fitted(`bad: ${fault}`, columns))]), ...health, ''];
  const queues = [...overview.queues].sort((a, b) => weightOf(b) - weightOf(a) || (a.name < b.name ? -1 : 1));
  const others = [
    ...table('processes', processes.slice(0, PROCESSES), processColumns(nowMs), columns, colors),
    ...table('failures', failures.slice(0, GROUPS), groupColumns(nowMs), columns, colors),
  ];
  const left = rows - 1 - top.length;
  const shownQueues = Math.max(1, left - FRAME - others.length);
  return [...top, ...table('queues', queues.slice(0, shownQueues), queueColumns(colors), columns, colors), ...others].slice(0, rows - 1);
}

/** What there is to do in a queue, and what went wrong. */
const weightOf = ({ counts }: Overview['queues'][number]): number => counts.running + counts.waiting + counts.dead;

function table<Row>(title: string, rows: readonly Row[], columns: readonly Column<Row>[], width: number, colors: Colors): string[] {
  if (rows.length === 0) return [colors.dim(`no ${title}`), ''];
  return [
    ...renderTable(columns, rows, { width, bold: colors.bold })
      .split('\n')
      .map((line) => line),
    '',
  ];
}

const fitted = (text: string, columns: number): string => clipText(safeCell(text), Math.max(1, columns));
