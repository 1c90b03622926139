import type { QueueAttributes } from '../../config/brokerOptions';
import { RECEIVES_MOST } from '../../constants/brokerLimits';
import { deadQueueOf } from '../broker/deadQueueOf';
import { isRecord } from '../values/isRecord';
import { arnOf, queueOfArn } from './queueNames';
import type { Place } from './queueNames';
import { SqsFault } from './sqsFault';

/** The dead-letter queue of a queue, and after how many receives a message moves there. */
export interface RedriveTarget {
  readonly deadLetterQueue: string;
  readonly maxReceiveCount: number;
}

/**
 * Reads a RedrivePolicy.
 *
 * @returns null for one that removes the policy.
 * @throws SqsFault
 */
export function readRedrivePolicy(text: string): RedriveTarget | null {
  const given = parsed(text);
  if (given === null) return null;
  const deadLetterQueue = queueOfArn(given['deadLetterTargetArn']);
  const maxReceiveCount = Number(given['maxReceiveCount']);
  if (deadLetterQueue === undefined) throw bad('Redrive policy does not contain the ARN of a queue as deadLetterTargetArn.');
  if (given['maxReceiveCount'] === undefined) throw bad('Redrive policy does not contain mandatory attribute: maxReceiveCount.');
  if (!Number.isInteger(maxReceiveCount) || maxReceiveCount < 1 || maxReceiveCount > RECEIVES_MOST)
    throw bad(`Invalid value for maxReceiveCount: it must be an integer from 1 to ${RECEIVES_MOST}.`);
  return { deadLetterQueue, maxReceiveCount };
}

function parsed(text: string): Readonly<Record<string, unknown>> | null {
  if (text === '' || text === '{}') return null;
  try {
    const read: unknown = JSON.parse(text);
    if (isRecord(read)) return read;
  } catch {
    // What is no JSON is refused as what is no object.
  }
  throw bad('Redrive policy is not a valid JSON map.');
}

const bad = (reason: string): SqsFault => new SqsFault('InvalidParameterValue', `Value for parameter RedrivePolicy is invalid. Reason: ${reason}`);

/** Returns the RedrivePolicy of a queue as text: the one that was given, if it still holds; undefined if its messages are handed out without end. */
export function redrivePolicyOf(queue: string, attributes: QueueAttributes, given: string | undefined, place: Place): string | undefined {
  const { maxReceiveCount } = attributes;
  if (maxReceiveCount === 0) return undefined;
  const deadLetterQueue = deadQueueOf(queue, attributes);
  return given !== undefined && isOf(given, deadLetterQueue, maxReceiveCount)
    ? given
    : JSON.stringify({ deadLetterTargetArn: arnOf(deadLetterQueue, place), maxReceiveCount });
}

/** Tells whether a text says the same in its own words. A count that is a text is written as a number. */
function isOf(text: string, deadLetterQueue: string, maxReceiveCount: number): boolean {
  const given = parsed(text);
  return queueOfArn(given?.['deadLetterTargetArn']) === deadLetterQueue && given?.['maxReceiveCount'] === maxReceiveCount;
}
