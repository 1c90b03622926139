import { mongo } from 'mongoose';
import { HoldfastError } from './holdfastError';

/** The server gave up after `maxTimeMS`. */
const MAX_TIME_EXPIRED = 50;

/** A document of this id is there already. */
const DUPLICATE_KEY = 11000;

/**
 * Codes that say that a server cannot serve now but another, or the same one later, can: not primary, shutting down, interrupted by a change of
 * state, a write conflict, or too much load. See https://github.com/mongodb/specifications, retryable-writes.
 */
const TRANSIENT_CODES = new Set([6, 7, 89, 91, 112, 189, 262, 462, 512, 9001, 10107, 11600, 11602, 13435, 13436]);

/** Makes of what the driver throws an error of the catalogue, where the store was not reached or did not answer. */
export function storeErrorOf(error: unknown): unknown {
  if (!(error instanceof mongo.MongoError)) return error;
  if (error.code === MAX_TIME_EXPIRED) return new HoldfastError('HOLDFAST_STORE_TIMEOUT', { cause: error });
  return isTransient(error) ? new HoldfastError('HOLDFAST_STORE_UNREACHABLE', { cause: error }) : error;
}

/** Tells whether all that went wrong with an insert is that its tasks were there already. */
export function isOnlyDuplicates(error: unknown): boolean {
  if (!(error instanceof mongo.MongoBulkWriteError)) return false;
  const writeErrors = [error.writeErrors].flat();
  return writeErrors.length > 0 && writeErrors.every(({ code }) => code === DUPLICATE_KEY) && !error.result.getWriteConcernError();
}

function isTransient(error: mongo.MongoError): boolean {
  if (error instanceof mongo.MongoWriteConcernError) return true;
  if (error instanceof mongo.MongoServerError) return TRANSIENT_CODES.has(Number(error.code)) || error.hasErrorLabel('RetryableWriteError');
  return error instanceof mongo.MongoNetworkError || error instanceof mongo.MongoSystemError || CONNECTION_ERRORS.has(error.name);
}

const CONNECTION_ERRORS = new Set([
  'MongoServerSelectionError',
  'MongoPoolClearedError',
  'MongoPoolClosedError',
  'MongoWaitQueueTimeoutError',
  'MongoServerClosedError',
  'MongoTopologyClosedError',
  'MongoNotConnectedError',
  'MongoOperationTimeoutError',
]);
