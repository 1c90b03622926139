import { isRecord } from '../values/isRecord';
import { queueOfArn } from './queueNames';

/** Most queues that a RedriveAllowPolicy names. */
const SOURCES = 10;

/**
 * Tells whether a text is a RedriveAllowPolicy: a JSON object with a `redrivePermission`, and with `sourceQueueArns`, one to ten, where it is `byQueue`.
 *
 * @see https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SetQueueAttributes.html
 */
export function isRedriveAllowPolicy(text: string): boolean {
  const { redrivePermission, sourceQueueArns } = parsed(text);
  if (redrivePermission === 'allowAll' || redrivePermission === 'denyAll') return sourceQueueArns === undefined;
  const sources = Array.isArray(sourceQueueArns) ? (sourceQueueArns as readonly unknown[]) : [];
  const areQueues = sources.length > 0 && sources.length <= SOURCES && sources.every((arn) => queueOfArn(arn) !== undefined);
  return redrivePermission === 'byQueue' && areQueues;
}

/** Tells whether the stored policy of a dead-letter queue lets a queue use it. Without one, every queue may. */
export function allowsSource(policy: string | undefined, queue: string): boolean {
  if (policy === undefined) return true;
  const { redrivePermission, sourceQueueArns } = parsed(policy);
  if (redrivePermission !== 'byQueue') return redrivePermission !== 'denyAll';
  return Array.isArray(sourceQueueArns) && sourceQueueArns.some((arn) => queueOfArn(arn) === queue);
}

function parsed(text: string): Readonly<Record<string, unknown>> {
  try {
    const read: unknown = JSON.parse(text);
    return isRecord(read) ? read : {};
  } catch {
    return {};
  }
}
