import type { QueueAttributes } from '../../config/brokerOptions';
import { RECEIVES_MOST } from '../../constants/brokerLimits';
import { newId } from '../task/newId';
import type { MessageMark, NewTask, Task, TaskHead, TaskSettings } from '../task/task';
import { bodyOf, payloadText } from './messagePayload';
import type { DeadLetter, Message, MessageState, OutgoingMessage, PeekedMessage } from './brokerTypes';

/** The name of the tasks that messages are. */
export const MESSAGE_NAME = 'message';

const PLAIN: TaskSettings = Object.freeze({ message: Object.freeze({}) });

/** Makes the task of a message. A worker of its queue tries it as often as the broker would hand it out. */
export function messageTask(queue: string, message: OutgoingMessage, attributes: QueueAttributes, id = newId()): NewTask {
  const delayMs = (message.delaySeconds ?? attributes.delaySeconds) * 1_000;
  const payload = payloadText(message, attributes.maxMessageBytes);
  const maxRetries = attributes.maxReceiveCount || RECEIVES_MOST;
  const { group, deduplicationId } = message;
  const settings = group === undefined && deduplicationId === undefined ? PLAIN : { message: namesOf({ group, deduplicationId }) };
  return { id, queue, name: MESSAGE_NAME, payload, due: { delayMs }, priority: 0, maxRetries, settings, uniqueKey: null };
}

/** Returns what a sender has named. A mark keeps it wherever the message moves. */
const namesOf = ({ group, deduplicationId }: { readonly [Name in 'group' | 'deduplicationId']?: string | undefined }): MessageMark => ({
  ...(group === undefined ? {} : { group }),
  ...(deduplicationId === undefined ? {} : { deduplicationId }),
});

const markOf = ({ settings }: Pick<TaskHead, 'settings'>): MessageMark => settings.message ?? {};

/** Returns how often a message was handed out. The claims by which it moved to another queue are not counted. */
export const receiveCount = (task: Pick<TaskHead, 'attempt' | 'settings'>): number => task.attempt - (markOf(task).uncounted ?? 0);

/**
 * Tells whether a message that has just been claimed was handed out as often as its queue allows, so that it is a dead letter. One that is already stays
 * where it is, unless its queue names a dead-letter queue of its own.
 */
export const isSpent = (task: Pick<TaskHead, 'attempt' | 'settings'>, { maxReceiveCount, deadLetterQueue }: QueueAttributes): boolean => {
  const { since = 0, dead } = markOf(task);
  return maxReceiveCount > 0 && (dead === undefined || deadLetterQueue !== undefined) && task.attempt - since > maxReceiveCount;
};

/** Tells whether a message has been kept for as long as its queue keeps one that waits. */
export const isPastRetention = ({ createdAt }: Pick<TaskHead, 'createdAt'>, { retentionSeconds }: QueueAttributes, nowMs: number): boolean =>
  nowMs - createdAt.getTime() > retentionSeconds * 1_000;

/** Returns the settings of a message that becomes a dead letter. A claim that found it spent is no receive. Its next receives are counted anew. */
export function deadSettings(task: TaskHead, dead: Omit<NonNullable<MessageMark['dead']>, 'from'>, isUncounted: boolean): TaskSettings {
  const mark = markOf(task);
  const claims = (mark.uncounted ?? 0) + Number(isUncounted);
  return {
    ...task.settings,
    message: { ...namesOf(mark), ...(claims > 0 ? { uncounted: claims } : {}), since: task.attempt, dead: { from: task.queue, ...dead } },
  };
}

/** Returns the settings of a dead letter that returns to its queue: its receives are counted anew towards the maximum. */
export function redrivenSettings(task: TaskHead): TaskSettings {
  const mark = markOf(task);
  const { uncounted } = mark;
  return { ...task.settings, message: { ...namesOf(mark), ...(uncounted === undefined ? {} : { uncounted }), since: task.attempt } };
}

/** Returns why a message is a dead letter, or undefined. */
export function deadLetterOf(task: TaskHead): DeadLetter | undefined {
  const { dead } = markOf(task);
  if (!dead) return undefined;
  const { from, reason, description, atMs } = dead;
  return { from, reason, ...(description === undefined ? {} : { description }), at: new Date(atMs) };
}

/** Shows a message. */
export function messageOf(task: Task): Message {
  const deadLetter = deadLetterOf(task);
  const { sequence, ...mark } = markOf(task);
  return {
    id: task.id,
    queue: task.queue,
    ...bodyOf(task.payload),
    receiveCount: receiveCount(task),
    sentAt: task.createdAt,
    ...namesOf(mark),
    ...(sequence === undefined ? {} : { sequence }),
    ...(deadLetter ? { deadLetter } : {}),
  };
}

/** Shows a message with its state. */
export function peekedMessage(task: Task, nowMs: number): PeekedMessage {
  const state = stateOf(task, nowMs);
  const until = state === 'in-flight' ? (task.lease?.expiresAt ?? null) : state === 'delayed' ? task.availableAt : null;
  return { ...messageOf(task), state, until };
}

const stateOf = ({ state, availableAt }: TaskHead, nowMs: number): MessageState =>
  state === 'running' ? 'in-flight' : availableAt.getTime() > nowMs ? 'delayed' : 'waiting';
