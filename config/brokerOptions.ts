import { DAY, MINUTE, SECOND } from '../constants/limits';
import {
  GROUP_CHARACTERS,
  MESSAGES_A_CALL,
  MESSAGE_BODY_BYTES,
  QUEUE_NAME_CHARACTERS,
  RECEIVES_MOST,
  VISIBILITY_SECONDS,
  WAIT_SECONDS,
} from '../constants/brokerLimits';
import { integer, oneOf, optional, partial, record, text, truth, value } from './schema';
import type { QueueAttributes } from './optionTypes';
import { UUID_PATTERN } from './optionKinds';

/** Options of the broker: of its queues, and of each of its calls. */

const seconds = (minimum: number, maximum: number, rest = {}) => integer({ minimum, maximum, unit: 's', ...rest });

/** A name that a sender gives to messages that belong together, or are the same. */
const groupText = (rest: { readonly description: string }) =>
  text({
    minLength: 1,
    maxLength: GROUP_CHARACTERS,
    pattern: '^[\\u0021-\\u007e]*$',
    expects: `1 to ${GROUP_CHARACTERS} visible ASCII characters`,
    ...rest,
  });

/** The name of a queue of the broker. It stands in paths and file names as it is, so it is plain. */
export const BROKER_QUEUE_PATTERN = `^[A-Za-z0-9][A-Za-z0-9_.:-]{0,${QUEUE_NAME_CHARACTERS - 1}}$`;

export const brokerQueueName = text({
  pattern: BROKER_QUEUE_PATTERN,
  maxLength: QUEUE_NAME_CHARACTERS,
  expects: `a name of 1 to ${QUEUE_NAME_CHARACTERS} letters, digits and _ . : -, which begins with a letter or digit`,
});

export const queueAttributes = record({
  visibilityTimeoutSeconds: seconds(0, VISIBILITY_SECONDS, {
    default: 30,
    description: 'Time that a consumer has to acknowledge a received message. After it the message is handed out again.',
  }),
  retentionSeconds: seconds(MINUTE / SECOND, (365 * DAY) / SECOND, {
    default: (4 * DAY) / SECOND,
    description: 'Maximum age of a message that waits, counted from its sending. After it the message is removed and `message-expired` is emitted.',
  }),
  delaySeconds: seconds(0, VISIBILITY_SECONDS, { default: 0, description: 'Time until a sent message can be received, if the message names none.' }),
  maxReceiveCount: integer({
    minimum: 0,
    maximum: RECEIVES_MOST,
    default: 5,
    description:
      'Number of times that a message is handed out. Instead of the next one it moves to the dead-letter queue. 0 hands it out without end.',
  }),
  waitSeconds: seconds(0, WAIT_SECONDS, { default: 0, description: 'Time that a receive waits for a message, if it names none.' }),
  deadLetterQueue: optional(
    text({
      pattern: BROKER_QUEUE_PATTERN,
      expects: 'the name of a queue',
      description: 'Name of the dead-letter queue; by default that of the queue followed by `.dlq`. It is made when it is needed.',
    }),
  ),
  fifo: truth({
    default: false,
    description: 'Hands out each group of messages in the order of sending, one consumer of a group at a time. It cannot be changed later.',
  }),
  contentBasedDeduplication: truth({
    default: false,
    description: 'In a FIFO queue, takes the SHA-256 of the body as the deduplication id of a message that names none.',
  }),
  deduplicationScope: oneOf(['queue', 'group'], {
    default: 'queue',
    description: 'Where the deduplication ids of a FIFO queue hold: in the whole queue, or in each group by itself.',
  }),
  maxMessageBytes: integer({
    minimum: 1,
    maximum: MESSAGE_BODY_BYTES,
    default: MESSAGE_BODY_BYTES,
    unit: 'bytes',
    description: 'Maximum size of the body of a message.',
  }),
});

export const queueChanges = partial(queueAttributes);

/** A message as it is sent. Its body and attributes have checks of their own. */
export const sentMessage = record({
  body: value<unknown>({ description: 'A JSON value, a text or a Buffer.' }),
  contentType: optional(text({ maxLength: 512, description: 'Media type of the body.' })),
  attributes: optional(value<Readonly<Record<string, string>>>({ type: 'object', description: 'Short texts beside the body.' })),
  attributeTypes: optional(
    value<Readonly<Record<string, string>>>({ type: 'object', description: 'Types of attributes, as SQS has them, by their names.' }),
  ),
  traceHeader: optional(text({ maxLength: 4_096, description: 'Trace that the message belongs to, as AWS X-Ray writes it.' })),
  sender: optional(text({ maxLength: 256, description: 'Name of who has sent it.' })),
  delaySeconds: optional(seconds(0, VISIBILITY_SECONDS, { description: 'Time until the message can be received; by default that of the queue.' })),
  group: optional(groupText({ description: 'Group of the message. A FIFO queue needs it, and keeps its order; another one only keeps it.' })),
  deduplicationId: optional(
    groupText({ description: 'In a FIFO queue, of the messages with the same one that are sent within five minutes the first one is added.' }),
  ),
});

export const sendOptions = record({
  idempotencyKey: optional(
    text({
      minLength: 1,
      maxLength: 255,
      pattern: '^[\\u0021-\\u007e]*$',
      expects: '1 to 255 visible ASCII characters',
      description:
        'Key of this call. A second call with the same key and the same messages within five minutes gets the first answer and adds nothing.',
    }),
  ),
});

export const receiveOptions = record({
  max: integer({ minimum: 1, maximum: MESSAGES_A_CALL, default: 1, description: 'Maximum number of messages.' }),
  waitSeconds: optional(seconds(0, WAIT_SECONDS, { description: 'Time to wait for a message if there is none; by default that of the queue.' })),
  visibilityTimeoutSeconds: optional(
    seconds(0, VISIBILITY_SECONDS, { description: 'Time to acknowledge these messages; by default that of the queue.' }),
  ),
  attemptId: optional(
    groupText({
      description:
        'In a FIFO queue, gives the same messages and receipts again to a receive that is repeated within five minutes, while all of them are in flight.',
    }),
  ),
  signal: optional(
    value<AbortSignal>({
      description: 'Ends the wait. What was claimed for the call meanwhile is handed out again at once.',
      is: { holds: (given) => given instanceof AbortSignal, says: 'an AbortSignal' },
    }),
  ),
});

export const extendOption = seconds(0, VISIBILITY_SECONDS, { expects: `whole seconds from 0 to ${VISIBILITY_SECONDS}` });

export const releaseOptions = record({
  delaySeconds: seconds(0, VISIBILITY_SECONDS, { default: 0, description: 'Time until the message can be received again.' }),
});

export const deadLetterOptions = record({
  reason: text({ minLength: 1, maxLength: 256, default: 'rejected', description: 'Reason, for people and filters.' }),
  description: optional(text({ maxLength: 4_096, description: 'More about the reason.' })),
});

export const peekOptions = record({
  state: optional(oneOf(['waiting', 'delayed', 'in-flight'], { description: 'State of the messages; all if left out.' })),
  limit: integer({ minimum: 1, maximum: MESSAGES_A_CALL, default: 20, description: 'Maximum number of messages.' }),
  after: optional(text({ pattern: UUID_PATTERN, expects: 'the id of a message', description: 'Id of the last message of the page before.' })),
});

export const deadLetterRedriveOptions = record({
  limit: optional(integer({ minimum: 1, maximum: 1_000_000_000, description: 'Maximum number of messages to move; all if left out.' })),
  reason: optional(text({ maxLength: 256, description: 'Moves only the messages with this reason.' })),
  ratePerSecond: optional(integer({ minimum: 1, maximum: 1_000_000, description: 'Maximum number of messages a second.' })),
});

export const listQueuesOptions = record({
  prefix: text({ maxLength: QUEUE_NAME_CHARACTERS, default: '', description: 'What the names begin with.' }),
  limit: integer({ minimum: 1, maximum: 1_000, default: 100, description: 'Maximum number of queues.' }),
  after: optional(text({ maxLength: QUEUE_NAME_CHARACTERS, description: 'Name of the last queue of the page before.' })),
});

export const brokerOptions = record({
  createsQueues: truth({ default: false, description: 'Makes a queue with the default attributes when a message is first sent to it.' }),
});

export type {
  BrokerOptions,
  DeadLetterOptions,
  DeadLetterRedriveOptions,
  ListQueuesOptions,
  PeekOptions,
  QueueAttributes,
  ReceiveOptions,
  ReleaseOptions,
  SendOptions,
} from './optionTypes';

/** Attributes of a queue that are given; the others have their defaults, or stay. */
export type QueueChanges = Partial<QueueAttributes>;
