import { fork } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { cpus } from 'node:os';
import { join } from 'node:path';
import Table from 'cli-table3';
import { Command } from 'commander';
import { startSystems } from './systems';
import type { System } from './systems';
import { median, WORKS } from './works';
import type { Measurement, WorkName } from './works';

/** The medians of the runs of one work on one system. */
interface Row {
  readonly work: string;
  readonly system: string;
  readonly unit: string;
  readonly median: number;
  readonly min: number;
  readonly max: number;
}

interface Goal {
  readonly name: string;
  readonly goal: string;
  readonly measured: number;
  readonly reached: boolean;
}

interface Flags {
  readonly quick?: boolean;
  readonly only?: string;
  readonly tasks?: string;
  readonly json?: string;
}

const MAX_CONCURRENCY = 500;

/** What is to be reached, on two cores with full durability. */
const GOALS: readonly { readonly system: string; readonly work: WorkName; readonly atLeast?: number; readonly atMost?: number }[] = [
  { system: 'holdfast-sqlite', work: 'add-bulk', atLeast: 10_000 },
  { system: 'holdfast-sqlite', work: 'drain-removed', atLeast: 8_000 },
  { system: 'holdfast-sqlite', work: 'drain-kept', atLeast: 8_000 },
  { system: 'holdfast-mongodb', work: 'drain-removed', atLeast: 4_000 },
  { system: 'holdfast-mongodb', work: 'drain-kept', atLeast: 4_000 },
  { system: 'holdfast-sqlite', work: 'pick-up', atMost: 10 },
  { system: 'holdfast-sqlite', work: 'pick-up-other-process', atMost: 10 },
];

const say = (line: string): void => void process.stderr.write(`${line}\n`);

async function main(): Promise<void> {
  const flags = new Command('bench')
    .option('--quick', 'fewer and shorter runs')
    .option('--only <names>', 'only systems or works whose names contain one of these, separated by commas')
    .option('--tasks <count>', 'tasks of each run')
    .option('--json <file>', 'write what was measured to a file')
    .parse()
    .opts<Flags>();
  const rows = await measureAll(flags);
  const goals = GOALS.flatMap((goal) => judge(goal, rows));
  process.stdout.write(`${machine()}\n${drawRows(rows)}\n${drawGoals(goals)}\n`);
  if (flags.json) await writeFile(flags.json, JSON.stringify({ machine: machine(), rows, goals }, null, 2));
}

async function measureAll(flags: Flags): Promise<Row[]> {
  const wanted = (flags.only ?? '').split(',');
  const isWanted = (name: string): boolean => wanted.some((part) => name.includes(part));
  const works = (Object.keys(WORKS) as WorkName[]).filter(isWanted);
  const systems = await startSystems((name) => works.length < Object.keys(WORKS).length || isWanted(name), say);
  const rows: Row[] = [];
  try {
    for (const system of systems)
      for (const work of works.length > 0 ? works : (Object.keys(WORKS) as WorkName[])) rows.push(await measureRow(system, work, flags));
  } finally {
    await Promise.all(systems.map((system) => system.stop()));
  }
  return rows;
}

/** The first run warms up the machine and does not count. */
async function measureRow(system: System, work: WorkName, { quick, tasks }: Flags): Promise<Row> {
  const runs = quick ? 3 : 5;
  const values: number[] = [];
  for (let run = 0; run <= runs; run += 1) {
    const count = Number(tasks ?? (quick ? 10_000 : 50_000));
    const value = await measureOnce({ work, url: system.freshUrl(), tasks: count, maxConcurrency: MAX_CONCURRENCY });
    if (run > 0) values.push(value);
    say(`${system.name} ${work} ${run === 0 ? 'warm-up' : `${run}/${runs}`}: ${round(value)} ${WORKS[work].unit}`);
  }
  return {
    work,
    system: system.name,
    unit: WORKS[work].unit,
    median: round(median(values)),
    min: round(Math.min(...values)),
    max: round(Math.max(...values)),
  };
}

function measureOnce(measurement: Measurement): Promise<number> {
  const child = fork(join(__dirname, 'measure.js'), [JSON.stringify(measurement)]);
  return new Promise((resolve, reject) => {
    child.once('message', (value) => resolve(Number(value)));
    child.once('exit', (code) => reject(new Error(`${measurement.work} ended with ${String(code)} and no measure`)));
  });
}

const judge = ({ system, work, atLeast, atMost }: (typeof GOALS)[number], rows: readonly Row[]): Goal[] =>
  rows
    .filter((row) => row.system === system && row.work === work)
    .map((row) => ({
      name: `${system} ${work}`,
      goal: `${atLeast === undefined ? `≤ ${atMost}` : `≥ ${atLeast}`} ${row.unit}`,
      measured: row.median,
      reached: atLeast === undefined ? row.median <= (atMost ?? 0) : row.median >= atLeast,
    }));

function drawRows(rows: readonly Row[]): string {
  const table = new Table({ head: ['system', 'work', 'median', 'min', 'max', 'unit'], style: { head: [], border: [] } });
  for (const row of rows) table.push([row.system, row.work, row.median, row.min, row.max, row.unit]);
  return table.toString();
}

function drawGoals(goals: readonly Goal[]): string {
  const table = new Table({ head: ['goal', '', 'measured', 'reached'], style: { head: [], border: [] } });
  for (const { name, goal, measured, reached } of goals) table.push([name, goal, measured, reached ? 'yes' : 'no']);
  return table.toString();
}

const round = (value: number): number => Number(value.toPrecision(4));

const machine = (): string =>
  `${cpus().length} × ${cpus()[0]?.model ?? 'unknown processor'}, Node.js ${process.version}, maxConcurrency ${MAX_CONCURRENCY}, durability full`;

void main();
