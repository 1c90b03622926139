import { brokerOptions, deadLetterOptions, extendOption, releaseOptions } from '../../config/brokerOptions';
import type { BrokerOptions, DeadLetterOptions, ReceiveOptions, ReleaseOptions, SendOptions } from '../../config/brokerOptions';
import { SECOND } from '../../constants/limits';
import type { EntryAnswer, OutgoingMessage, ReceivedMessage, Sent } from '../../modules/broker/brokerTypes';
import { deadQueueOf } from '../../modules/broker/deadQueueOf';
import { isOfOne } from '../../modules/broker/isOfOne';
import type { Receipt } from '../../modules/broker/receipt';
import { checkOptions } from '../../modules/options/checkOptions';
import { resolveOptions } from '../../modules/options/resolveOptions';
import type { Emitter } from '../observe/emitter';
import type { Store } from '../store/store';
import { partsOf } from '../store/storeParts';
import { BrokerQueues, named } from './brokerQueues';
import { Expiries } from './expiries';
import { AnswerBook } from './answerBook';
import { Moves } from './moves';
import { FifoSending } from './fifoSending';
import { Operations } from './operations';
import { isFifo, QueueBook } from './queueBook';
import { ReceiptBook } from './receiptBook';
import { Receiving } from './receiving';
import { Retention } from './retention';
import { checkCount, Sending } from './sending';
import { Settling } from './settling';

/** An entry of a call for several receipts. */
type Entry<Options> = { readonly receipt: string } & Partial<Options>;

/** A message that is to become a dead letter, and the queue that it goes to. */
interface Dying {
  readonly read: Receipt;
  readonly to: string;
}

/**
 * A message queue on a store: producers send and get an id, consumers receive what nobody else is processing, and acknowledge each message by itself.
 *
 * A message is a task, and a receipt names its lease: so every process that opens the store can run a broker, and none keeps a state of its own.
 * Delivery is at least once: a message that is not acknowledged within its visibility timeout is handed out again.
 *
 * @example
 * const broker = new Broker(await openStore());
 * await broker.createQueue('orders', { visibilityTimeoutSeconds: 60 });
 * const { id } = await broker.send('orders', { body: { order: 17 } });
 * for (const { receipt } of await broker.receive('orders', { max: 10, waitSeconds: 20 })) await broker.ack(receipt);
 */
export class Broker extends BrokerQueues {
  /** The events of the store. */
  readonly events: Emitter;
  /** @internal */
  readonly book: QueueBook;
  /** @internal */
  readonly moves: Moves;
  readonly #receipts: ReceiptBook;
  readonly #sending: Sending;
  readonly #receiving: Receiving;
  readonly #settling: Settling;
  /** @internal */
  protected readonly operations: Operations;
  readonly #expiries: Expiries;
  readonly #retention: Retention;

  /**
   * Starts to remove messages past the retention of their queues. The broker stops with its store.
   *
   * @param options `createsQueues`: makes a queue when a message is first sent to it; by default false.
   * @throws HOLDFAST_OPTION_UNKNOWN or HOLDFAST_OPTION_INVALID, HOLDFAST_STORE_CLOSED.
   */
  constructor(store: Store, options?: Partial<BrokerOptions>) {
    super();
    const parts = partsOf(store);
    const { createsQueues } = resolveOptions(brokerOptions, options, 'broker');
    const { records, clock, schedules } = parts;
    this.events = parts.events;
    this.book = new QueueBook(records, clock, createsQueues);
    this.#receipts = new ReceiptBook(records);
    this.#expiries = new Expiries(clock, () => parts.sweeper.look());
    this.#settling = new Settling(parts);
    this.#sending = new Sending({ book: this.book, answers: new AnswerBook(records), inserter: parts.inserter, fifo: new FifoSending(parts) });
    this.#receiving = new Receiving({ ...parts, book: this.book, receipts: this.#receipts, settling: this.#settling, expiries: this.#expiries });
    this.moves = new Moves({ ...parts, book: this.book, settling: this.#settling, storeNow: () => schedules.now() });
    this.operations = new Operations(store, this.book, this.moves);
    this.#retention = new Retention({ ...parts, book: this.book, storeNow: () => schedules.now(), fifoSettling: this.#settling.fifo });
    parts.dependents.attach({ stop: () => this.close() });
    this.#retention.start();
    this.moves.start();
  }

  /**
   * Sends a message. Resolves with its id when the store has it, and with its sequence in a FIFO queue; a repetition there has those of the first one.
   *
   * @param options `idempotencyKey`: a second call with it within five minutes gets the first answer, and adds nothing.
   * @throws HOLDFAST_QUEUE_UNKNOWN, HOLDFAST_MESSAGE_TOO_LARGE, HOLDFAST_IDEMPOTENCY_MISMATCH, HOLDFAST_OPTION_…, HOLDFAST_PAYLOAD_… or HOLDFAST_STORE_….
   * @example
   * const { id } = await broker.send('orders', { body: { order: 17 }, delaySeconds: 5 });
   */
  async send(queue: string, message: OutgoingMessage, options: SendOptions = {}): Promise<Sent> {
    return this.#sending.send(named(queue), message, options);
  }

  /**
   * Sends up to 100 messages, and answers for each in order. A message that is refused does not keep the others from being sent.
   *
   * @throws as `send`, for what concerns the whole call.
   * @example
   * const answers = await broker.sendMany('orders', [{ body: 1 }, { body: 2 }]);
   */
  async sendMany(queue: string, messages: readonly OutgoingMessage[], options: SendOptions = {}): Promise<EntryAnswer<Sent>[]> {
    return this.#sending.sendMany(named(queue), messages, options);
  }

  /**
   * Receives messages that nobody else is processing, or waits for some. Resolves with none when the wait is over.
   *
   * @param options `max` from 1 to 100, by default 1; `waitSeconds` from 0 to 20; `visibilityTimeoutSeconds` from 0 to 43,200, by default that of the
   *   queue; `attemptId` gives the messages of a FIFO queue again to a receive whose answer was lost; `signal` ends the wait.
   * @throws HOLDFAST_QUEUE_UNKNOWN, HOLDFAST_OPTION_…, or HOLDFAST_STORE_… where it does not wait.
   * @example
   * const messages = await broker.receive('orders', { max: 10, waitSeconds: 20 });
   */
  async receive(queue: string, options: Partial<ReceiveOptions> = {}): Promise<ReceivedMessage[]> {
    return this.#receiving.receive(named(queue), options);
  }

  /**
   * Removes a message that was processed. It works until somebody else has received the message, also after the end of its visibility; in a FIFO queue,
   * until the end of its visibility.
   *
   * @throws HOLDFAST_RECEIPT_INVALID, HOLDFAST_RECEIPT_STALE or HOLDFAST_MESSAGE_GONE; nothing has changed then. HOLDFAST_STORE_TIMEOUT after four times
   *   `callTimeoutMs`; the message is removed all the same if the store comes back before somebody else receives it.
   * @example
   * await broker.ack(message.receipt);
   */
  async ack(receipt: string): Promise<void> {
    await this.#settling.ack(await this.#receipts.read(receipt));
  }

  /**
   * Removes up to 100 messages, and answers for each in order.
   *
   * @example
   * const answers = await broker.ackMany(messages.map(({ receipt }) => receipt));
   */
  async ackMany(receipts: readonly string[]): Promise<EntryAnswer<object>[]> {
    return each(receipts, 'receipts', (receipt) => this.ack(receipt));
  }

  /**
   * Sets the visibility of a message anew: it ends so many seconds from now, sooner or later than before. 0 gives the message back at once.
   *
   * @param visibilityTimeoutSeconds 0 to 43,200, and no later than 43,200 seconds after the receive.
   * @throws HOLDFAST_RECEIPT_…, HOLDFAST_MESSAGE_GONE, HOLDFAST_MESSAGE_NOT_IN_FLIGHT after the end of its visibility, or HOLDFAST_OPTION_INVALID.
   * @example
   * await broker.extend(message.receipt, 60);
   */
  async extend(receipt: string, visibilityTimeoutSeconds: number): Promise<{ readonly visibleAt: Date }> {
    checkOptions(extendOption, visibilityTimeoutSeconds, 'visibilityTimeoutSeconds');
    const read = await this.#receipts.read(receipt);
    const visibleAt = await this.#settling.extend(read, visibilityTimeoutSeconds * SECOND);
    this.#expiries.plan(visibilityTimeoutSeconds * SECOND);
    return { visibleAt };
  }

  /**
   * Sets the visibility of up to 100 messages, and answers for each in order.
   *
   * @example
   * await broker.extendMany(messages.map(({ receipt }) => ({ receipt, visibilityTimeoutSeconds: 60 })));
   */
  async extendMany(
    entries: readonly { readonly receipt: string; readonly visibilityTimeoutSeconds: number }[],
  ): Promise<EntryAnswer<{ readonly visibleAt: Date }>[]> {
    return each(entries, 'entries', ({ receipt, visibilityTimeoutSeconds }) => this.extend(receipt, visibilityTimeoutSeconds));
  }

  /**
   * Gives a message back, to be received again after the delay. It counts as received.
   *
   * @param options `delaySeconds` from 0 to 43,200, by default 0.
   * @throws HOLDFAST_RECEIPT_… or HOLDFAST_MESSAGE_GONE.
   * @example
   * await broker.release(message.receipt, { delaySeconds: 30 });
   */
  async release(receipt: string, options: Partial<ReleaseOptions> = {}): Promise<void> {
    const { delaySeconds } = resolveOptions(releaseOptions, options, 'release');
    await this.#settling.release(await this.#receipts.read(receipt), delaySeconds * SECOND);
  }

  /**
   * Gives up to 100 messages back, and answers for each in order.
   *
   * @example
   * await broker.releaseMany(messages.map(({ receipt }) => ({ receipt })));
   */
  async releaseMany(entries: readonly Entry<ReleaseOptions>[]): Promise<EntryAnswer<object>[]> {
    return each(entries, 'entries', ({ receipt, ...options }) => this.release(receipt, options));
  }

  /**
   * Moves a message to the dead-letter queue of its queue. It keeps its id, the time of its sending and its count.
   *
   * @param options `reason`, by default `rejected`, and `description`.
   * @throws HOLDFAST_RECEIPT_… or HOLDFAST_MESSAGE_GONE.
   * @example
   * await broker.deadLetter(message.receipt, { reason: 'no-such-order' });
   */
  async deadLetter(receipt: string, options: Partial<DeadLetterOptions> = {}): Promise<void> {
    const told = resolveOptions(deadLetterOptions, options, 'deadLetter');
    await this.#bury(await this.#readDead(receipt), told);
  }

  /**
   * Moves up to 100 messages to dead-letter queues, and answers for each in order.
   *
   * @example
   * await broker.deadLetterMany(messages.map(({ receipt }) => ({ receipt, reason: 'no-such-order' })));
   */
  async deadLetterMany(entries: readonly Entry<DeadLetterOptions>[]): Promise<EntryAnswer<object>[]> {
    checkCount(entries, 'entries');
    const dead = new Map(entries.map((entry) => [entry, this.#readDead(entry.receipt)]));
    // Once all are read, the moves begin in the order of the entries: messages of a FIFO group keep it.
    await Promise.allSettled(dead.values());
    return each(entries, 'entries', async (entry) => {
      const { receipt: _receipt, ...options } = entry;
      const told = resolveOptions(deadLetterOptions, options, 'deadLetter');
      return this.#bury(await (dead.get(entry) as Promise<Dying>), told);
    });
  }

  /** Reads a receipt, and the dead-letter queue of its queue, which is made if it is not there. */
  async #readDead(receipt: string): Promise<Dying> {
    const read = await this.#receipts.read(receipt);
    const entry = await this.book.get(read.queue);
    const to = deadQueueOf(read.queue, entry.attributes);
    await this.book.ensureDead(to, isFifo(entry));
    return { read, to };
  }

  async #bury({ read, to }: Dying, { reason, description }: DeadLetterOptions): Promise<void> {
    await this.#settling.deadLetter(read, to, reason, description);
    this.events.emit('message-dead', { queue: read.queue, id: read.id, to, reason });
  }

  /**
   * Returns the queue that a receipt was received from.
   *
   * @throws HOLDFAST_RECEIPT_INVALID
   * @example
   * if ((await broker.queueOf(receipt)) !== 'orders') return;
   */
  async queueOf(receipt: string): Promise<string> {
    return (await this.#receipts.read(receipt)).queue;
  }

  /**
   * Ends all waits with no message, and the removal of old messages. The store stays open, and the other calls go on working.
   *
   * @example
   * await broker.close();
   */
  async close(): Promise<void> {
    this.#receiving.stop();
    this.#expiries.stop();
    await Promise.all([this.#retention.stop(), this.moves.stop()]);
  }
}

/** Answers for each entry. What is wrong with one does not keep the others from being answered. */
async function each<Given, Answer extends object | void>(
  entries: readonly Given[],
  field: string,
  answer: (entry: Given) => Promise<Answer>,
): Promise<EntryAnswer<Answer extends object ? Answer : object>[]> {
  checkCount(entries, field);
  type Of = Answer extends object ? Answer : object;
  const one = (entry: Given): Promise<EntryAnswer<Of>> =>
    answer(entry).then(
      (answered) => ({ ok: true, ...(answered as Of) }),
      (error: unknown) => {
        if (isOfOne(error)) return { ok: false, error };
        throw error;
      },
    );
  return Promise.all(entries.map(one));
}
