import { SECOND } from '../../constants/limits';
import type { Clock } from '../../modules/time/clock';

const SIGNALS = ['SIGINT', 'SIGTERM'] as const;

/** A terminal and npm send the first signal twice. Only a later one counts as a second signal. */
const SECOND_SIGNAL_AFTER_MS = SECOND;

/** The reactions to the signals. */
export interface StopActions {
  /** Starts the stop, at the first signal. */
  readonly onStop: () => void;
  /** Ends without waiting for running work, at each signal more than a second after the first. */
  readonly onHaste: () => void;
}

/** Handles SIGINT and SIGTERM. */
export class StopSignals {
  readonly #clock: Clock;
  readonly #actions: StopActions;
  readonly #onSignal = (): void => this.#note();
  #firstAt: number | undefined;

  constructor(clock: Clock, actions: StopActions) {
    this.#clock = clock;
    this.#actions = actions;
  }

  /** Whether a signal has arrived. */
  get hasCome(): boolean {
    return this.#firstAt !== undefined;
  }

  /** Starts listening. Safe to call twice. */
  listen(): void {
    for (const signal of SIGNALS) {
      if (!process.listeners(signal).includes(this.#onSignal)) process.on(signal, this.#onSignal);
    }
  }

  /** Stops listening, so that a signal ends the process again. Safe to call twice. */
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
