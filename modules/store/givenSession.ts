import type { ClientSession } from 'mongoose';
import type { TaskOptions } from '../../config/optionTypes';
import { describeValue, HoldfastError } from '../errors/holdfastError';
import { isRecord } from '../values/isRecord';
import { refuseUnknown } from '../options/refuseUnknown';
import type { DatabaseSync } from '../sqlite/sqliteDriver';

/** A transaction of the caller's. */
export interface InSession {
  /** A session of Mongoose, or the SQLite database that has a transaction open; of the connection that the store was opened with. */
  readonly session?: ClientSession | DatabaseSync;
}

const isKnown = (key: string): boolean => key === 'session';

/**
 * Reads the session that tasks are to be added in: were it misspelt, they would be added outside of the transaction.
 *
 * @throws HOLDFAST_OPTION_UNKNOWN or HOLDFAST_OPTION_INVALID.
 */
export function sessionWithin(within: unknown): InSession['session'] {
  if (!isRecord(within)) {
    throw new HoldfastError('HOLDFAST_OPTION_INVALID', { field: 'within', expected: 'an object with a session', got: describeValue(within) });
  }
  refuseUnknown(within, isKnown, 'within');
  return (within as InSession).session;
}

/** Parts the session from the options of a task; what are no options stay as they are, to be refused with the others. */
export function splitSession(given: TaskOptions & InSession): { readonly session: InSession['session']; readonly options: TaskOptions } {
  if (!isRecord(given)) return { session: undefined, options: given };
  const { session, ...options } = given as TaskOptions & InSession;
  return { session, options };
}
