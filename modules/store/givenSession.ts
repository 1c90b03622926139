import type { TaskOptions } from '../../config/optionTypes';
import { describeValue, HoldfastError } from '../errors/holdfastError';
import { isRecord } from '../values/isRecord';
import { refuseUnknown } from '../options/refuseUnknown';
import type { DatabaseSync } from '../sqlite/sqliteDriver';
import type { MongoSession, SqliteConnection } from './callersConnection';

/** A transaction to add tasks in. */
export interface InSession {
  /** A session of MongoDB, or a SQLite database with an open transaction. It must belong to the connection that the store was opened with. */
  readonly session?: MongoSession | SqliteConnection;
}

const KNOWN = ['session'];

/**
 * Reads the session to add tasks in. A misspelt key is refused, because the tasks would be added outside the transaction.
 *
 * @throws HOLDFAST_OPTION_UNKNOWN or HOLDFAST_OPTION_INVALID
 */
export function sessionWithin(within: unknown): InSession['session'] {
  if (!isRecord(within)) {
    throw new HoldfastError('HOLDFAST_OPTION_INVALID', { field: 'within', expected: 'an object with a session', got: describeValue(within) });
  }
  refuseUnknown(within, KNOWN, 'within');
  return (within as InSession).session;
}

/** Separates the session from the options of a task. A value that is no object is passed on, and refused with the other options. */
export function splitSession(given: TaskOptions & InSession): { readonly session: InSession['session']; readonly options: TaskOptions } {
  if (!isRecord(given)) return { session: undefined, options: given };
  const { session, ...options } = given as TaskOptions & InSession;
  return { session, options };
}

/** Tells whether a session that the store has accepted is in a transaction. A SQLite database that was closed meanwhile is in none. */
export function isInTransaction(session: unknown): boolean {
  const { inTransaction, isOpen } = session as { readonly inTransaction?: () => boolean; readonly isOpen?: boolean };
  if (inTransaction) return inTransaction.call(session);
  return isOpen !== false && (session as DatabaseSync).isTransaction;
}
