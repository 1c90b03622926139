import type { QueueAttributes } from '../../config/brokerOptions';
import { SQS_ID_CHARACTERS } from '../../constants/sqsLimits';
import type { OutgoingMessage } from '../broker/brokerTypes';
import type { WireMessage } from './inputs';
import { FIFO_SUFFIX } from './queueNames';
import { badValue, missing, SqsFault } from './sqsFault';

/** What the attributes of FIFO queues say, as the broker has them and as texts to keep. */
export interface FifoAttributes {
  readonly native: Partial<Pick<QueueAttributes, 'fifo' | 'contentBasedDeduplication' | 'deduplicationScope'>>;
  readonly extras: Readonly<Record<string, string>>;
}

/** The values of the attributes that only FIFO queues have; the first is the default. */
const VALUES: Readonly<Record<string, readonly string[]>> = {
  FifoQueue: ['true'],
  ContentBasedDeduplication: ['false', 'true'],
  DeduplicationScope: ['queue', 'messageGroup'],
  FifoThroughputLimit: ['perQueue', 'perMessageGroupId'],
};

/** Why an attribute has no other value. */
const ONLY: Readonly<Record<string, string>> = { FifoQueue: ' Reason: Modifying queue type is not supported.' };

/** Tells whether the value of an attribute is `true` or `false`, of which SQS takes capitals as well. */
const isTruth = (name: string): boolean => name === 'FifoQueue' || name === 'ContentBasedDeduplication';

/**
 * Reads the attributes of FIFO queues.
 *
 * @throws SqsFault
 */
export function fifoAttributes(given: Readonly<Record<string, string>>, isFifo: boolean): FifoAttributes {
  const texts = Object.entries(given).map(([name, value]) => [name, isTruth(name) ? value.toLowerCase() : value] as const);
  for (const [name, value] of texts) {
    if (!isFifo) throw new SqsFault('InvalidAttributeName', isTruth(name) ? `Unknown Attribute ${name}.` : `You can specify the ${name} only when FifoQueue is set to true.`); // prettier-ignore
    if (!VALUES[name]?.includes(value)) throw new SqsFault('InvalidAttributeValue', `Invalid value for the parameter ${name}.${ONLY[name] ?? ''}`);
  }
  const { FifoQueue: _, ...others } = Object.fromEntries<string>(texts);
  const { ContentBasedDeduplication: content, DeduplicationScope: scope, ...extras } = others;
  const native = {
    ...(content === undefined ? {} : { contentBasedDeduplication: content === 'true' }),
    ...(scope === undefined ? {} : { deduplicationScope: scope === 'messageGroup' ? ('group' as const) : ('queue' as const) }),
  };
  return { native, extras };
}

/**
 * Checks that the name of a new queue fits its kind, and returns whether it is a FIFO queue.
 *
 * @throws SqsFault
 */
export function isNewFifo(name: string, { FifoQueue }: Readonly<Record<string, string>>): boolean {
  const isFifo = FifoQueue?.toLowerCase() === 'true';
  if (isFifo === name.endsWith(FIFO_SUFFIX)) return isFifo;
  if (isFifo) throw new SqsFault('InvalidParameterValue', 'The name of a FIFO queue can only include alphanumeric characters, hyphens, or underscores, must end with .fifo suffix and be 1 to 80 in length'); // prettier-ignore
  throw new SqsFault('InvalidParameterValue', 'Can only include alphanumeric characters, hyphens, or underscores. 1 to 80 in length');
}

/** Returns the value of an attribute that only FIFO queues have. */
export function fifoAttributeOf(name: string, attributes: QueueAttributes, extras: Readonly<Record<string, string>>): string | undefined {
  if (!attributes.fifo) return undefined;
  if (name === 'FifoQueue') return 'true';
  if (name === 'DeduplicationScope') return attributes.deduplicationScope === 'group' ? 'messageGroup' : 'queue';
  return name === 'ContentBasedDeduplication' ? String(attributes.contentBasedDeduplication) : (extras[name] ?? VALUES[name]?.[0]);
}

const ID = new RegExp(`^[\\u0021-\\u007e]{1,${SQS_ID_CHARACTERS}}$`);

/**
 * Checks what names the group of a message and the message itself, by the kind of its queue.
 *
 * @throws SqsFault
 */
export function checkIds({ MessageGroupId: group, MessageDeduplicationId: id, DelaySeconds }: WireMessage, attributes: QueueAttributes): void {
  for (const [name, value] of Object.entries({ MessageGroupId: group, MessageDeduplicationId: id }))
    if (value !== undefined && !ID.test(value))
      throw badValue(name, value, `${name} can only include alphanumeric and punctuation characters. 1 to ${SQS_ID_CHARACTERS} in length.`);
  if (!attributes.fifo) return;
  if (group === undefined) throw missing('MessageGroupId');
  checkDeduplication(id, attributes);
  if (DelaySeconds) throw badValue('DelaySeconds', DelaySeconds, 'The request include parameter that is not valid for this queue type.');
}

function checkDeduplication(id: string | undefined, { contentBasedDeduplication }: QueueAttributes): void {
  if (id !== undefined || contentBasedDeduplication) return;
  throw new SqsFault('InvalidParameterValue', 'The queue should either have ContentBasedDeduplication enabled or MessageDeduplicationId provided explicitly'); // prettier-ignore
}

/**
 * Checks what a batch for a FIFO queue is refused for as a whole: a message lacks its group, which SQS calls a wrong value here, or its deduplication id.
 *
 * @throws SqsFault
 */
export function checkGroup({ MessageGroupId: group, MessageDeduplicationId: id }: WireMessage, attributes: QueueAttributes): void {
  if (group === undefined) throw new SqsFault('InvalidParameterValue', missing('MessageGroupId').message);
  checkDeduplication(id, attributes);
}

/** Names the group of a message and the message itself. Only a FIFO queue as a whole has a delay. */
export function withIds(
  message: OutgoingMessage,
  { MessageGroupId, MessageDeduplicationId }: WireMessage,
  { fifo }: QueueAttributes,
): OutgoingMessage {
  const { delaySeconds, ...rest } = message;
  return {
    ...rest,
    ...(delaySeconds === undefined || fifo ? {} : { delaySeconds }),
    ...(MessageGroupId === undefined ? {} : { group: MessageGroupId }),
    ...(MessageDeduplicationId === undefined ? {} : { deduplicationId: MessageDeduplicationId }),
  };
}
