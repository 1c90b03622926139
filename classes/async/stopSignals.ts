import { SECOND } from '../../constants/limits';
import type { Clock } from '../../modules/time/clock';

const SIGNALS = ['SIGINT', 'SIGTERM'] as const;

/** Time after the first signal in which others are ignored. A terminal and npm send the first signal twice. */
const SECOND_SIGNAL_AFTER_MS = SECOND;

/** Reactions to signals. */
export interface StopActions {
  /** Called at the first signal. */
  readonly onStop: () => void;
  /** Called at each signal more than a second after the first: the user does not want to wait. */
  readonly onHaste: () => void;
}

/** Listens to SIGINT and SIGTERM. */
export class StopSignals {
  readonly #clock: Clock;
  readonly #actions: StopActions;
  readonly #onSignal = (): void => this.#note();
  #firstAt: number | undefined;

  constructor(clock: Clock, actions: StopActions) {
    this.#clock = clock;
    this.#actions = actions;
  }

  /** Whether a signal has come since `listen`. */
  get hasCome(): boolean {
    return this.#firstAt !== undefined;
  }

  /** Adds the listeners. Safe to call twice. */
  listen(): void {
    for (const signal of SIGNALS) {
      if (!process.listeners(signal).includes(this.#onSignal)) process.on(signal, this.#onSignal);
    }
  }

  /** Removes the listeners, so that a signal ends the process again. Safe to call twice. */
  end(): void {
    for (const signal of SIGNALS) process.off(signal, this.#onSignal);
    this.#firstAt = undefined;
  }

  #note(): void {
    const now = this.#clock.monotonic();
    if (this.#firstAt === undefined) {
      this.#firstAt = now;
      this.#actions.onStop();
    } else if (now - this.#firstAt > SECOND_SIGNAL_AFTER_MS) {
      this.#actions.onHaste();
    }
  }
}
