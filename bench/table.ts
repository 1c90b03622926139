import Table from 'cli-table3';
import type { Goal } from './goals';
import type { Row } from './rows';
import type { Cost } from './works/work';

const PLAIN = { style: { head: [], border: [] } };

/** Draws the rows as a table, with the systems of each work together. */
export function drawRows(rows: readonly Row[]): string {
  const table = new Table({ head: ['work', 'system', 'median', 'range', 'unit', 'at once', 'a task costs'], ...PLAIN });
  const works = [...new Set(rows.map(({ work }) => work))];
  for (const row of works.flatMap((work) => rows.filter((each) => each.work === work)))
    table.push([row.work, row.system, row.median, `${row.min} – ${row.max}`, row.unit, row.maxConcurrency, drawCost(row.cost)]);
  return table.toString();
}

/** Draws the goals as a table. */
export function drawGoals(goals: readonly Goal[]): string {
  const table = new Table({ head: ['goal', '', 'measured', 'reached'], ...PLAIN });
  for (const { name, goal, measured, reached } of goals) table.push([name, goal, measured, reached ? 'yes' : 'no']);
  return table.toString();
}

const WORDS: Readonly<Record<string, string>> = {
  commands: 'commands',
  keysExamined: 'keys',
  documentsExamined: 'documents',
  writeConflicts: 'conflicts',
  brokerCpuMicroseconds: 'µs of CPU of the brokers',
  serverCpuMicroseconds: 'µs of server CPU',
  writtenBytes: 'bytes written',
};

const drawCost = (cost: Cost = {}): string =>
  Object.entries(cost)
    .map(([name, value]) => `${Number(value.toPrecision(3))} ${WORDS[name] ?? name}`)
    .join(', ');
