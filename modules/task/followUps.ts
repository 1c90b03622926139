import { createHash } from 'node:crypto';
import type { NewTask } from './task';
import { uuidBytes, uuidOf } from './uuidBytes';

/**
 * Returns the id of a follow-up, which follows from the id of its task and its position among the follow-ups. So every attempt of a task gives its
 * follow-ups the same ids, and an insert that is sent again finds them there.
 *
 * It is a UUID of version 7, with the instant of the task's own id: follow-ups sort by their positions.
 */
export function followUpId(taskId: string, position: number): string {
  const task = uuidBytes(taskId);
  const digest = createHash('sha256').update(task).digest();
  const bytes = Buffer.concat([task.subarray(0, 6), Buffer.alloc(2), digest.subarray(0, 8)]);
  bytes.writeUInt16BE(0x7000 | position, 6);
  bytes[8] = 0x80 | ((bytes[8] ?? 0) & 0x3f);
  return uuidOf(bytes);
}

/** Returns follow-ups as a task keeps them, as JSON text. */
export const followUpsText = (tasks: readonly NewTask[]): string => JSON.stringify(tasks);

/** Reads the follow-ups that a task keeps. */
export const followUpsOf = (text: string): NewTask[] => (JSON.parse(text) as NewTask[]).map(revived);

/** JSON has made a text of an instant. */
const revived = (task: NewTask): NewTask => ('at' in task.due ? { ...task, due: { at: new Date(task.due.at) } } : task);

/** A follow-up that is not in its queue yet, as `queue.get` shows it. */
export interface PendingFollowUp {
  readonly id: string;
  readonly queue: string;
  readonly name: string;
}

/** Returns the follow-ups that a task keeps, as `queue.get` shows them. */
export const viewFollowUps = (text: string | undefined): readonly PendingFollowUp[] =>
  text === undefined ? NONE : followUpsOf(text).map(({ id, queue, name }) => ({ id, queue, name }));

const NONE: readonly PendingFollowUp[] = Object.freeze([]);
