import type { StoreOptions } from '../../config/optionTypes';
import type { Clock, Random, Surroundings } from '../../modules/time/clock';
import { HoldfastError, isHoldfastError } from '../../modules/errors/holdfastError';
import type { NewTask } from '../../modules/task/task';
import { Claimer } from '../lease/claimer';
import { DueTimes } from '../idle/dueTimes';
import { Emitter } from '../observe/emitter';
import { Inserter } from './inserter';
import { LeaseKeeper } from '../lease/leaseKeeper';
import { Outage } from '../observe/storeMonitor';
import { ProgressWriter } from './progressWriter';
import { Settler } from '../lease/settler';
import { Solitude } from '../lease/solitude';
import { Sweeper } from '../lease/sweeper';
import type { ScheduleStore } from '../../modules/ports/scheduleStore';
import type { Database } from '../../modules/ports/database';
import type { Inserted, TaskStore } from '../../modules/ports/taskStore';
import type { QueueSettings } from '../../modules/ports/queueSettings';
import type { Transit } from '../../modules/ports/transit';
import { Ticker } from '../schedule/ticker';
import { Wakeups } from '../idle/wakeups';

/** Something that lives on a store and ends before it. */
export interface Dependent {
  stop(): Promise<unknown>;
}

/**
 * An opened store: a database, and what a process does with it whatever runs on it: it keeps leases, claims, settles and sweeps.
 *
 * Made by `openStore`; ends by `close`. Queues and workers of a process share one.
 *
 * @example
 * const store = await openStore('sqlite:./data/holdfast.db');
 * const queue = new Queue(store, 'mail');
 * await store.close();
 */
export class Store {
  /** Tells what happens on the store in this process: of every queue and worker on it. */
  readonly events = new Emitter();
  /** @internal */
  readonly tasks: TaskStore;
  /** @internal */
  readonly settings: QueueSettings;
  /** @internal */
  readonly schedules: ScheduleStore;
  /** @internal */
  readonly ticker: Ticker;
  /** @internal */
  readonly transit: Transit;
  /** Counts the live tasks of other namespaces. @internal */
  readonly liveElsewhere: () => Promise<number>;
  /** @internal */
  readonly progress: ProgressWriter;
  /** @internal */
  readonly leases: LeaseKeeper;
  /** @internal */
  readonly solitude = new Solitude();
  /** @internal */
  readonly settler: Settler;
  /** @internal */
  readonly claimer: Claimer;
  /** @internal */
  readonly wakeups: Wakeups;
  /** @internal */
  readonly dueTimes: DueTimes;
  /** @internal */
  readonly clock: Clock;
  /** @internal */
  readonly random: Random;
  /** The options that it was opened with, defaults and environment variables included; frozen. */
  readonly options: Readonly<StoreOptions>;
  readonly #database: Database;
  readonly #sweeper: Sweeper;
  readonly #inserter: Inserter;
  readonly #dependents = new Set<Dependent>();
  #closing: Promise<void> | undefined;

  /** Use `openStore`; this takes a database of one's own. @internal */
  constructor(database: Database, options: Readonly<StoreOptions>, { clock, random }: Surroundings) {
    const { events, solitude } = this;
    const outage = new Outage(events, clock, options.callTimeoutMs);
    this.#database = database;
    this.options = options;
    this.clock = clock;
    this.random = random;
    const tasks = (this.tasks = outage.observe(database.tasks));
    const settings = (this.settings = outage.observe(database.settings));
    const schedules = (this.schedules = outage.observe(database.schedules));
    this.transit = outage.observe(database.transit);
    this.liveElsewhere = database.liveElsewhere ?? (() => Promise.resolve(0));
    this.progress = new ProgressWriter(outage.observe(database.progress));
    const leases = (this.leases = new LeaseKeeper(tasks, clock));
    const settler = (this.settler = new Settler(tasks, clock, random));
    const wakeups = (this.wakeups = new Wakeups(tasks, clock, random));
    this.claimer = new Claimer({ tasks, settings, leases, settler, solitude, clock, random });
    this.dueTimes = new DueTimes(tasks, this.claimer);
    this.#sweeper = new Sweeper({ tasks, leases, wakeups, events, clock, random });
    const inserter = (this.#inserter = new Inserter({ tasks, wakeups, events, clock, random }));
    this.ticker = new Ticker({ schedules, tasks, insert: (task) => inserter.add(task), events, clock, random });
    this.#sweeper.start();
  }

  /** The URL of the store, without its secrets. */
  get url(): string {
    return this.#database.url;
  }

  /** Adds a task, together with whatever else is added now; resolves when the store has it. @internal */
  insert(task: NewTask): Promise<Inserted> {
    if (this.#closing) return Promise.reject(new HoldfastError('HOLDFAST_STORE_CLOSED'));
    return this.#inserter.add(task);
  }

  /** The same for many. @internal */
  insertAll(tasks: readonly NewTask[]): Promise<Inserted[]> {
    if (this.#closing) return Promise.reject(new HoldfastError('HOLDFAST_STORE_CLOSED'));
    return this.#inserter.addAll(tasks);
  }

  /**
   * Adds tasks in a transaction of the caller's: they are there when it is committed.
   *
   * @throws HOLDFAST_SESSION_UNUSABLE, and errors of the database as they are, so that the caller's own retry works.
   * @internal
   */
  insertWithin(tasks: readonly NewTask[], session: unknown): Promise<Inserted[]> {
    if (this.#closing) return Promise.reject(new HoldfastError('HOLDFAST_STORE_CLOSED'));
    return this.#database.tasks.insert(tasks, session);
  }

  /**
   * Refuses a store that a newer release has changed since it was opened. One that does not answer is not refused: claims wait for it.
   *
   * @throws HOLDFAST_STORE_NEWER
   * @internal
   */
  async checkSchema(): Promise<void> {
    try {
      await this.#database.checkSchema();
    } catch (error) {
      if (isHoldfastError(error, 'HOLDFAST_STORE_NEWER')) throw error;
    }
  }

  /** Has `close` stop something first. A process in which something lives on the store fires its schedules. @internal */
  attach(dependent: Dependent): void {
    if (this.#closing) throw new HoldfastError('HOLDFAST_STORE_CLOSED');
    this.#dependents.add(dependent);
    this.ticker.start();
  }

  /** @internal */
  detach(dependent: Dependent): void {
    this.#dependents.delete(dependent);
  }

  /**
   * Stops the workers on it, writes what is under way and closes the database; a connection of the caller's stays open. Safe to call twice.
   *
   * Whatever is asked of the store afterwards is refused with HOLDFAST_STORE_CLOSED.
   *
   * @example
   * process.once('SIGTERM', () => void store.close());
   */
  close(): Promise<void> {
    return (this.#closing ??= this.#close());
  }

  async #close(): Promise<void> {
    await Promise.all([...this.#dependents].map((dependent) => dependent.stop()));
    await this.ticker.stop();
    await Promise.all([this.#inserter.idle(), this.progress.idle()]);
    this.settler.giveUp();
    this.claimer.close();
    await this.settler.idle();
    this.leases.stop();
    await this.#sweeper.stop();
    await this.#database.close();
    this.events.emit('store-closed', { url: this.url });
  }
}
