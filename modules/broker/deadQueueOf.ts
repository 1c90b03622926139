import type { QueueAttributes } from '../../config/brokerOptions';

/** What follows the name of a queue in that of its dead-letter queue, where its attributes name none. */
const SUFFIX = '.dlq';

/** Returns the name of the dead-letter queue of a queue. */
export const deadQueueOf = (queue: string, { deadLetterQueue }: Pick<QueueAttributes, 'deadLetterQueue'>): string =>
  deadLetterQueue ?? `${queue}${SUFFIX}`;
