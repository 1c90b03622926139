import { storeOptions } from '../../../config/options';
import { Store } from '../../../classes/store/store';
import type { Database } from '../../../modules/ports/database';
import { Worker } from '../../../classes/worker/worker';
import type { TaskContext } from '../../../modules/worker/taskContext';
import type { Random } from '../../../modules/time/clock';
import { resolveOptions } from '../../../modules/options/resolveOptions';
import { seededRandom } from '../../support/samples';
import { openReference } from '../referenceDatabase';
import { ReferenceTables } from '../referenceTables';
import type { Now } from '../referenceStore';
import { addFollowUps, BEHAVIOURS } from './behaviours';
import type { Kind } from './behaviours';
import { Client } from './client';
import { CALM, Network } from './network';
import { SimulatedProcess } from './simulatedProcess';
import { Trace } from './trace';
import { VirtualTime } from './virtualTime';
import { Witness } from './witness';

const EPOCH_MS = Date.UTC(2026, 0, 1);

/** The phases in virtual time: faults, calm, and the time limit for the remaining tasks. */
const FAULTS_MS = 15_000;
const SETTLING_MS = 12_000;
const DRAIN_MS = 240_000;

const LEASE_MS = 3_000;

/** Under a third of a lease. */
const CALL_TIMEOUT_MS = 900;

/** The verbs that workers depend on. */
const BEFALLEN = ['claim', 'held', 'renew', 'settle', 'expired'];

/** The result of a simulation. */
export interface Simulated {
  readonly violations: readonly string[];
  /** Number of expired leases that were swept. */
  readonly sweeps: number;
  readonly trace: readonly string[];
  readonly tables: ReferenceTables;
}

/** Replacements that a test makes. */
export interface Setting {
  /** Opens the store; a mutant opens a faulty one. */
  readonly open?: (tables: ReferenceTables, now: Now) => Database;
  /** Wraps the database of each process; a mutant breaks something there. */
  readonly around?: (database: Database) => Database;
  /** Replaces all faults with one: answers to this verb are lost. */
  readonly losing?: string;
}

/** A process with a worker. */
interface Crew {
  readonly process: SimulatedProcess;
  readonly store: Store;
  readonly maxConcurrency: number;
}

/**
 * Several processes with the shipped Store, Worker, Claimer, LeaseKeeper, Settler and Sweeper, on the reference store in virtual time.
 *
 * The seed decides everything that happens.
 */
export class Simulation {
  readonly #time = new VirtualTime();
  readonly #trace = new Trace(this.#time);
  readonly #tables = new ReferenceTables();
  readonly #witness: Witness;
  readonly #network: Network;
  readonly #seed: number;
  readonly #random: Random;
  readonly #crews = new Set<Crew>();
  readonly #client: Client;
  readonly #setting: Setting;
  #processes = 0;

  constructor(seed: number, setting: Setting = {}) {
    this.#setting = setting;
    this.#seed = seed;
    this.#random = seededRandom(seed);
    const database = (setting.open ?? openReference)(this.#tables, () => EPOCH_MS + this.#time.now);
    this.#witness = new Witness(this.#time, EPOCH_MS, this.#tables, database, this.#trace);
    this.#network = new Network(this.#time, seededRandom(seed ^ 0x5eed), this.#witness, CALL_TIMEOUT_MS);
    const process = this.#newProcess('client');
    this.#client = new Client(this.#storeOf(process), process, (id) => this.#witness.added(id));
  }

  /** Runs to the end, or to the first violation. */
  async run(): Promise<Simulated> {
    const crews = 2 + Math.floor(this.#random() * 3);
    for (let crew = 0; crew < crews; crew += 1) this.#startCrew();
    if (this.#setting.losing === undefined) this.#planTrouble();
    else this.#loseAnswersOf(this.#setting.losing);
    await this.#runUntil(FAULTS_MS, () => false);
    this.#calmDown();
    await this.#runUntil(FAULTS_MS + SETTLING_MS, () => false);
    await this.#runUntil(FAULTS_MS + SETTLING_MS + DRAIN_MS, () => this.#witness.isDone, true);
    if (this.#witness.violations.length === 0) this.#witness.checkDone();
    return { violations: this.#witness.violations, sweeps: this.#witness.sweeps, trace: this.#trace.lines, tables: this.#tables };
  }

  async #runUntil(untilMs: number, isOver: () => boolean, isCalm = false): Promise<void> {
    while (this.#witness.violations.length === 0 && !isOver() && (await this.#time.step(untilMs))) {
      this.#witness.checkHandlers();
      if (isCalm) this.#witness.checkSweeps();
    }
  }

  #newProcess(kind: string): SimulatedProcess {
    this.#processes += 1;
    return new SimulatedProcess(`${kind}${this.#processes}`, this.#time, seededRandom(this.#seed * 1_000 + this.#processes));
  }

  #storeOf(process: SimulatedProcess): Store {
    const { clock, random } = process;
    const { around = (database: Database) => database } = this.#setting;
    const options = resolveOptions(storeOptions, { url: 'memory:', callTimeoutMs: CALL_TIMEOUT_MS }, 'store');
    return new Store(around(this.#network.connect(process)), options, { clock, random });
  }

  #startCrew(): void {
    const process = this.#newProcess('worker');
    const store = this.#storeOf(process);
    const maxConcurrency = 1 + Math.floor(this.#random() * 4);
    const crew = { process, store, maxConcurrency };
    this.#crews.add(crew);
    this.#listen(store);
    const worker = new Worker(store, {
      queues: this.#random() < 0.5 ? ['a', 'b'] : ['b', 'a'],
      maxConcurrency,
      prefetch: this.#random() < 0.5 ? 0 : Math.floor(this.#random() * 6),
      leaseMs: LEASE_MS,
      gracePeriodMs: 2_000,
      workerId: process.name,
      handlers: { work: (context: TaskContext) => this.#work(crew, context) },
    });
    void worker.start();
  }

  #listen({ events }: Store): void {
    const tell = (state: string) => (event: { readonly task: { readonly id: string; readonly attempt: number } }) =>
      this.#witness.told(state, event.task);
    events.on('task-succeeded', tell('succeeded'));
    events.on('task-dead', tell('dead'));
    events.on('task-retried', tell('waiting'));
    events.on('task-released', tell('waiting'));
    events.on('task-suspended', tell('waiting'));
  }

  async #work(crew: Crew, context: TaskContext): Promise<{ token: string }> {
    const { id, attempt, lease, signal, payload, add } = context;
    const { process, maxConcurrency: mostAtOnce } = crew;
    const { clock, random } = process;
    const onStep = (name: string): void => this.#witness.stepRuns(run, name);
    const run = { process, id, attempt, token: lease.token, signal, mostAtOnce };
    this.#witness.begins(run);
    try {
      await BEHAVIOURS[payload as Kind]({ clock, random, signal, context, onStep, crash: () => this.#crash(crew) });
      if (payload !== 'after' && random() < 0.5) addFollowUps(add, random);
      this.#witness.ends(run, 'well');
      return { token: lease.token };
    } catch (thrown) {
      this.#witness.ends(run, 'badly');
      throw thrown;
    }
  }

  /** Kills a process. Another starts a while later. */
  #crash(crew: Crew): Promise<never> {
    this.#trace.say(`${crew.process.name} crashes`);
    crew.process.kill();
    this.#witness.died(crew.process);
    this.#crews.delete(crew);
    this.#time.after(100 + this.#random() * 2_000, null, () => this.#startCrew());
    return new Promise(() => undefined);
  }

  /** A deployment: one process stops gracefully, and another starts. */
  #replace(crew: Crew): void {
    this.#trace.say(`${crew.process.name} stops`);
    this.#crews.delete(crew);
    this.#startCrew();
    void crew.store.close().then(() => this.#trace.say(`${crew.process.name} has stopped`));
  }

  /** Draws the faults of this seed. Seeds differ, so that each fault also occurs alone. In a narrow run the faults affect one verb, and often. */
  #changeWeather(): void {
    const isNarrow = this.#random() < 0.4;
    const worst = isNarrow ? 0.4 : 0.1;
    const likelihood = (): number => (this.#random() < 0.5 ? 0 : this.#random() * worst);
    const weather = {
      slow: (isNarrow ? 2.5 : 2) * likelihood(),
      refused: likelihood(),
      lost: likelihood(),
      late: likelihood(),
      silent: likelihood(),
    };
    this.#network.weather = weather;
    this.#network.befallen = isNarrow ? (BEFALLEN[Math.floor(this.#random() * BEFALLEN.length)] ?? null) : null;
  }

  #loseAnswersOf(verb: string): void {
    this.#network.weather = { ...CALM, lost: 0.2 };
    this.#network.befallen = verb;
    this.#client.begin(FAULTS_MS * 0.8, 0);
  }

  #planTrouble(): void {
    this.#changeWeather();
    this.#client.begin(FAULTS_MS * 0.8, this.#random() < 0.5 ? 2 : 0);
    const troubles = [
      (crew: Crew) => this.#pause(crew.process),
      (crew: Crew) => void this.#crash(crew),
      (crew: Crew) => this.#replace(crew),
      () => this.#breakDown(),
    ].filter(() => this.#random() < 0.5);
    for (let at = this.#random() * 2_000; at < FAULTS_MS && troubles.length > 0; at += this.#random() * 4_000) {
      const trouble = troubles[Math.floor(this.#random() * troubles.length)];
      this.#time.after(at, null, () => {
        const crew = [...this.#crews][Math.floor(this.#random() * this.#crews.size)];
        if (crew) trouble?.(crew);
      });
    }
  }

  #pause(process: SimulatedProcess): void {
    // Half of the time the pause ends just before or just after the leases.
    const forMs = this.#random() < 0.5 ? LEASE_MS * (0.6 + this.#random() * 0.6) : this.#random() * 6_000;
    this.#trace.say(`${process.name} is paused for ${forMs.toFixed(0)} ms`);
    process.pause();
    this.#time.after(forMs, null, () => process.resume());
  }

  #breakDown(): void {
    const forMs = this.#random() * 5_000;
    this.#trace.say(`the store is down for ${forMs.toFixed(0)} ms`);
    this.#network.isDown = true;
    this.#time.after(forMs, null, () => (this.#network.isDown = false));
  }

  #calmDown(): void {
    this.#trace.say('all faults end');
    this.#network.weather = CALM;
    this.#network.isDown = false;
    for (const { process } of this.#crews) process.resume();
    this.#client.end();
  }
}
