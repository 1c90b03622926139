import { randomUUID } from 'node:crypto';
import { BrokerError } from '../../modules/client/brokerError';
import { checkWhole, clientSettings } from '../../modules/client/clientOptions';
import type { BrokerClientOptions, ConsumeOptions } from '../../modules/client/clientOptions';
import { messageText, receivedOf, withDates } from '../../modules/client/messageWire';
import type * as wire from '../../modules/client/wire';
import { Consumer } from './consumer';
import type { ConsumedMessage } from './consumer';
import { Hand } from './hand';
import { MessageCalls, queuePath } from './messageCalls';
import type { SettleName } from './messageCalls';
import { pause } from './pause';
import { Transport } from './transport';

/** Longest wait of the server for a message. */
const MOST_WAIT_SECONDS = 20;

/** Time for which `close` waits for messages in hand. */
const GRACE_MS = 25_000;

/**
 * A client of the broker over HTTP. It loads nothing else of Holdfast and no package.
 *
 * Calls are typed by the schemas that the server checks with. Those that may be made twice are repeated while the broker is away: sends carry an
 * idempotency key, and settling a message twice is known for what it is. A `receive` is not repeated: its messages may be on their way.
 *
 * @example
 * const client = new BrokerClient({ url: 'http://127.0.0.1:9324', token: process.env['BROKER_TOKEN'] });
 * await client.send('mail', { body: { to: 'a@example.org' } });
 * for await (const message of client.consume('mail', { concurrency: 20, signal })) void handle(message);
 */
export class BrokerClient {
  readonly #transport: Transport;
  readonly #calls: MessageCalls;
  readonly #consumers = new Map<Consumer, Hand>();
  #closing: Promise<void> | undefined;

  /** Connects to nothing yet. @throws BrokerError `option_invalid` */
  constructor(options: BrokerClientOptions = {}) {
    this.#transport = new Transport(clientSettings(options));
    this.#calls = new MessageCalls(this.#transport, randomUUID);
  }

  /**
   * Sends a message. Resolves with its id when the store of the broker has it. Calls at the same time share requests of up to 100 messages, and keep
   * their order.
   *
   * @param options `idempotencyKey`: a second call with it within five minutes, of whatever process, gets the first answer and adds nothing.
   * @throws BrokerError, for example `queue_unknown`, `message_too_large`, or `unreachable` after `retryForMs`: the message may be there then.
   * @example
   * const { id } = await client.send('orders', { body: { order: 17 }, delaySeconds: 5 });
   */
  async send(queue: string, message: wire.ClientMessage, options: { readonly idempotencyKey?: string } = {}): Promise<wire.ClientSent> {
    this.#refuseClosed();
    const text = messageText(message);
    if (options.idempotencyKey === undefined) return this.#calls.send(queue, text);
    const [answer] = await this.#calls.sendAll(queue, [text], options.idempotencyKey);
    if (answer instanceof BrokerError) throw answer;
    return answer as wire.ClientSent;
  }

  /**
   * Receives messages that nobody else is processing; with `waitSeconds`, waits for one. Resolves with none when the wait is over.
   *
   * @throws BrokerError, or the reason of the signal.
   * @example
   * const messages = await client.receive('orders', { max: 10, waitSeconds: 20 });
   */
  async receive(queue: string, { signal, ...wish }: wire.ClientReceiveOptions = {}): Promise<wire.ClientReceived[]> {
    this.#refuseClosed();
    return this.#transport.call({
      ...{ method: 'POST', path: queuePath(queue, '/receive'), body: JSON.stringify(wish), isRepeatable: false, signal },
      // A queue may have a wait of its own.
      waitMs: (wish.waitSeconds ?? MOST_WAIT_SECONDS) * 1_000,
      read: (answer) => (answer as { readonly messages: readonly wire.WireMessage[] }).messages.map(receivedOf),
    });
  }

  /**
   * Acknowledges a message: it is processed, and removed. It works until somebody else has received it.
   *
   * @throws BrokerError, for example `receipt_stale` or `message_gone`; nothing has changed then.
   * @example
   * await client.ack(message);
   */
  async ack(message: wire.Received): Promise<void> {
    await this.#settle('ack', message);
  }

  /**
   * Sets the end of the visibility of a message, counted from now.
   *
   * @throws BrokerError, for example `message_not_in_flight`.
   * @example
   * const { visibleAt } = await client.extend(message, 600);
   */
  async extend(message: wire.Received, visibilityTimeoutSeconds: number): Promise<wire.ClientExtended> {
    const { visibleAt } = await this.#settle('extend', message, { visibilityTimeoutSeconds });
    return { visibleAt: new Date(visibleAt) };
  }

  /**
   * Gives a message back, to be received again at once or after a delay.
   *
   * @throws BrokerError, for example `receipt_stale`.
   * @example
   * await client.release(message, { delaySeconds: 30 });
   */
  async release(message: wire.Received, options: wire.ClientReleaseOptions = {}): Promise<void> {
    await this.#settle('release', message, options);
  }

  /**
   * Moves a message to the dead-letter queue, with a reason.
   *
   * @throws BrokerError, for example `receipt_stale`.
   * @example
   * await client.deadLetter(message, { reason: 'no-such-order' });
   */
  async deadLetter(message: wire.Received, options: wire.ClientDeadLetterOptions = {}): Promise<void> {
    await this.#settle('deadLetter', message, options);
  }

  /**
   * Receives messages one after the other, as many at once as `concurrency` says: the loop goes on while fewer are in hand. The visibility of each is
   * extended until it is settled. What is received and not begun is given back when the loop ends, whatever ends it.
   *
   * A broker that is away ends no loop; `onError` is told.
   *
   * @throws BrokerError for what does not pass by itself, for example `queue_unknown` or `token_unknown`.
   * @example
   * for await (const message of client.consume('mail', { concurrency: 20, signal })) {
   *   void deliver(message.body).then(() => message.ack(), () => message.release({ delaySeconds: 30 }));
   * }
   */
  async *consume(queue: string, options: ConsumeOptions = {}): AsyncGenerator<ConsumedMessage, void, undefined> {
    this.#refuseClosed();
    const { concurrency = 10, waitSeconds = 20, visibilityTimeoutSeconds = 30 } = options;
    checkWhole('concurrency', concurrency, 1, 1_000);
    checkWhole('waitSeconds', waitSeconds, 1, 20);
    checkWhole('visibilityTimeoutSeconds', visibilityTimeoutSeconds, 1, 43_200);
    const hand = new Hand((message, seconds) => this.#settle('extend', message, { visibilityTimeoutSeconds: seconds }));
    const consumer = new Consumer(
      {
        receive: (wish) => this.receive(queue, wish),
        ack: (message) => this.ack(message),
        release: (message, how) => this.release(message, how),
        deadLetter: (message, how) => this.deadLetter(message, how),
        hand,
      },
      { ...options, concurrency, waitSeconds },
    );
    this.#consumers.set(consumer, hand);
    try {
      yield* consumer.messages();
    } finally {
      void hand.emptied().then(() => this.#consumers.delete(consumer));
    }
  }

  /**
   * Ends all loops, waits until the messages in hand are settled, 25 s or `graceMs`, and gives back those that are left: their signals fire. Resolves
   * when all calls have their answers. Safe to call twice.
   *
   * @example
   * await client.close();
   */
  close({ graceMs = GRACE_MS }: { readonly graceMs?: number } = {}): Promise<void> {
    return (this.#closing ??= this.#end(graceMs));
  }

  async #end(graceMs: number): Promise<void> {
    const over = new AbortController();
    const settled = Promise.all([...this.#consumers].map(([consumer, hand]) => Promise.all([consumer.stop(), hand.emptied(over.signal)])));
    await Promise.race([settled, pause(graceMs, over.signal)]);
    over.abort();
    const closed = new BrokerError('client_closed', 'The client was closed before the message was settled.');
    const left = [...this.#consumers.values()].flatMap((hand) => hand.abandon(closed));
    await Promise.allSettled([...left.map((message) => this.release(message)), this.#calls.idle()]);
  }

  /**
   * Creates a queue; one that is there with the same attributes is left as it is.
   *
   * @throws BrokerError, for example `queue_exists` if it has other attributes.
   * @example
   * await client.createQueue('mail', { attributes: { visibilityTimeoutSeconds: 60 } });
   */
  async createQueue(queue: string, options: wire.ClientQueueOptions = {}): Promise<wire.ClientQueue> {
    return this.#transport.call({
      ...{ method: 'PUT', path: queuePath(queue), body: JSON.stringify(options), isRepeatable: true },
      read: (answer) => withDates(answer as wire.ClientQueue),
    });
  }

  /**
   * Counts the messages of a queue.
   *
   * @throws BrokerError, for example `queue_unknown`.
   * @example
   * const { waiting, inFlight, dead } = await client.stats('mail');
   */
  async stats(queue: string): Promise<wire.ClientQueueStats> {
    return this.#transport.call({
      ...{ method: 'GET', path: queuePath(queue, '/stats'), isRepeatable: true },
      read: (answer) => answer as wire.ClientQueueStats,
    });
  }

  #settle(name: SettleName, message: wire.Received, options: object = {}): Promise<wire.ClientExtended> {
    return this.#calls.settle(name, message, options);
  }

  #refuseClosed(): void {
    if (this.#closing) throw new BrokerError('client_closed', 'The client is closed: make another one.');
  }
}
