import type { QueueAttributes } from '../../config/brokerOptions';

/** What follows the name of a queue in that of its dead-letter queue, where its attributes name none. */
const SUFFIX = '.dlq';

/** What ends the name of a FIFO queue where names tell the kind of a queue, as those of SQS do. Its dead-letter queue has it as well. */
const FIFO_SUFFIX = '.fifo';

/** Returns the name of the dead-letter queue of a queue. */
export function deadQueueOf(queue: string, { deadLetterQueue }: Pick<QueueAttributes, 'deadLetterQueue'>): string {
  if (deadLetterQueue !== undefined) return deadLetterQueue;
  return queue.endsWith(FIFO_SUFFIX) ? `${queue.slice(0, -FIFO_SUFFIX.length)}${SUFFIX}${FIFO_SUFFIX}` : `${queue}${SUFFIX}`;
}
