import type { Claim, ClaimRequest, SettleAnswer, Settlement } from '../../../modules/ports/taskStore';
import type { HandOver } from '../../../modules/ports/followUpStore';
import type { Database } from '../../../modules/ports/database';
import type { Task } from '../../../modules/task/task';
import type { Entry, ReferenceTables } from '../referenceTables';
import { faultsOf, twinsIn, unless } from './invariants';
import { Owed } from './owed';
import type { HandedOver } from './owed';
import type { Call, Server } from './network';
import type { SimulatedProcess } from './simulatedProcess';
import type { Trace } from './trace';
import type { VirtualTime } from './virtualTime';

/** A record of a lease, kept after its end. */
interface LeaseRecord {
  readonly suspect: boolean;
  expiresAtMs: number;
  isAlone: boolean;
  isBeside: boolean;
}

/** A running handler. */
export interface Run {
  readonly process: SimulatedProcess;
  readonly id: string;
  readonly attempt: number;
  readonly token: string;
  readonly signal: AbortSignal;
  readonly mostAtOnce: number;
}

/** Observes every call that reaches the store and every handler that runs, and records violations. */
export class Witness implements Server {
  readonly violations: string[] = [];
  sweeps = 0;
  readonly #time: VirtualTime;
  readonly #tables: ReferenceTables;
  readonly #database: Database;
  readonly #trace: Trace;
  readonly #epochMs: number;
  #seen = new Map<string, Entry>();
  readonly #claims = new Set<string>();
  readonly #leases = new Map<string, LeaseRecord>();
  readonly #latestAttempt = new Map<string, number>();
  readonly #runs = new Set<Run>();
  /** The recorded end of each attempt, by task and attempt, and the ends that were reported. */
  readonly #recorded = new Map<string, string>();
  readonly #told = new Set<string>();
  readonly #owed = new Owed();

  constructor(time: VirtualTime, epochMs: number, tables: ReferenceTables, database: Database, trace: Trace) {
    this.#time = time;
    this.#epochMs = epochMs;
    this.#tables = tables;
    this.#database = database;
    this.#trace = trace;
  }

  async handle({ process, verb, given }: Call): Promise<unknown> {
    const { tasks, looks, bulk, tallies, progress, settings, transit, followUps, steps } = this.#database;
    const port = [tasks, looks, bulk, tallies, progress, settings, transit, followUps, steps].find((one) => verb in one) as unknown as Record<
      string,
      Verb
    >;
    const before = this.#seen;
    const answered = (port[verb] as Verb)(...given);
    this.#judge(verb, given);
    const answer = await answered;
    this.#trace.call(process.name, verb, given, answer);
    if (verb === 'handOver') this.#blameAll(this.#owed.noteHandedOver(given[0] as HandOver[], answer as HandedOver));
    if (verb === 'claim') this.#judgeClaimed(given[0] as ClaimRequest, answer as Claim);
    if (verb === 'settle') this.#judgeAnswers(given[0] as Settlement[], answer as SettleAnswer[], before);
    return answer;
  }

  /** A process was told that its task is added. */
  added(id: string): void {
    this.#require(this.#tables.entries.has(id), 'a task is not there that was added', id);
  }

  /** The function of a step runs. Under a lease that still holds, it is a step that nobody has recorded. */
  stepRuns({ id, token }: Pick<Run, 'id' | 'token'>, name: string): void {
    const isHeld = this.#tables.entries.get(id)?.task?.lease?.token === token;
    const isRecorded = this.#tables.stepsOf(id).steps.some((step) => step.name === name);
    this.#require(!isHeld || !isRecorded, `the recorded step ${name} runs again`, id);
  }

  begins(run: Run): void {
    this.#trace.say(`${run.process.name} runs`, run.id, `attempt ${run.attempt}`);
    const lease = this.#leases.get(keyOf(run));
    const beside = [...this.#runs].filter(({ process }) => process === run.process);
    const isAlone = beside.length === 0;
    const areMarked = [run, ...beside].every((one) => this.#leases.get(keyOf(one))?.isBeside || !this.#holds(one));
    const faults = [
      ...unless(run.attempt > (this.#latestAttempt.get(run.id) ?? 0), 'an attempt ran twice, or after a later one'),
      ...unless(lease !== undefined, 'a handler ran without a lease'),
      ...unless(lease === undefined || this.#nowMs < lease.expiresAtMs, 'a handler began on a lease that is over'),
      ...unless(!lease?.suspect || (lease.isAlone && isAlone) || areMarked, 'a suspect ran beside others, and the store did not know'),
      ...unless(
        !beside.some((other) => this.#leases.get(keyOf(other))?.suspect) || areMarked,
        'a handler began beside a suspect, and the store did not know',
      ),
      ...unless(!beside.some(({ id }) => id === run.id), 'one process ran two attempts of a task at once'),
      ...unless(beside.length < run.mostAtOnce, 'a worker ran more than maxConcurrency'),
    ];
    for (const fault of faults) this.#blame(fault, run.id);
    this.#latestAttempt.set(run.id, run.attempt);
    this.#runs.add(run);
  }

  ends(run: Run, how: string): void {
    if (this.#runs.delete(run)) this.#trace.say(`${run.process.name} ends`, run.id, how);
  }

  /** Ends the handlers of a process. */
  died(process: SimulatedProcess): void {
    for (const run of this.#runs) if (run.process === process) this.#runs.delete(run);
  }

  /** A worker reported the end of an attempt. */
  told(state: string, { id, attempt }: Pick<Run, 'id' | 'attempt'>): void {
    const key = `${id} ${attempt}`;
    // Without retention an ended task is removed.
    this.#require([state, 'removed'].includes(this.#recorded.get(key) ?? ''), `an outcome was told that is not recorded: ${state}`, id);
    this.#require(!this.#told.has(key), 'an outcome was told twice', id);
    this.#told.add(key);
  }

  /** A worker that is not stopped must abort its handler before anyone else may have the task. */
  checkHandlers(): void {
    for (const run of this.#runs) {
      const isAwake = run.process.status === 'running' && this.#time.now > run.process.resumedAt;
      const isOver = this.#nowMs >= (this.#leases.get(keyOf(run))?.expiresAtMs ?? 0);
      if (isAwake && isOver) this.#require(run.signal.aborted, 'a handler was not told that its lease is over', run.id);
    }
  }

  /** Without faults, an expired lease is swept within a second. */
  checkSweeps(): void {
    for (const { id, lease } of this.#tables.tasks) {
      if (lease) this.#require(this.#nowMs - lease.expiresAt.getTime() < 1_000, 'an expired lease was not swept', id);
    }
  }

  /** True when every task has ended, and keeps no follow-ups. */
  get isDone(): boolean {
    return this.#tables.tasks.every(({ state, followUps }) => state !== 'waiting' && state !== 'running' && followUps === undefined);
  }

  checkDone(): void {
    for (const { id, state } of this.#tables.tasks) this.#require(state !== 'waiting' && state !== 'running', `a task is still ${state}`, id);
    this.#blameAll(this.#owed.faults);
  }

  #holds({ id, token }: Run): boolean {
    return this.#tables.entries.get(id)?.task?.lease?.token === token;
  }

  get #nowMs(): number {
    return this.#epochMs + this.#time.now;
  }

  #judge(verb: string, given: readonly unknown[]): void {
    const now = new Map(this.#tables.entries);
    for (const id of new Set([...this.#seen.keys(), ...now.keys()])) {
      const [before, after] = [this.#seen.get(id), now.get(id)];
      for (const fault of faultsOf({ verb, given, nowMs: this.#nowMs, before, after })) this.#blame(fault, id);
      if (before !== after) this.#note(id, before?.task, after?.task);
    }
    for (const fault of twinsIn(this.#tables.tasks)) this.#blame(fault);
    this.#seen = now;
  }

  #note(id: string, before: Task | null | undefined, after: Task | null | undefined): void {
    if (after?.lease) {
      const key = keyOf({ id, token: after.lease.token });
      const expiresAtMs = Math.max(this.#leases.get(key)?.expiresAtMs ?? 0, after.lease.expiresAt.getTime());
      this.#leases.set(key, { suspect: after.suspect, expiresAtMs, isAlone: after.lease.alone, isBeside: after.lease.beside });
    }
    if (before?.state !== 'running' || after?.state === 'running') return;
    const state = after?.state ?? 'removed';
    const key = `${id} ${before.attempt}`;
    this.#require(!this.#recorded.has(key), 'an attempt ended twice', id);
    this.#recorded.set(key, state);
    this.#trace.say('  became', id, `${state}, ${after?.failures ?? '-'} failures`);
  }

  #judgeClaimed({ token, limit }: ClaimRequest, { tasks }: Claim): void {
    this.#require(!this.#claims.has(token), 'a claim was carried out twice');
    this.#claims.add(token);
    this.#require(tasks.length <= limit, 'a claim gave more than its limit');
    this.#require(tasks.length <= 1 || !tasks.some(({ suspect }) => suspect), 'a suspect was claimed together with others');
  }

  /** `applied` must mean that this call or an earlier one wrote the change. */
  #judgeAnswers(settlements: readonly Settlement[], answers: readonly SettleAnswer[], before: ReadonlyMap<string, Entry>): void {
    settlements.forEach(({ id, by, guard, change }, index) => {
      const entry = this.#tables.entries.get(id);
      const isWritten = entry !== before.get(id) || before.get(id)?.settledBy === by;
      if (answers[index] === 'applied' && 'expiresAt' in guard) this.sweeps += 1;
      this.#require(isWritten === (answers[index] === 'applied'), `a settlement was answered ${answers[index]}`, id);
      if (entry !== before.get(id)) this.#owed.note(change);
    });
  }

  #require(isSo: boolean, fault: string, id?: string): void {
    if (!isSo) this.#blame(fault, id);
  }

  #blameAll(faults: readonly string[]): void {
    for (const fault of faults) this.#blame(fault);
  }

  #blame(fault: string, id?: string): void {
    this.violations.push(id === undefined ? fault : `${fault} (${this.#trace.nameOf('T', id)})`);
    this.#trace.say(`VIOLATION: ${fault}`, id);
  }
}

type Verb = (...given: readonly unknown[]) => Promise<unknown>;

const keyOf = ({ id, token }: { readonly id: string; readonly token: string }): string => `${id} ${token}`;
