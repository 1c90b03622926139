import { BrokerError } from '../../modules/client/brokerError';
import type { ClientReceived } from '../../modules/client/wire';

/** Extends the visibility of a message to so many seconds from now. */
export type Extend = (message: ClientReceived, seconds: number) => Promise<unknown>;

interface Held {
  readonly message: ClientReceived;
  /** The length of its visibility. */
  readonly lengthMs: number;
  /** Tells its holder that it is lost. */
  readonly onLost: (error: unknown) => void;
  untilMs: number;
  isExtending: boolean;
}

/** The messages that one consumer holds. Each is extended when half of its visibility is over, until it is let go or lost. */
export class Hand {
  readonly #extend: Extend;
  readonly #held = new Map<string, Held>();
  readonly #waiting = new Set<() => void>();
  #timer: NodeJS.Timeout | undefined;

  constructor(extend: Extend) {
    this.#extend = extend;
  }

  get size(): number {
    return this.#held.size;
  }

  take(message: ClientReceived, onLost: (error: unknown) => void): void {
    const lengthMs = message.visibleAt.getTime() - message.receivedAt.getTime();
    this.#held.set(message.receipt, { message, lengthMs, onLost, untilMs: performance.now() + lengthMs, isExtending: false });
    this.#plan();
  }

  letGo({ receipt }: ClientReceived): void {
    this.#held.delete(receipt);
    this.#plan();
    for (const wake of this.#waiting) wake();
  }

  /** Resolves when nothing is in hand, or the signal fires. */
  async emptied(signal?: AbortSignal): Promise<void> {
    while (this.#held.size > 0 && !signal?.aborted) await this.freed(signal);
  }

  /** Tells the holders of all messages that they are lost, and returns these. */
  abandon(error: unknown): ClientReceived[] {
    const held = [...this.#held.values()];
    for (const { onLost } of held) onLost(error);
    this.#held.clear();
    this.#plan();
    for (const wake of this.#waiting) wake();
    return held.map(({ message }) => message);
  }

  /** Resolves when a message is let go, or the signal fires. */
  freed(signal?: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const end = (): void => {
        this.#waiting.delete(end);
        signal?.removeEventListener('abort', end);
        resolve();
      };
      if (signal?.aborted) return resolve();
      this.#waiting.add(end);
      signal?.addEventListener('abort', end);
    });
  }

  /** The timer holds no process: what nobody works on any more may become visible. */
  #plan(): void {
    clearTimeout(this.#timer);
    const due = [...this.#held.values()].filter(({ isExtending }) => !isExtending).map((held) => held.untilMs - held.lengthMs / 2);
    if (due.length === 0) return;
    this.#timer = setTimeout(() => this.#extendDue(), Math.max(0, Math.min(...due) - performance.now()));
    this.#timer.unref();
  }

  /** What comes due soon is extended along with the rest, so that they share a request. */
  #extendDue(): void {
    const nowMs = performance.now();
    for (const held of this.#held.values()) {
      if (!held.isExtending && held.untilMs - nowMs <= 0.6 * held.lengthMs) void this.#extendOne(held);
    }
    this.#plan();
  }

  async #extendOne(held: Held): Promise<void> {
    const { message, lengthMs } = held;
    const beganMs = performance.now();
    held.isExtending = true;
    const over = setTimeout(() => this.#lose(held, tooLate()), Math.max(0, held.untilMs - beganMs));
    over.unref();
    try {
      await this.#extend(message, Math.max(1, Math.round(lengthMs / 1_000)));
      held.untilMs = beganMs + lengthMs;
      held.isExtending = false;
    } catch (error) {
      this.#lose(held, error);
    } finally {
      clearTimeout(over);
    }
    this.#plan();
  }

  /** What is lost stays in hand, so that its holder can settle it all the same, but is extended no more. */
  #lose(held: Held, error: unknown): void {
    if (this.#held.get(held.message.receipt) === held) held.onLost(error);
  }
}

const tooLate = (): BrokerError => new BrokerError('timed_out', 'The visibility of the message is over, and could not be extended so far.');
