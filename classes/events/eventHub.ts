import { hubOptions } from '../../config/eventOptions';
import type { HubOptions } from '../../config/optionTypes';
import { checkIsArray } from '../../modules/options/checkIsArray';
import { describeValue, HoldfastError } from '../../modules/errors/holdfastError';
import type { LogTarget } from '../../modules/observe/logTarget';
import { resolveOptions } from '../../modules/options/resolveOptions';
import { StopSignals } from '../async/stopSignals';
import type { EventStats } from './eventTypes';
import type { Store } from '../store/store';
import { partsOf } from '../store/storeParts';

/** A declared event of any payload. */
export interface AnyEvent {
  readonly name: string;
  on(store: Store, options?: { readonly logger?: LogTarget | null }): unknown;
  start(): Promise<void>;
  stop(): Promise<void>;
  abandon(): Promise<void>;
  stats(): Promise<EventStats>;
}

const VERBS = ['on', 'start', 'stop', 'abandon', 'stats'] as const satisfies (keyof AnyEvent)[];

/** Options of an EventHub: see `hubOptions` in `config/eventOptions`. */
export type HubArguments = Partial<HubOptions> & {
  /** A winston logger, by default that of Holdfast; null for no log. */
  readonly logger?: LogTarget | null;
};

/**
 * Starts and stops several events on one store, with one log and one signal handler.
 *
 * @example
 * const hub = new EventHub(store, [signUp, payment]);
 * await hub.start();
 * await hub.ended; // by Ctrl-C or by hub.stop()
 */
export class EventHub {
  readonly #store: Store;
  readonly #events: readonly AnyEvent[];
  readonly #options: Readonly<HubOptions>;
  readonly #signals: StopSignals;
  #isEnded = false;
  #ended: Promise<void>;
  #onEnd: () => void = () => undefined;

  /**
   * Sets the store and the logger of the events. Starts nothing.
   *
   * @throws HOLDFAST_EVENT_DUPLICATE if two have the same name, HOLDFAST_EVENT_BOUND, HOLDFAST_OPTION_….
   */
  constructor(store: Store, events: readonly AnyEvent[], { logger, ...options }: HubArguments = {}) {
    this.#options = resolveOptions(hubOptions, options, 'hub');
    partsOf(store);
    this.#store = store;
    checkAreEvents(events);
    this.#events = events;
    events.forEach(({ name }, index) => {
      if (events.findIndex((other) => other.name === name) < index) throw new HoldfastError('HOLDFAST_EVENT_DUPLICATE', { field: name });
    });
    for (const event of events) event.on(store, logger === undefined ? {} : { logger });
    this.#signals = new StopSignals(store.parts.clock, {
      onStop: () => void this.#stopWithStore(),
      onHaste: () => events.forEach((event) => void event.abandon()),
    });
    this.#ended = this.#makeEnded();
  }

  /** Resolves when the hub has stopped: by `stop`, by the close of its store, or by a signal, which also closes the store. */
  get ended(): Promise<void> {
    return this.#ended;
  }

  /**
   * Starts all events. If one cannot start, none does. Safe to call twice, and again after `stop`.
   *
   * @example
   * await hub.start();
   */
  async start(): Promise<void> {
    if (this.#isEnded) this.#ended = this.#makeEnded();
    if (this.#options.signals) this.#signals.listen();
    try {
      this.#store.parts.dependents.attach(this);
      await Promise.all(this.#events.map((event) => event.start()));
    } catch (error) {
      await this.stop();
      throw error;
    }
  }

  /**
   * Stops all events together. Safe to call twice, during `start` and before it.
   *
   * @example
   * await hub.stop();
   */
  async stop(): Promise<void> {
    await Promise.all(this.#events.map((event) => event.stop()));
    this.#store.parts.dependents.detach(this);
    if (!this.#signals.hasCome) this.#end();
  }

  /**
   * Returns the `stats` of each event by name.
   *
   * @example
   * const { payment } = await hub.stats();
   */
  async stats(): Promise<Record<string, EventStats>> {
    return Object.fromEntries(await Promise.all(this.#events.map(async (event) => [event.name, await event.stats()] as const)));
  }

  #end(): void {
    this.#signals.end();
    this.#onEnd();
  }

  #makeEnded(): Promise<void> {
    this.#isEnded = false;
    return new Promise((resolve) => {
      this.#onEnd = () => {
        this.#isEnded = true;
        resolve();
      };
    });
  }

  /** Stops and closes the store. The listeners stay until then, because npm sends the first signal twice and its copy must not kill the process. */
  async #stopWithStore(): Promise<void> {
    try {
      await this.stop();
      await this.#store.close();
    } catch (error) {
      this.#store.parts.internalErrors.note('stop', error);
    } finally {
      this.#end();
    }
  }
}

/** Checks for methods instead of the class, because a program may have loaded Holdfast twice. */
function checkAreEvents(given: readonly unknown[]): void {
  const expected = 'what defineEvent returns';
  checkIsArray(given, 'events', `an array of ${expected}`);
  given.forEach((event, index) => {
    if (VERBS.every((verb) => typeof (event as Partial<AnyEvent> | null | undefined)?.[verb] === 'function')) return;
    throw new HoldfastError('HOLDFAST_OPTION_INVALID', { field: `events[${index}]`, expected, got: describeValue(event) });
  });
}
