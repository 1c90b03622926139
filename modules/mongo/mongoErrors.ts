import type { mongo } from 'mongoose';
import { isError } from '../values/isError';
import { HoldfastError } from '../errors/holdfastError';
import { UNIQUE_INDEX } from './mongoSchema';

/** The server gave up after `maxTimeMS`. */
const MAX_TIME_EXPIRED = 50;

/** The name of a database or collection cannot be one. */
const INVALID_NAMESPACE = 73;

/** A document of this id is there already. */
const DUPLICATE_KEY = 11000;

/**
 * Codes that say that a server cannot serve now but another, or the same one later, can: not primary, shutting down, interrupted by a change of
 * state, a write conflict, or too much load. See https://github.com/mongodb/specifications, retryable-writes.
 */
const TRANSIENT_CODES = new Set([6, 7, 89, 91, 112, 189, 262, 462, 512, 9001, 10107, 11600, 11602, 13435, 13436]);

/** Turns an error of the driver into one of the catalogue, where the store was not reached or did not answer. */
export function storeErrorOf(thrown: unknown): unknown {
  const error = withinBulk(thrown);
  if (!isDriverError(error)) return error;
  if (error.code === MAX_TIME_EXPIRED) return new HoldfastError('HOLDFAST_STORE_TIMEOUT', { cause: error });
  return isTransient(error) ? new HoldfastError('HOLDFAST_STORE_UNREACHABLE', { cause: error }) : error;
}

/** Names of errors about a URL. Part of the driver throws a class that only looks like one of these. */
const URL_ERRORS = new Set(['MongoParseError', 'MongoAPIError', 'MongoInvalidArgumentError', 'MongoMissingCredentialsError']);

/** Tells whether the driver refused a URL before it asked a server. */
export const isAboutUrl = (error: unknown): boolean =>
  isError(error) && (URL_ERRORS.has(error.name) || (error.name === 'MongoRuntimeError' && isError(error.cause) && error.cause.name === 'TypeError'));

/** Tells whether the server refused the name of the database. */
export const isAboutName = (error: unknown): boolean => isDriverError(error) && error.code === INVALID_NAMESPACE;

/** A fault of one document of an insert. */
export interface InsertFault {
  /** Its index in the batch. */
  readonly index: number;
  /** Another live task has its unique key; otherwise its id was there already. */
  readonly isClash: boolean;
}

/** Returns the documents of an insert that were there already or clash; null where something else went wrong as well. */
export function duplicatesOf(error: unknown): InsertFault[] | null {
  if (!isBulkError(error) || error.result.getWriteConcernError()) return null;
  const faults = [error.writeErrors].flat();
  if (faults.length === 0 || faults.some(({ code }) => code !== DUPLICATE_KEY)) return null;
  return faults.map(({ index, errmsg }) => ({ index, isClash: errmsg?.includes(UNIQUE_INDEX) === true }));
}

/** Tells whether a change was refused because another live task has the unique key. */
export const isClash = (error: unknown): boolean => isDriverError(error) && error.code === DUPLICATE_KEY && error.message.includes(UNIQUE_INDEX);

/** Unwraps an error of the network, which an insert throws as a refusal of the server. */
function withinBulk(error: unknown): unknown {
  const inner: unknown = isBulkError(error) ? error.errorResponse : undefined;
  return isDriverError(inner) ? inner : error;
}

/** Tells whether a document of this id was there already. */
export const isDuplicate = (error: unknown): boolean => isDriverError(error) && error.code === DUPLICATE_KEY;

/** Tells an error of a driver by its name: an application may have several copies of the driver, of which each has its own classes. */
const isDriverError = (error: unknown): error is mongo.MongoError =>
  isError(error) && (error.name.startsWith('Mongo') || error.name === POOL_CLEARED) && 'hasErrorLabel' in error;

const isBulkError = (error: unknown): error is mongo.MongoBulkWriteError => isDriverError(error) && error.name === 'MongoBulkWriteError';

function isTransient(error: mongo.MongoError): boolean {
  if (error.name === 'MongoWriteConcernError' || CONNECTION_ERRORS.has(error.name)) return true;
  if (isBulkError(error) && error.result.getWriteConcernError()) return true;
  return TRANSIENT_CODES.has(Number(error.code)) || error.hasErrorLabel('RetryableWriteError');
}

const POOL_CLEARED = 'PoolClearedOnNetworkError';

const CONNECTION_ERRORS = new Set([
  'MongoNetworkError',
  'MongoNetworkTimeoutError',
  'MongoSystemError',
  'MongoServerSelectionError',
  'MongoPoolClearedError',
  POOL_CLEARED,
  'MongoPoolClosedError',
  'MongoWaitQueueTimeoutError',
  'MongoServerClosedError',
  'MongoTopologyClosedError',
  'MongoClientClosedError',
  'MongoNotConnectedError',
  'MongoOperationTimeoutError',
]);
