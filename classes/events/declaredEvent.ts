import { checkIsArray } from '../../modules/options/checkIsArray';
import { checkOptions } from '../../modules/options/checkOptions';
import { splitAfter } from '../../modules/events/afterTask';
import { readEvent, timesOf } from '../../modules/events/eventPlan';
import type { EventArguments, EventPlan } from '../../modules/events/eventPlan';
import { splitSession } from '../../modules/store/givenSession';
import { HoldfastError, isHoldfastError } from '../../modules/errors/holdfastError';
import { isRecord } from '../../modules/values/isRecord';
import { mapInTurns } from '../../modules/time/inTurns';
import { withoutUndefined } from '../../modules/values/withoutUndefined';
import { toJson } from '../../modules/task/json';
import { writerTo } from '../../modules/observe/logTarget';
import type { LogTarget } from '../../modules/observe/logTarget';
import { theLogger } from '../../modules/observe/logger';
import type { InputOf, PayloadSchema } from '../../modules/events/payloadSchema';
import { taskError } from '../../modules/errors/taskError';
import { taskOptions } from '../../config/options';
import type { ResultOptions, TaskOptions } from '../../config/optionTypes';
import { EventRun } from './eventRun';
import { EventLog } from './eventLog';
import type { EmitOptions, EventStats, EventView } from './eventTypes';
import { Queue } from '../queue/queue';
import type { Added } from '../queue/queueTypes';
import { Scheduler } from '../schedule/scheduler';
import { tickerOf } from '../schedule/tickerOf';
import type { Store } from '../store/store';
import { partsOf } from '../store/storeParts';

/** A payload after JSON and the schema. */
type Checked = Readonly<Record<'stored' | 'payload', unknown>>;

/** Events of each store by name. Names are unique. */
const bound = new WeakMap<Store, Map<string, unknown>>();

/**
 * Declares a kind of event: its payload, processing, retries, logging and schedule.
 *
 * The queue of the event has its name, and an ordinary worker serves it. Declaring starts nothing and touches no store.
 *
 * @param options see `eventOptions` in `config/eventOptions`, and docs/events.md.
 * @throws HOLDFAST_OPTION_UNKNOWN, HOLDFAST_OPTION_INVALID or HOLDFAST_SCHEDULE_NEVER.
 * @example
 * const signUp = defineEvent({
 *   name: 'sign-up',
 *   schema: Type.Object({ to: Type.String() }),
 *   process: async ({ to }, { id, signal }) => sendWelcome(to, { id, signal }),
 *   sanitize: ({ to }) => ({ domain: to.split('@')[1] }),
 * });
 * const hub = new EventHub(store, [signUp]);
 * await hub.start();
 * await signUp.emit({ to: 'a@example.org' });
 */
export function defineEvent<const Schema extends PayloadSchema, Result>(
  options: EventArguments<Schema, Result>,
): DeclaredEvent<InputOf<Schema>, Result> {
  return new DeclaredEvent(readEvent(options));
}

/**
 * A declared event, made by `defineEvent`.
 *
 * @example
 * const { id } = await signUp.emit({ to: 'a@example.org' });
 */
export class DeclaredEvent<Input = unknown, Result = unknown> {
  /** Name of the event and of its queue. */
  readonly name: string;
  readonly #plan: EventPlan;
  #store: Store | undefined;
  #running: EventRun | undefined;
  /** Last of the starts and stops, which run one after the other. */
  #turn: Promise<unknown> = Promise.resolve();

  /** @internal */
  constructor(plan: EventPlan) {
    this.#plan = plan;
    this.name = plan.name;
  }

  /**
   * Sets the store of the event, and logs the events of the store. An EventHub does this for its events. The name of the event is taken on this store
   * until `stop`.
   *
   * @param logger a logger of winston, by default that of Holdfast; null for none.
   * @throws HOLDFAST_EVENT_DUPLICATE if the store has another event of this name, HOLDFAST_EVENT_BOUND while it runs on another store,
   *   HOLDFAST_OPTION_INVALID if `store` is not an opened Store, or the logger has no `log`.
   * @example
   * signUp.on(store);
   */
  on(store: Store, { logger = theLogger() }: { readonly logger?: LogTarget | null } = {}): this {
    partsOf(store);
    if (logger !== null) writerTo(logger);
    if (this.#running && this.#store !== store) throw new HoldfastError('HOLDFAST_EVENT_BOUND', { field: this.name });
    this.#takeName(store);
    if (logger) EventLog.of(store, logger).add(this.name);
    this.#store = store;
    return this;
  }

  /**
   * Adds an event. Resolves when the store has acknowledged it.
   *
   * @returns the UUID of the event. With `unique`, if an event with the same key waits or runs, its UUID, and `added` is false.
   * @throws HOLDFAST_PAYLOAD_INVALID with the path of each error, HOLDFAST_PAYLOAD_…, HOLDFAST_OPTION_…, HOLDFAST_EVENT_UNBOUND or HOLDFAST_STORE_….
   * @example
   * await signUp.emit({ to: 'a@example.org' }, { delayMs: 60_000 });
   */
  async emit(payload: Input, options: EmitOptions = {}): Promise<Added> {
    const { after, options: own } = splitAfter(options);
    const checked = await this.#check(payload);
    // Options that are no object are refused further on.
    const all = isRecord(own) ? { ...this.#optionsOf(checked), ...withoutUndefined(own) } : own;
    return after ? { id: after.add(this.name, this.name, checked.stored, all), added: true } : this.#queue.add(this.name, checked.stored, all);
  }

  /**
   * Adds many events. All are checked before the first is written. In a transaction they appear together.
   *
   * @throws as `emit`, with the path of the faulty payload, as `payloads[1].to`.
   * @example
   * await signUp.emitMany([{ to: 'a@example.org' }, { to: 'b@example.org' }]);
   */
  async emitMany(payloads: readonly Input[], options: EmitOptions = {}): Promise<Added[]> {
    checkIsArray(payloads, 'payloads');
    const { after, options: rest } = splitAfter(options);
    const { session, options: own } = splitSession(rest);
    checkOptions(taskOptions, own, 'options');
    const check = (payload: unknown, index: number): Promise<Checked> => this.#check(payload, `payloads[${index}]`);
    const checked = await mapInTurns([...payloads], check, this.#bound.parts.clock);
    const specs = checked.map((one) => ({ name: this.name, payload: one.stored, options: { ...this.#optionsOf(one), ...withoutUndefined(own) } }));
    if (after) return specs.map((spec) => ({ id: after.add(this.name, spec.name, spec.payload, spec.options), added: true }));
    return this.#queue.addMany(specs, session === undefined ? {} : { session });
  }

  /**
   * Returns an event by its UUID, with its state, its payload and its result, or null.
   *
   * @example
   * const { state, result } = (await signUp.get(id)) ?? {};
   */
  async get(id: string): Promise<EventView<Input, Result> | null> {
    return (await this.#queue.get(id)) as EventView<Input, Result> | null;
  }

  /**
   * Waits until an event has ended, in whatever process, and returns its result.
   *
   * @throws what it failed with, once it is dead; otherwise as `queue.result`.
   * @example
   * const answer = await signUp.result(id, { timeoutMs: 5_000 });
   */
  async result(id: string, options?: Partial<ResultOptions>): Promise<NonNullable<EventView<Input, Result>['result']>> {
    return (await this.#queue.result(id, options)) as NonNullable<EventView<Input, Result>['result']>;
  }

  /**
   * Begins to process. Stores the schedule of the event, or removes an old one. Safe to call twice, and again after `stop`.
   *
   * @throws HOLDFAST_EVENT_UNBOUND, HOLDFAST_PAYLOAD_… for the payload of `repeat`, or HOLDFAST_STORE_….
   * @example
   * await signUp.on(store).start();
   */
  start(): Promise<void> {
    return this.#inTurn(() => this.#start());
  }

  /**
   * Claims no more, lets running events end within the grace period, and releases the rest. Safe to call twice, during `start` and before it.
   *
   * @example
   * await signUp.stop();
   */
  stop(): Promise<void> {
    return this.#inTurn(() => this.#stop());
  }

  /**
   * Stops without waiting for running events.
   *
   * @example
   * process.once('SIGQUIT', () => void signUp.abandon());
   */
  async abandon(): Promise<void> {
    await this.#running?.abandon();
    await this.stop();
  }

  /**
   * Pauses the event: no process takes any until `resume`.
   *
   * @example
   * await signUp.pause();
   */
  pause(): Promise<void> {
    return this.#queue.pause();
  }

  /**
   * Ends a pause.
   *
   * @example
   * await signUp.resume();
   */
  resume(): Promise<void> {
    return this.#queue.resume();
  }

  /**
   * Returns the number of events in each state, the number running in this process, whether the event is paused, and its schedule.
   *
   * @example
   * const { counts, isPaused } = await signUp.stats();
   */
  async stats(): Promise<EventStats> {
    const store = this.#bound;
    const [counts, paused, schedule] = await Promise.all([this.#queue.counts(), store.parts.settings.paused(), new Scheduler(store).get(this.name)]);
    return { counts, running: this.#running?.running ?? 0, isPaused: paused.has(this.name), schedule };
  }

  get #bound(): Store {
    if (!this.#store) throw new HoldfastError('HOLDFAST_EVENT_UNBOUND', { field: this.name });
    return this.#store;
  }

  get #queue(): Queue {
    return new Queue(this.#bound, this.name);
  }

  /** Checks a payload as the handler will get it, so that one which JSON changes is refused here and not later. */
  async #check(given: unknown, root = 'payload'): Promise<Checked> {
    const { events } = this.#bound;
    try {
      const stored: unknown = JSON.parse(toJson(given, root));
      return { stored, payload: await this.#plan.validate(stored, root) };
    } catch (error) {
      if (isHoldfastError(error)) events.emit('payload-refused', { queue: this.name, error: taskError(error) });
      throw error;
    }
  }

  #optionsOf({ payload }: Checked): TaskOptions {
    const { taskOptions: own, unique } = this.#plan;
    return unique ? { ...own, uniqueKey: unique(payload) } : own;
  }

  #takeName(store: Store): void {
    const events = bound.get(store) ?? new Map<string, unknown>();
    bound.set(store, events);
    const other = events.get(this.name);
    if (other !== undefined && other !== this) throw new HoldfastError('HOLDFAST_EVENT_DUPLICATE', { field: this.name });
    events.set(this.name, this);
  }

  #freeName(): void {
    const events = this.#store && bound.get(this.#store);
    if (events?.get(this.name) === this) events.delete(this.name);
  }

  #inTurn(act: () => Promise<void>): Promise<void> {
    const turn = this.#turn.then(act);
    this.#turn = turn.catch(() => undefined); // the caller gets the error
    return turn;
  }

  async #start(): Promise<void> {
    if (this.#running) return;
    const store = this.#bound;
    this.#takeName(store);
    store.parts.dependents.attach(this);
    try {
      await this.#keepSchedule(store);
      this.#running = new EventRun(store, this.#plan);
      await this.#running.start();
    } catch (error) {
      await this.#stop();
      store.parts.dependents.detach(this);
      throw error;
    }
  }

  async #stop(): Promise<void> {
    const running = this.#running;
    this.#freeName();
    if (!running) return;
    const store = this.#bound;
    tickerOf(store.parts).forget(this.name);
    await running.stop();
    store.parts.dependents.detach(this);
    this.#running = undefined;
  }

  async #keepSchedule(store: Store): Promise<void> {
    const scheduler = new Scheduler(store);
    const { repeat, taskOptions: options } = this.#plan;
    if (!repeat) return scheduler.retract(this.name);
    const { stored } = await this.#check(repeat.payload);
    await scheduler.declare(this.name, { ...timesOf(repeat), queue: this.name, payload: stored, options });
  }
}
