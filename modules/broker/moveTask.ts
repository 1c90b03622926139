import type { StoredRecord } from '../ports/recordStore';
import type { TaskHead } from '../task/task';
import { deadLetterOf } from './messageTask';

/** Which messages of a queue move where. */
export interface MovePlan {
  readonly from: string;
  /** Where they move; null to return each to the queue that it came from. */
  readonly to: string | null;
  /** Moves only messages that came from this queue. */
  readonly origin?: string | undefined;
  /** Moves only messages with this reason. */
  readonly reason?: string | undefined;
  /** The most messages to move; all if left out. */
  readonly limit?: number | undefined;
  /** The most messages a second; as many as the store takes if left out. */
  readonly ratePerSecond?: number | undefined;
}

export type MoveState = 'running' | 'cancelling' | 'cancelled' | 'completed' | 'failed';

/** A move of messages from queue to queue, as its record has it. Another process can go on with it. */
export interface MoveTask extends MovePlan {
  readonly id: string;
  readonly state: MoveState;
  readonly moved: number;
  /** The number of messages that there were to move at the start, about. */
  readonly expected: number;
  readonly startedAtMs: number;
  /** The instant, by the store's clock, from which another process may go on. */
  readonly heldUntilMs: number;
  /** Why it has failed. */
  readonly failure?: string;
}

/** A move with the revision of its record; 0 if there is none yet. */
export interface KeptMove {
  readonly task: MoveTask;
  readonly rev: number;
}

/** No queue has a slash in its name. */
const SEPARATOR = '/';

export const moveKey = ({ from, id }: Pick<MoveTask, 'from' | 'id'>): string => `${movePrefix(from)}${id}`;

export const movePrefix = (from: string): string => `${from}${SEPARATOR}`;

export const moveOf = ({ value, rev }: StoredRecord): KeptMove => ({ task: JSON.parse(value) as MoveTask, rev });

export const isActive = ({ state }: MoveTask): boolean => state === 'running' || state === 'cancelling';

/** Tells whether a move takes a message. */
export function isMoved(head: TaskHead, { origin, reason }: MovePlan): boolean {
  if (origin === undefined && reason === undefined) return true;
  const dead = deadLetterOf(head);
  return dead !== undefined && (origin === undefined || dead.from === origin) && (reason === undefined || dead.reason === reason);
}
