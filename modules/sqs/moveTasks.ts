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

/** Makes the handle of a move task: what names it, in base64. */
export const handleOf = ({ id, from }: Pick<MoveTask, 'id' | 'from'>): string => Buffer.from(JSON.stringify({ id, from })).toString('base64');

const noTask = (): SqsFault => new SqsFault('ResourceNotFoundException', 'Task does not exist.');

/** Reads the handle of a move task. */
export function taskOfHandle(handle: string | undefined): Pick<MoveTask, 'id' | 'from'> {
  if (!handle) throw missing('TaskHandle');
  let read: unknown;
  try {
    read = JSON.parse(Buffer.from(handle, 'base64').toString());
  } catch {
    throw badValue('TaskHandle', handle, 'It is not the handle of a task.');
  }
  const { id, from } = isRecord(read) ? read : {};
  if (typeof id !== 'string' || typeof from !== 'string' || !/^[\w.:/-]{1,300}$/.test(`${from}/${id}`)) throw noTask();
  return { id, from };
}

/** Returns a move task as it stands in a list. Its handle is told while it can be cancelled. */
export function wireTask(task: MoveTask, place: Place): object {
  return {
    ...(task.state === 'running' ? { TaskHandle: handleOf(task) } : {}),
    Status: task.state.toUpperCase(),
    SourceArn: arnOf(task.from, place),
    ...(task.to === null ? {} : { DestinationArn: arnOf(task.to, place) }),
    ...(task.ratePerSecond === undefined ? {} : { MaxNumberOfMessagesPerSecond: task.ratePerSecond }),
    ApproximateNumberOfMessagesMoved: task.moved,
    ApproximateNumberOfMessagesToMove: task.expected,
    ...(task.failure === undefined ? {} : { FailureReason: task.failure }),
    StartedTimestamp: task.startedAtMs,
  };
}
