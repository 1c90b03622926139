import type { CallersConnection, InSession } from '../../../index';
import type { Challenge, ChallengeFields, Change, Message, Participant } from './challenge';
import type { Condition } from './challengeFilter';

/** A transaction of the service's database, which `queue.add` joins. */
export type Session = NonNullable<InSession['session']>;

/** The records of the service: in the database that Holdfast uses too, so that a record and its task commit together. */
export interface ChallengeRecords {
  /** The connection of the service, for `openStore`. */
  readonly connection: CallersConnection;
  /** Runs work in a transaction. What it wrote is committed when it resolves, and undone when it throws. It may be called more than once. */
  transaction<T>(work: (session: Session) => Promise<T>): Promise<T>;
  find(id: number): Promise<Challenge | null>;
  /** Lists challenges in the order of their ids. */
  list(conditions: readonly Condition[], limit: number, offset: number): Promise<Challenge[]>;
  participants(challengeId: number): Promise<Participant[]>;
  /** Adds a challenge. */
  add(challenge: Challenge, participants: readonly Participant[], session: Session): Promise<void>;
  /** Changes a challenge if the conditions hold, and notes the change. Returns what it was before, or null if nothing was changed. */
  change(id: number, conditions: readonly Condition[], fields: ChallengeFields, session: Session): Promise<Challenge | null>;
  findMessage(id: string): Promise<Message | null>;
  addMessage(message: Message, session: Session): Promise<void>;
  /** All messages, in the order of their time. */
  messages(): Promise<Message[]>;
  /** All accepted changes, in their order. */
  changes(): Promise<Change[]>;
  close(): Promise<void>;
}

/** Opens the records in a database, which is chosen by the URL of the store. The code of the other one is not loaded. */
export async function openRecords(url: string): Promise<ChallengeRecords> {
  if (url.startsWith('sqlite:')) return (await import('./sqliteRecords.js')).openSqliteRecords(url.slice('sqlite:'.length));
  return (await import('./mongoRecords.js')).openMongoRecords(url);
}
