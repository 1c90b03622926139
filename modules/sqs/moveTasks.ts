import { SQS_ERRORS } from '../../constants/sqsErrors';
import type { MoveTask } from '../broker/moveTask';
import { isRecord } from '../values/isRecord';
import { arnOf, queueOfArn } from './queueNames';
import type { Place } from './queueNames';
import { badValue, missing, SqsFault } from './sqsFault';

/** Maximum rate that a move task may name. */
const MOST_A_SECOND = 500;

/** Returns the queue that an ARN names. */
export function queueOfTask(parameter: 'SourceArn' | 'DestinationArn', arn: string | undefined): string {
  if (!arn) throw missing(parameter);
  const queue = queueOfArn(arn);
  if (queue === undefined) throw badValue(parameter, arn, 'It is not the ARN of a queue.');
  return queue;
}

export function checkRate(rate: number | undefined): void {
  if (rate === undefined || (rate >= 1 && rate <= MOST_A_SECOND)) return;
  throw badValue('MaxNumberOfMessagesPerSecond', rate, `It must be between 1 and ${MOST_A_SECOND}.`);
}

/** Makes the handle of a move task as SQS does: what names it, in base64. */
export const handleOf = ({ id, from }: Pick<MoveTask, 'id' | 'from'>, place: Place): string =>
  Buffer.from(JSON.stringify({ taskId: id, sourceArn: arnOf(from, place) })).toString('base64');

/** Returns the fault of a parameter that names a queue which is not there. */
export const noResource = (parameter: 'SourceArn' | 'DestinationArn'): SqsFault =>
  new SqsFault('ResourceNotFoundException', `The resource that you specified for the ${parameter} parameter doesn't exist.`);

export const noTask = (): SqsFault => new SqsFault('ResourceNotFoundException', 'Task does not exist.');

const badHandle = (): SqsFault => new SqsFault('InvalidParameterValue', 'Value for parameter TaskHandle is invalid.');

/** Reads the handle of a move task. */
export function taskOfHandle(handle: string | undefined): Pick<MoveTask, 'id' | 'from'> {
  if (!handle) throw missing('TaskHandle');
  let read: unknown;
  try {
    read = JSON.parse(Buffer.from(handle, 'base64').toString());
  } catch {
    throw badHandle();
  }
  const { taskId: id, sourceArn } = isRecord(read) ? read : {};
  const from = queueOfArn(sourceArn);
  if (typeof id !== 'string' || from === undefined) throw badHandle();
  if (!/^[\w-]{1,64}$/.test(id)) throw noTask();
  return { id, from };
}

/** Returns why a move has failed as SQS names it. */
const failureOf = (failure: string): string => (failure === 'NonExistentQueue' ? SQS_ERRORS.QueueDoesNotExist.code : failure);

/** Returns a move task as it stands in a list. Its handle is told while it can be cancelled. */
export function wireTask(task: MoveTask, place: Place): object {
  return {
    ...(task.state === 'running' ? { TaskHandle: handleOf(task, place) } : {}),
    Status: task.state.toUpperCase(),
    SourceArn: arnOf(task.from, place),
    ...(task.to === null ? {} : { DestinationArn: arnOf(task.to, place) }),
    ...(task.ratePerSecond === undefined ? {} : { MaxNumberOfMessagesPerSecond: task.ratePerSecond }),
    ApproximateNumberOfMessagesMoved: task.moved,
    ApproximateNumberOfMessagesToMove: task.expected,
    ...(task.failure === undefined ? {} : { FailureReason: failureOf(task.failure) }),
    StartedTimestamp: task.startedAtMs,
  };
}
