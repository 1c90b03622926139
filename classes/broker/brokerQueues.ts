import { brokerQueueName } from '../../config/brokerOptions';
import type { ListQueuesOptions, PeekOptions, QueueChanges, DeadLetterRedriveOptions } from '../../config/brokerOptions';
import type { PeekedMessage, QueueInfo, QueueStats } from '../../modules/broker/brokerTypes';
import { checkOptions } from '../../modules/options/checkOptions';
import type { Operations } from './operations';
import type { Tags } from './queueBook';

/** The calls of a broker that are for operators: about queues, and about the messages of a queue as a whole. */
export abstract class BrokerQueues {
  /** @internal */
  protected abstract readonly operations: Operations;

  /**
   * Makes a queue. One that is there with the same attributes stays as it is, so that it is safe to call twice.
   *
   * @param name 1 to 128 letters, digits and `_ . : -`, the first one a letter or digit.
   * @param attributes see `queueAttributes` in `config/brokerOptions`.
   * @param tags at most 50 short texts about the queue.
   * @throws HOLDFAST_OPTION_…, HOLDFAST_QUEUE_EXISTS if it has other attributes than those given.
   * @example
   * const { created } = await broker.createQueue('orders', { maxReceiveCount: 3 });
   */
  async createQueue(name: string, attributes: QueueChanges = {}, tags: Tags = {}): Promise<{ readonly queue: QueueInfo; readonly created: boolean }> {
    return this.operations.create(named(name), attributes, tags);
  }

  /**
   * Changes attributes of a queue. Every process of the broker follows within a second; messages in flight keep their visibility.
   *
   * @param tags replace all tags; without them the tags stay.
   * @throws HOLDFAST_OPTION_… or HOLDFAST_QUEUE_UNKNOWN.
   * @example
   * await broker.configureQueue('orders', { visibilityTimeoutSeconds: 120 });
   */
  async configureQueue(name: string, changes: QueueChanges, tags?: Tags): Promise<QueueInfo> {
    return this.operations.configure(named(name), changes, tags);
  }

  /**
   * Returns a queue with its attributes.
   *
   * @throws HOLDFAST_QUEUE_UNKNOWN
   * @example
   * const { attributes, isPaused } = await broker.getQueue('orders');
   */
  async getQueue(name: string): Promise<QueueInfo> {
    return this.operations.get(named(name));
  }

  /**
   * Lists queues in the order of their names, a page at a time.
   *
   * @param options `prefix`, `limit` from 1 to 1,000, by default 100, and `after`: the `next` of the previous page.
   * @example
   * const { queues, next } = await broker.listQueues({ prefix: 'orders.' });
   */
  async listQueues(options: Partial<ListQueuesOptions> = {}): Promise<{ readonly queues: QueueInfo[]; readonly next: string | null }> {
    return this.operations.list(options);
  }

  /**
   * Removes a queue with all its messages, those in flight included. Its dead-letter queue stays.
   *
   * @throws HOLDFAST_QUEUE_UNKNOWN
   * @example
   * await broker.deleteQueue('orders');
   */
  async deleteQueue(name: string): Promise<void> {
    await this.operations.remove(named(name));
  }

  /**
   * Shows messages, newest first, without receiving them: nobody waits longer for it, and nothing is counted.
   *
   * @param options `state`: `waiting`, `delayed` or `in-flight`; `limit` from 1 to 100, by default 20; `after`: the `next` of the previous page.
   * @throws HOLDFAST_QUEUE_UNKNOWN or HOLDFAST_OPTION_….
   * @example
   * const { messages, next } = await broker.peek('orders', { state: 'in-flight' });
   */
  async peek(queue: string, options: Partial<PeekOptions> = {}): Promise<{ readonly messages: PeekedMessage[]; readonly next: string | null }> {
    return this.operations.peek(named(queue), options);
  }

  /**
   * Returns the dead letters of a queue to it. Their receives are counted anew towards `maxReceiveCount`.
   *
   * A redrive that its process does not end is gone on with by another.
   *
   * @param options `limit`; `reason`: only those with this reason; `ratePerSecond`: the most a second.
   * @returns the number of messages moved.
   * @throws HOLDFAST_QUEUE_UNKNOWN or HOLDFAST_OPTION_….
   * @example
   * const { moved } = await broker.redrive('orders');
   */
  async redrive(queue: string, options: Partial<DeadLetterRedriveOptions> = {}): Promise<{ readonly moved: number }> {
    return { moved: await this.operations.redrive(named(queue), options) };
  }

  /**
   * Removes all messages of a queue, those in flight included. Messages sent meanwhile may stay.
   *
   * @returns the number of messages removed.
   * @throws HOLDFAST_QUEUE_UNKNOWN
   * @example
   * const { removed } = await broker.purge('orders');
   */
  async purge(queue: string): Promise<{ readonly removed: number }> {
    return { removed: await this.operations.purge(named(queue)) };
  }

  /**
   * Pauses a queue: nothing of it is received within a second, in any process. Sends, acknowledgements and extensions go on.
   *
   * @throws HOLDFAST_QUEUE_UNKNOWN
   * @example
   * await broker.pause('orders');
   */
  async pause(queue: string): Promise<void> {
    await this.operations.setPaused(named(queue), true);
  }

  /**
   * Ends a pause.
   *
   * @throws HOLDFAST_QUEUE_UNKNOWN
   * @example
   * await broker.resume('orders');
   */
  async resume(queue: string): Promise<void> {
    await this.operations.setPaused(named(queue), false);
  }

  /**
   * Counts the messages of a queue by state, and tells the age of the one that has waited longest.
   *
   * @throws HOLDFAST_QUEUE_UNKNOWN
   * @example
   * const { waiting, inFlight, oldestSeconds } = await broker.stats('orders');
   */
  async stats(queue: string): Promise<QueueStats> {
    return this.operations.stats(named(queue));
  }

  /**
   * Tells whether the store answers now.
   *
   * @example
   * if (!(await broker.isAlive())) console.error('The store is away.');
   */
  async isAlive(): Promise<boolean> {
    return this.operations.isAlive();
  }
}

/** Returns the name of a queue, or refuses it. */
export function named(queue: string): string {
  checkOptions(brokerQueueName, queue, 'queue');
  return queue;
}
