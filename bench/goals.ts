import type { Row } from './rows';

/** A goal with its measured value. */
export interface Goal {
  readonly name: string;
  readonly goal: string;
  readonly measured: number;
  readonly reached: boolean;
}

/** Reads a goal from the rows of one run. The result is undefined if the rows were not measured. */
interface Rule {
  readonly name: string;
  readonly goal: string;
  readonly measure: (rows: Rows) => number | undefined;
  readonly isReached: (measured: number) => boolean;
}

class Rows {
  readonly #rows: readonly Row[];

  constructor(rows: readonly Row[]) {
    this.#rows = rows;
  }

  row = (work: string, system: string): Row | undefined => this.#rows.find((row) => row.work === work && row.system === system);

  value = (work: string, system: string): number | undefined => this.row(work, system)?.median;

  /** Returns the best rate of the systems whose names start with one of the prefixes. */
  best(work: string, prefixes: readonly string[]): number | undefined {
    const found = this.#rows.filter((row) => row.work === work && prefixes.some((prefix) => row.system.startsWith(prefix)));
    return found.length > 0 ? Math.max(...found.map((row) => row.median)) : undefined;
  }
}

const PG = ['pg-boss', 'graphile-worker'];
const PEERS = ['agenda', 'bullmq', ...PG];

const divide = (a: number | undefined, b: number | undefined): number | undefined => (a === undefined || b === undefined ? undefined : a / b);

const atLeast = (least: number, name: string, measure: Rule['measure'], what = ''): Rule => ({
  name,
  goal: `≥ ${least}${what}`,
  measure,
  isReached: (measured) => measured >= least,
});

const atMost = (most: number, unit: string, name: string, measure: Rule['measure']): Rule => ({
  name,
  goal: `≤ ${most}${unit}`,
  measure,
  isReached: (measured) => measured <= most,
});

/** The rate of a system in one work, relative to another system or to the best of several. */
const overSystem = (least: number, work: string, system: string, other: string): Rule =>
  atLeast(least, `${system} ${work} / ${other}`, (rows) => divide(rows.value(work, system), rows.value(work, other)), ' ×');

const overPeers = (least: number, work: string, system: string, prefixes: readonly string[], name: string): Rule =>
  atLeast(least, `${system} ${work} / ${name}`, (rows) => divide(rows.value(work, system), rows.best(work, prefixes)), ' ×');

/** The value of one reading, relative to another of the same system. */
const overWork = (least: number, system: string, work: string, other: string): Rule =>
  atLeast(least, `${system} ${work} / ${other}`, (rows) => divide(rows.value(work, system), rows.value(other, system)), ' ×');

/** The duration of one reading, relative to another of the same system. */
const notSlower = (most: number, system: string, work: string, other: string): Rule =>
  atMost(most, ' ×', `${system} ${work} / ${other}`, (rows) => divide(rows.value(work, system), rows.value(other, system)));

const absolute = (most: number, unit: string, system: string, work: string): Rule =>
  atMost(most, unit, `${system} ${work}`, (rows) => rows.value(work, system));

const SQLITE = 'holdfast-sqlite';
const MONGODB = 'holdfast-mongodb';

const ofEach = (system: string, raw: string): Rule[] => [
  overSystem(0.8, 'add-bulk', system, raw),
  overWork(10, system, 'add-one-100', 'add-one'),
  atMost(1.1, ' ×', `${system} cost of add-one / ${raw}`, (rows) => divide(rows.value('add-one', raw), rows.value('add-one', system))),
  overWork(0.95, system, 'processes-2', 'processes-1'),
  overWork(0.9, system, 'processes-4', 'processes-1'),
  overWork(0.65, system, 'processes-8', 'processes-1'),
  overWork(0.8, system, 'queues-200', 'queues-1'),
  overWork(0.9, system, 'backlog-1M', 'backlog-10k'),
  overWork(0.9, system, 'minutes 10', 'minutes 1'),
  absolute(150, ' MB', system, 'memory'),
  absolute(1.1, ' ×', system, 'memory growth'),
];

const conflicts = (work: string): Rule =>
  atMost(0.05, '', `${MONGODB} ${work} write conflicts a task`, (rows) => rows.row(work, MONGODB)?.cost?.['writeConflicts']);

/** Steps a second, relative to DBOS. */
const steps = (least: number, system: string): Rule[] => [1, 5, 20].map((count) => overSystem(least, `steps-${count} steps`, system, 'dbos'));

/** What sleeping tasks add to the processor time of an idle worker. */
const sleepers = (system: string): Rule =>
  atMost(0.5, ' % of a core', `${system} sleepers-100k − sleepers-0 worker-cpu`, (rows) => {
    const [beside, alone] = [rows.value('sleepers-100k worker-cpu', system), rows.value('sleepers-0 worker-cpu', system)];
    return beside === undefined || alone === undefined ? undefined : beside - alone;
  });

/** Messages a second over requests a second of a bare echo, and the processor time of polls that wait. */
const brokerGoals = (system: string, leasts: Readonly<Record<string, number>>): Rule[] => [
  ...Object.entries(leasts).map(([what, least]) =>
    atLeast(
      least,
      `${system} ${what} / echo`,
      (rows) => divide(rows.value(`broker-rates ${what}`, system), rows.value('broker-rates echo', 'http-echo')),
      ' ×',
    ),
  ),
  ...['broker-idle-10', 'broker-idle-1000'].flatMap((work) => [
    absolute(5, ' % of a core', system, `${work} broker-cpu`),
    absolute(5, ' % of a core', system, `${work} server-cpu`),
  ]),
];

const RULES: readonly Rule[] = [
  overSystem(0.7, 'drain', SQLITE, 'raw-sqlite'),
  overPeers(4, 'drain', SQLITE, PEERS, 'best peer'),
  overSystem(0.7, 'drain-kept', SQLITE, 'raw-sqlite'),
  overPeers(3, 'drain-kept', SQLITE, PEERS, 'best peer'),
  absolute(5, ' ms', SQLITE, 'pick-up-other p50'),
  absolute(25, ' ms', SQLITE, 'pick-up-other p99'),
  absolute(1, ' %', SQLITE, 'idle worker-cpu'),
  overWork(0.8, SQLITE, 'shared-16', 'shared-1'),
  absolute(100, ' ms', SQLITE, 'shared-16 add p99'),
  overSystem(0.8, 'drain', MONGODB, 'raw-mongodb'),
  overPeers(60, 'drain', MONGODB, ['agenda'], 'Agenda'),
  overPeers(2.5, 'drain', MONGODB, ['bullmq'], 'BullMQ'),
  overPeers(1.3, 'drain', MONGODB, PG, 'best on PostgreSQL'),
  overSystem(0.8, 'drain-kept', MONGODB, 'raw-mongodb'),
  overPeers(1, 'drain-kept', MONGODB, PEERS, 'best peer'),
  absolute(10, ' ms', MONGODB, 'pick-up-other p50'),
  absolute(50, ' ms', MONGODB, 'pick-up-other p99'),
  absolute(100, ' ms', MONGODB, 'pick-up-polling p50'),
  ...[MONGODB, `${MONGODB}-prefetch`].flatMap((system) => [
    overPeers(20, 'drain-10', system, ['agenda'], 'Agenda'),
    overPeers(1, 'drain-10', system, ['bullmq'], 'BullMQ'),
  ]),
  ...ofEach(SQLITE, 'raw-sqlite'),
  ...ofEach(MONGODB, 'raw-mongodb'),
  ...['processes-2', 'processes-4', 'processes-8'].map(conflicts),
  absolute(2, ' ms', MONGODB, 'idle empty-poll'),
  ...steps(2, SQLITE),
  ...steps(1, MONGODB),
  ...[SQLITE, MONGODB].map(sleepers),
  ...[SQLITE, MONGODB].map((system) => absolute(5_000, ' ms', system, 'schedules latest')),
  ...[SQLITE, MONGODB].flatMap((system) => [absolute(100, ' ms', system, 'size slowest call'), absolute(50, ' ms', system, 'size longest turn')]),
  ...[SQLITE, MONGODB].flatMap((system) => [
    absolute(100, ' ms', system, 'tool slowest median'),
    absolute(500, ' ms', system, 'tool slowest p99'),
    absolute(2, ' %', system, 'statistics'),
    absolute(1, ' % of a core', system, `tool open page ${system === SQLITE ? 'process' : 'server'}`),
  ]),
  ...[SQLITE, MONGODB].flatMap((system) => [
    ...['fifo', 'fifo with ids'].map((queue) => overWork(system === SQLITE ? 0.7 : 0.5, system, `fifo-rates ${queue}`, 'fifo-rates standard')),
    ...['many', 'long'].map((queue) => notSlower(1.5, system, `fifo-groups ${queue}`, 'fifo-groups few')),
  ]),
  ...brokerGoals('http-sqlite', { 'send-1': 0.35, 'send-10': 2.2, 'receive-ack-10': 1, 'one-in-one-out': 0.15 }),
  ...brokerGoals('http-mongodb', { 'send-1': 0.18, 'send-10': 0.8, 'receive-ack-10': 0.35, 'one-in-one-out': 0.06 }),
];

/** Judges the goals whose rows were measured. */
export function judge(measured: readonly Row[]): Goal[] {
  const rows = new Rows(measured);
  return RULES.flatMap(({ name, goal, measure, isReached }): Goal[] => {
    const value = measure(rows);
    return value === undefined || Number.isNaN(value) ? [] : [{ name, goal, measured: Number(value.toPrecision(3)), reached: isReached(value) }];
  });
}
