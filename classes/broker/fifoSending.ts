import { createHash } from 'node:crypto';
import { sequenceText } from '../../modules/ports/fifoStore';
import type { FifoSend, FifoStore } from '../../modules/ports/fifoStore';
import type { OutgoingMessage, Sent } from '../../modules/broker/brokerTypes';
import { HoldfastError } from '../../modules/errors/holdfastError';
import { hintOf } from '../../modules/ports/hint';
import type { NewTask } from '../../modules/task/task';
import { groupBy } from '../../modules/values/groupBy';
import type { Clock } from '../../modules/time/clock';
import { Batch } from '../async/batch';
import type { Wakeups } from '../idle/wakeups';
import type { QueueEntry } from './queueBook';

/** Most messages of one call of the store, and most bytes of them. */
const AT_ONCE = 500;
const MOST_BYTES = 8 * 1024 * 1024;

/** The parts of a FifoSending. */
export interface FifoSendingParts {
  readonly fifo: Pick<FifoStore, 'send'>;
  readonly wakeups: Pick<Wakeups, 'tell'>;
  readonly clock: Clock;
}

/** Adds messages to FIFO queues, in the order of the calls of this process: calls at the same time share a call of the store, and one follows the other. */
export class FifoSending {
  readonly #parts: FifoSendingParts;
  readonly #sends: Batch<FifoSend, Sent>;

  constructor(parts: FifoSendingParts) {
    this.#parts = parts;
    const bound = { most: MOST_BYTES, weigh: ({ task }: FifoSend) => task.payload.length };
    this.#sends = new Batch((sends) => this.#send(sends), (callback) => void parts.clock.soon(callback), AT_ONCE, 1, bound); // prettier-ignore
  }

  /** Adds messages to a queue. A message without a deduplication id is sent once by its own id where its call has an idempotency key. */
  send({ attributes }: Pick<QueueEntry, 'attributes'>, tasks: readonly NewTask[], isRepeatable: boolean): Promise<Sent[]> {
    return Promise.all(tasks.map((task) => this.#sends.push({ task, onceAs: onceOf(task, attributes, isRepeatable) })));
  }

  async #send(sends: readonly FifoSend[]): Promise<Sent[]> {
    const answers = new Map<FifoSend, Sent>();
    for (const [queue, own] of groupBy(sends, ({ task }) => task.queue)) {
      const sent = await this.#parts.fifo.send(queue, own);
      own.forEach((one, at) => answers.set(one, { id: sent[at]?.id ?? one.task.id, sequence: sequenceText(sent[at]?.sequence ?? 0) }));
      this.#parts.wakeups.tell(hintOf(queue, Math.min(...own.map(({ task: { due } }) => ('delayMs' in due ? due.delayMs : 0)))));
    }
    return sends.map((one) => answers.get(one) as Sent);
  }
}

function onceOf({ id, settings }: NewTask, { deduplicationScope }: QueueEntry['attributes'], isRepeatable: boolean): string | null {
  const { group = '', deduplicationId } = settings.message ?? {};
  if (deduplicationId === undefined) return isRepeatable ? `i:${id}` : null;
  // With its length, the end of a group is not taken for the beginning of an id.
  return deduplicationScope === 'group' ? `g:${group.length}:${group}${deduplicationId}` : `d:${deduplicationId}`;
}

/**
 * Returns a message as its FIFO queue takes it: with the deduplication id that the queue makes of its body.
 *
 * @throws HOLDFAST_OPTION_INVALID if it has no group, or a delay of its own.
 */
export function fifoMessage(message: OutgoingMessage, { attributes }: QueueEntry): OutgoingMessage {
  if (message.group === undefined)
    throw new HoldfastError('HOLDFAST_OPTION_INVALID', { field: 'message.group', expected: 'a text, as the queue is a FIFO queue' });
  if (message.delaySeconds !== undefined)
    throw new HoldfastError('HOLDFAST_OPTION_INVALID', {
      field: 'message.delaySeconds',
      expected: 'left out: a FIFO queue delays all of its messages alike',
    });
  if (message.deduplicationId !== undefined || !attributes.contentBasedDeduplication) return message;
  const { body } = message;
  const content = Buffer.isBuffer(body) || typeof body === 'string' ? body : (JSON.stringify(body) ?? '');
  return { ...message, deduplicationId: createHash('sha256').update(content).digest('hex') };
}
