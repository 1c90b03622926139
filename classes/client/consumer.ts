import { BrokerError } from '../../modules/client/brokerError';
import type { ConsumeOptions } from '../../modules/client/clientOptions';
import { repeatDelay } from '../../modules/client/repeatDelay';
import type { ClientDeadLetterOptions, ClientReceived, ClientReceiveOptions, ClientReleaseOptions } from '../../modules/client/wire';
import type { Hand } from './hand';
import { pause } from './pause';

/** A message in hand. Its visibility is extended until one of its three ends: `ack`, `release` or `reject`. */
export interface ConsumedMessage extends ClientReceived {
  /** Fires when the message may be handed out to somebody else, because its visibility could not be extended; its reason says why. */
  readonly signal: AbortSignal;
  /** The message is processed, and removed. @throws BrokerError, for example `receipt_stale` if somebody else has received it meanwhile. */
  ack(): Promise<void>;
  /** Gives the message back, to be received again. @throws BrokerError */
  release(options?: ClientReleaseOptions): Promise<void>;
  /** Moves the message to the dead-letter queue. @throws BrokerError */
  reject(options?: ClientDeadLetterOptions): Promise<void>;
}

/** What a consumer needs of its client. */
export interface ConsumerParts {
  readonly receive: (options: ClientReceiveOptions) => Promise<ClientReceived[]>;
  readonly ack: (message: ClientReceived) => Promise<void>;
  readonly release: (message: ClientReceived, options?: ClientReleaseOptions) => Promise<void>;
  readonly deadLetter: (message: ClientReceived, options?: ClientDeadLetterOptions) => Promise<void>;
  readonly hand: Hand;
}

export type Consuming = Required<Pick<ConsumeOptions, 'concurrency' | 'waitSeconds'>> & ConsumeOptions;

/** Most messages of one receive. */
const MOST_A_RECEIVE = 100;

/** A poll that ends without messages sooner than this has not waited: the store of the broker is away, or its queue is paused. */
const SHORT_POLL_MS = 500;

/** Receives messages for one loop, as many as it may have in hand. */
export class Consumer {
  readonly #parts: ConsumerParts;
  readonly #options: Consuming;
  readonly #stopped = new AbortController();
  /** What was received and not begun. */
  #ready: ConsumedMessage[] = [];
  /** Polls in a row that brought nothing and had not waited. */
  #tries = 0;
  #stopping: Promise<void> | undefined;

  constructor(parts: ConsumerParts, options: Consuming) {
    this.#parts = parts;
    this.#options = options;
  }

  async *messages(): AsyncGenerator<ConsumedMessage, void, undefined> {
    const { signal } = this.#options;
    const stop = (): void => void this.stop();
    signal?.addEventListener('abort', stop);
    if (signal?.aborted) stop();
    try {
      for (;;) {
        while (this.#ready.length === 0 && !this.#isStopped) await this.#fill();
        const message = this.#ready.shift();
        if (!message) return;
        yield message;
      }
    } finally {
      signal?.removeEventListener('abort', stop);
      await this.stop();
    }
  }

  /** Receives no more, and gives back what is not begun. Safe to call twice. */
  stop(): Promise<void> {
    this.#stopping ??= this.#giveBack(this.#ready.splice(0));
    this.#stopped.abort();
    return this.#stopping;
  }

  get #isStopped(): boolean {
    return this.#stopped.signal.aborted;
  }

  async #fill(): Promise<void> {
    const { hand } = this.#parts;
    const { concurrency } = this.#options;
    if (hand.size >= concurrency) return hand.freed(this.#stopped.signal);
    const beganMs = performance.now();
    const messages = await this.#receive(Math.min(MOST_A_RECEIVE, concurrency - hand.size));
    const taken = messages.map((message) => this.#take(message));
    if (this.#isStopped) return this.#giveBack(taken);
    this.#ready.push(...taken);
    if (taken.length > 0 || performance.now() - beganMs > SHORT_POLL_MS) this.#tries = 0;
    else await this.#rest(0);
  }

  async #receive(max: number): Promise<ClientReceived[]> {
    const { visibilityTimeoutSeconds, waitSeconds, onError } = this.#options;
    const visibility = visibilityTimeoutSeconds === undefined ? {} : { visibilityTimeoutSeconds };
    const { signal } = this.#stopped;
    try {
      return await this.#parts.receive({ max, waitSeconds, ...visibility, signal });
    } catch (error) {
      if (this.#isStopped) return [];
      if (!(error instanceof BrokerError) || !error.isTransient) throw error;
      onError?.(error);
      await this.#rest(error.retryAfterMs);
      return [];
    }
  }

  #rest(leastMs: number): Promise<void> {
    this.#tries += 1;
    return pause(repeatDelay(this.#tries, leastMs, Math.random()), this.#stopped.signal);
  }

  #take(message: ClientReceived): ConsumedMessage {
    const { hand, ack, release, deadLetter } = this.#parts;
    const lost = new AbortController();
    hand.take(message, (error) => lost.abort(error));
    const letGo = async (settling: Promise<void>): Promise<void> => {
      try {
        await settling;
      } finally {
        hand.letGo(message);
      }
    };
    return {
      ...message,
      signal: lost.signal,
      ack: () => letGo(ack(message)),
      release: (options) => letGo(release(message, options)),
      reject: (options) => letGo(deadLetter(message, options)),
    };
  }

  async #giveBack(messages: readonly ConsumedMessage[]): Promise<void> {
    for (const outcome of await Promise.allSettled(messages.map((message) => message.release())))
      // Its visibility ends by itself.
      if (outcome.status === 'rejected') this.#options.onError?.(outcome.reason);
  }
}
