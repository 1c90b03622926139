import type { NewTask, Task, TaskHead, TaskSettings } from '../task/task';
import type { HeldLease, Page, SettleAnswer, TaskKey } from './taskStore';

/** A message for a FIFO queue. Its group stands in the mark of its settings. */
export interface FifoSend {
  readonly task: NewTask;
  /** Of the messages of a queue that have this in common and are sent within five minutes, the first one is added. Null for none. */
  readonly onceAs: string | null;
}

/** The answer to a send: the message, or the first one of those that it repeats. */
export interface FifoSent {
  readonly id: string;
  /** Rises with every message of a group. */
  readonly sequence: number;
  readonly added: boolean;
}

/** A claim for several receives of one queue. No two of them get messages of one group. */
export interface FifoClaim {
  readonly queue: string;
  /** The most messages of each receive. */
  readonly limits: readonly number[];
  /** A fresh token. All leases of the claim have it. */
  readonly token: string;
  readonly workerId: string;
  readonly leaseMs: number;
}

/** What happens to a message: it is removed; it waits again after a delay; or it moves to the end of its group in another queue. */
export type FifoChange =
  | { readonly kind: 'remove' }
  | { readonly kind: 'wait'; readonly delayMs: number }
  | { readonly kind: 'move'; readonly to: string; readonly settings: TaskSettings };

/** The condition of a change: the message is in flight under this token; or it is not in flight, and was claimed so many times. */
export type FifoGuard = { readonly token: string } | { readonly attempt: number };

/** A change to one message. */
export interface FifoSettlement extends TaskKey {
  readonly guard: FifoGuard;
  readonly change: FifoChange;
}

/** A request for messages in the order of sending: the first ones, or, for people, the newest first. */
export interface FifoListRequest {
  readonly queue: string;
  readonly order: 'first' | 'newest';
  readonly limit: number;
  /** The id of the last message of the page before. */
  readonly after?: string;
}

/** The counts of a FIFO queue, each up to a bound. */
export interface FifoTally {
  readonly waiting: number;
  readonly delayed: number;
  readonly inFlight: number;
  /** Since when the message waits that was sent first; null if none waits. */
  readonly since: Date | null;
}

/**
 * The port of FIFO queues.
 *
 * A message belongs to a group, and a group is in the order of sending. A message is in flight from its claim to the end of its lease. While one
 * message of a group is in flight, none of it is claimed; one claim may take several of a group, without a gap. What comes back keeps its place. So
 * nobody sweeps: what a claim may take is decided by the time of the store.
 *
 * A message is shown as a task: `running` in flight, else `waiting`, with its group, its deduplication id and its sequence in the mark of its settings.
 */
export interface FifoStore {
  /** Adds messages at the end of their groups, in order, and answers for each. A message whose id is there already is not added again. */
  send(queue: string, messages: readonly FifoSend[]): Promise<FifoSent[]>;

  /** Claims for each receive: what is due of one group, then of others. */
  claim(request: FifoClaim): Promise<Task[][]>;

  /** Sets the end of leases to so many milliseconds from now. Answers for each whether the message is in flight under it. */
  renew(leases: readonly HeldLease[], ms: number): Promise<boolean[]>;

  /** Applies each change whose guard holds, and answers for each in order. */
  settle(settlements: readonly FifoSettlement[]): Promise<Extract<SettleAnswer, 'applied' | 'lost'>[]>;

  /** Returns messages of a queue by their ids, each group in its order. */
  find(queue: string, ids: readonly string[]): Promise<Task[]>;

  list(request: FifoListRequest): Promise<Page>;

  /** Returns the heads of messages that were sent at least that long ago, in milliseconds, and are not in flight: the oldest first. */
  overdue(queue: string, forMs: number, limit: number): Promise<TaskHead[]>;

  tally(queue: string, most: number): Promise<FifoTally>;

  /** Returns the milliseconds until the first message of one of these queues can be claimed: 0 if one can, null if there is none. */
  nextDueMs(queues: readonly string[]): Promise<number | null>;

  /** Removes messages of a queue that were sent until then, and what is remembered of sends: a part of them. Returns how many it removed; 0 once none is left. */
  purge(queue: string, until: Date): Promise<number>;

  /** Finishes what a process has left that was killed between two writes. */
  repair(): Promise<void>;
}

/** The digits of a sequence, so that texts are in the order of numbers. */
const SEQUENCE_DIGITS = 20;

/** Returns the text of a sequence. */
export const sequenceText = (sequence: number): string => String(sequence).padStart(SEQUENCE_DIGITS, '0');

/** Returns the group of a message. */
export const groupOf = ({ settings }: Pick<TaskHead, 'settings'>): string => settings.message?.group ?? '';
