import { FINISHED_STATES, type TaskState } from '../../constants/states';
import { SIGNALS_A_TASK, SIGNALS_BYTES } from '../../constants/limits';
import type { Namespace } from '../../modules/ports/namespace';
import type { CarriedSteps, Signal, SignalAnswer, SignalRequest, Step, StepKind, StepStore, StepWrite } from '../../modules/ports/stepStore';
import type { HeldLease, TaskKey } from '../../modules/ports/taskStore';
import { STEP_STATEMENTS } from '../../modules/sqlite/sqliteSteps';
import type { Value } from '../../modules/sqlite/taskColumns';
import { uuidBytes } from '../../modules/task/uuidBytes';
import type { Clock } from '../../modules/time/clock';
import { instantAfter } from '../../modules/time/instantAfter';
import { textBytes } from '../../modules/values/textBytes';
import type { SqliteConnection } from './sqliteConnection';

interface StepRow {
  readonly at: number;
  readonly name: string;
  readonly kind: StepKind;
  readonly value: string | null;
  readonly until: number | null;
}

/** Durable steps in a SQLite file: each write and its look at the lease are in one transaction. */
export class SqliteStepStore implements StepStore {
  readonly #connection: SqliteConnection;
  readonly #clock: Pick<Clock, 'now'>;
  readonly #namespace: Namespace;

  constructor(connection: SqliteConnection, clock: Pick<Clock, 'now'>, namespace: Namespace) {
    this.#connection = connection;
    this.#clock = clock;
    this.#namespace = namespace;
  }

  read({ id }: TaskKey): Promise<Step[]> {
    return this.#connection.read(() => this.#all<StepRow>(STEP_STATEMENTS.read, uuidBytes(id)).map(stepOf));
  }

  record(writes: readonly StepWrite[]): Promise<boolean[]> {
    return this.#connection.write(() => writes.map((write) => this.#record(write)));
  }

  take(request: SignalRequest): Promise<Step | null> {
    return this.#connection.write(() => (this.#holds(request) ? this.#take(request) : null));
  }

  signal({ id, queue }: TaskKey, signal: Signal): Promise<SignalAnswer> {
    return this.#connection.write(() => {
      const task = uuidBytes(id);
      const found = this.#get<{ readonly state: TaskState; readonly isLeaving: number }>(STEP_STATEMENTS.target, task, this.#namespace.inside(queue));
      if (!found || found.isLeaving) return 'missing';
      if (FINISHED_STATES.some((state) => state === found.state)) return 'finished';
      if (!this.#keep(task, signal)) return 'full';
      return this.#run(STEP_STATEMENTS.wake, this.#clock.now(), task, signal.name) === 1 ? 'woke' : 'kept';
    });
  }

  #record({ step: { at, name, kind, value, end }, ...lease }: StepWrite): boolean {
    if (!this.#holds(lease)) return false;
    const until = end === null ? null : 'at' in end ? end.at.getTime() : instantAfter(this.#clock.now(), end.delayMs).getTime();
    this.#write(lease, [at, name, kind, value, until, null]);
    if (lease.clears) this.#run(STEP_STATEMENTS.clear, uuidBytes(lease.id));
    return true;
  }

  /** Takes a signal, if the wait has none. A wait that has ended stays as it is. */
  #take({ at, name, timeoutMs, ...lease }: SignalRequest): Step {
    const before = this.#stepAt(lease, at);
    if (before && before.kind !== 'wait') return before;
    const task = uuidBytes(lease.id);
    const oldest = this.#get<{ readonly seq: number; readonly id: string; readonly payload: string }>(STEP_STATEMENTS.oldest, task, name);
    if (!oldest) return before ?? this.#begin(lease, at, name, timeoutMs);
    this.#write(lease, [at, name, 'signal', oldest.payload, null, oldest.id]);
    this.#run(STEP_STATEMENTS.taken, oldest.seq);
    if (lease.clears) this.#run(STEP_STATEMENTS.clear, task);
    return { at, name, kind: 'signal', value: oldest.payload, until: null };
  }

  #begin(lease: HeldLease, at: number, name: string, timeoutMs: number | null): Step {
    const until = timeoutMs === null ? null : instantAfter(this.#clock.now(), timeoutMs);
    this.#write(lease, [at, name, 'wait', null, until && until.getTime(), null]);
    return { at, name, kind: 'wait', value: null, until };
  }

  /** Keeps a signal once. Returns false if there are too many. */
  #keep(task: Uint8Array, { id, name, payload }: Signal): boolean {
    if (this.#get(STEP_STATEMENTS.isKnown, task, id)) return true;
    const size = this.#get<{ readonly count: number; readonly bytes: number }>(STEP_STATEMENTS.size, task);
    if (size && (size.count >= SIGNALS_A_TASK || size.bytes + textBytes(name) + textBytes(payload) > SIGNALS_BYTES)) return false;
    this.#run(STEP_STATEMENTS.keep, task, id, name, payload);
    return true;
  }

  #stepAt({ id }: HeldLease, at: number): Step | undefined {
    const row = this.#get<StepRow>(STEP_STATEMENTS.readOne, uuidBytes(id), at);
    return row && stepOf(row);
  }

  #write({ id }: HeldLease, values: readonly Value[]): void {
    this.#run(STEP_STATEMENTS.record, uuidBytes(id), ...values);
  }

  #holds({ id, token }: HeldLease): boolean {
    return this.#get(STEP_STATEMENTS.holds, uuidBytes(id), token) !== undefined;
  }

  #run(sql: string, ...parameters: Value[]): number {
    return Number(this.#connection.prepare(sql).run(...parameters).changes);
  }

  #get<Row>(sql: string, ...parameters: Value[]): Row | undefined {
    return this.#connection.prepare(sql).get(...parameters) as Row | undefined;
  }

  #all<Row>(sql: string, ...parameters: Value[]): Row[] {
    const rows: unknown = this.#connection.prepare(sql).all(...parameters);
    return rows as Row[];
  }
}

type Prepares = Pick<SqliteConnection, 'prepare'>;

interface CarriedRow extends StepRow {
  readonly awaited: number | null;
}

/** Returns what tasks carry of steps and signals, those that have any. */
export const carriedSteps = (connection: Prepares, tasks: readonly TaskKey[]): CarriedSteps[] =>
  tasks.map(({ id }) => carriedOf(connection, id)).filter(({ steps, signals }) => steps.length + signals.length > 0);

function carriedOf(connection: Prepares, id: string): CarriedSteps {
  const rows = connection.prepare(STEP_STATEMENTS.carried).all(uuidBytes(id)) as unknown as CarriedRow[];
  const signals = connection.prepare(STEP_STATEMENTS.carriedSignals).all(uuidBytes(id)) as unknown as Signal[];
  const attempt = Math.max(0, ...rows.map(({ awaited }) => awaited ?? 0));
  const awaited = rows.filter((row) => row.awaited === attempt);
  return {
    id,
    steps: rows.map(stepOf),
    signals: signals.map(({ id: own, name, payload }) => ({ id: own, name, payload })),
    awaits: awaited.length > 0 ? { attempt, signals: awaited.map(({ name }) => name) } : null,
  };
}

/** Writes what a task has carried here. */
export function placeSteps(connection: Prepares, { id, steps, signals, awaits }: CarriedSteps): void {
  const task = uuidBytes(id);
  const record = connection.prepare(STEP_STATEMENTS.record);
  for (const { at, name, kind, value, until } of steps) record.run(task, at, name, kind, value, until && until.getTime(), null);
  const keep = connection.prepare(STEP_STATEMENTS.keep);
  for (const signal of signals) keep.run(task, signal.id, signal.name, signal.payload);
  if (awaits) connection.prepare(STEP_STATEMENTS.await).run(task, JSON.stringify(awaits.signals));
}

/** Deletes the steps and signals of a task. */
export function forgetSteps(connection: Prepares, id: string): void {
  for (const sql of [STEP_STATEMENTS.forget, STEP_STATEMENTS.forgetSignals]) connection.prepare(sql).run(uuidBytes(id));
}

/** Most tasks that are pruned at once where some have steps, and most of these: 5,000 of them hold up the process for some 40 ms. */
const PRUNED_TASKS = 50;
const PRUNED_STEPS = 5_000;

/**
 * Deletes the steps and signals of the tasks that are about to be pruned, and returns how many tasks these are: fewer than asked for where they have
 * many. Where there are none at all, nothing is looked for.
 */
export function pruneSteps(connection: Prepares, nowMs: number, limit: number): number {
  if (!connection.prepare(STEP_STATEMENTS.exist).get()) return limit;
  if (!connection.prepare(STEP_STATEMENTS.expiredHave).get(nowMs, limit)) return limit;
  const tasks = tasksWithin(connection.prepare(STEP_STATEMENTS.expiredCounts).all(nowMs, Math.min(limit, PRUNED_TASKS)));
  for (const sql of [STEP_STATEMENTS.prune, STEP_STATEMENTS.pruneSignals]) connection.prepare(sql).run(nowMs, tasks);
  return tasks;
}

interface Counted {
  readonly count: number;
}

/** Returns the number of first tasks whose steps are few enough, and at least one. */
function tasksWithin(tasks: readonly Counted[]): number {
  let left = PRUNED_STEPS;
  const end = tasks.findIndex(({ count }) => (left -= count) < 0);
  return end < 0 ? tasks.length : Math.max(1, end);
}

const stepOf = ({ at, name, kind, value, until }: StepRow): Step => ({ at, name, kind, value, until: until === null ? null : new Date(until) });
