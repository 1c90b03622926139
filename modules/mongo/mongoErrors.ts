import { HoldfastError, isHoldfastError } from '../errors/holdfastError';
import { isError } from '../values/isError';
import { readProperty } from '../values/readProperty';
import { UNIQUE_INDEX } from './mongoSchema';

/**
 * Errors of the driver are told by name, code and labels: a connection of the caller's may be of another version or copy of the driver, whose classes
 * are others. Names and labels: https://github.com/mongodb/node-mongodb-native, src/error.ts.
 */

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
const TRANSIENT_CODES: ReadonlySet<unknown> = new Set([6, 7, 89, 91, 112, 189, 262, 462, 512, 9001, 10107, 11600, 11602, 13435, 13436]);

/** Labels that say the same. */
const TRANSIENT_LABELS = ['RetryableWriteError', 'RetryableError', 'NetworkError', 'ResetPool', 'SystemOverloadedError'];

/** Names of errors that say that no server answered, or that a write may be undone. */
const TRANSIENT_NAMES = new Set([
  'MongoNetworkError',
  'MongoNetworkTimeoutError',
  'MongoConnectionError',
  'MongoSystemError',
  'MongoServerSelectionError',
  'MongoWriteConcernError',
  'MongoStalePrimaryError',
  'MongoPoolClearedError',
  'PoolClearedOnNetworkError',
  'MongoPoolClosedError',
  'MongoWaitQueueTimeoutError',
  'MongoServerClosedError',
  'MongoTopologyClosedError',
  'MongoClientClosedError',
  'MongoNotConnectedError',
  'MongoOperationTimeoutError',
  'MongoExpiredSessionError',
  'MongoUnexpectedServerResponseError',
  'MongooseServerSelectionError',
]);

/** Codes of Node.js for a connection that could not be made or was lost. */
const NETWORK_CODES =
  /^(?:E(?:CONN(?:RESET|REFUSED|ABORTED)|PIPE|TIMEDOUT|NOTFOUND|AI_AGAIN|HOSTUNREACH|HOSTDOWN|NETUNREACH|NETDOWN|NETRESET|NOTCONN|ADDRNOTAVAIL)|ERR_(?:SOCKET|STREAM|TLS|SSL)_\w+)$/;

/** Maximum depth to which causes are followed. */
const CAUSES_DEEP = 5;

const nameOf = (error: unknown): string => {
  const name = readProperty(error, 'name');
  return typeof name === 'string' ? name : '';
};

const codeOf = (error: unknown): unknown => readProperty(error, 'code');

const messageOf = (error: unknown): string => String(readProperty(error, 'message'));

/** Tells whether the driver made an error, whichever version or copy of it. */
const isOfDriver = (error: unknown): boolean => isError(error) && /^(?:Mongo|PoolCleared)/.test(nameOf(error));

/** Turns an error of the driver into one of the catalogue, where the store was not reached or did not answer. */
export function storeErrorOf(thrown: unknown): unknown {
  // It is told already. Its cause is an error of the driver, which says less.
  if (isHoldfastError(thrown)) return thrown;
  const error = withinBulk(thrown);
  if (isOfDriver(error) && codeOf(error) === MAX_TIME_EXPIRED) return new HoldfastError('HOLDFAST_STORE_TIMEOUT', { cause: error });
  return isTransient(error) ? new HoldfastError('HOLDFAST_STORE_UNREACHABLE', { cause: error }) : thrown;
}

/** Names of errors about a URL. */
const URL_ERRORS = new Set(['MongoParseError', 'MongoAPIError', 'MongoInvalidArgumentError', 'MongoMissingCredentialsError']);

/** Tells whether the driver refused a URL before it asked a server. */
export const isAboutUrl = (error: unknown): boolean =>
  URL_ERRORS.has(nameOf(error)) || (nameOf(error) === 'MongoRuntimeError' && nameOf(readProperty(error, 'cause')) === 'TypeError');

/** Tells whether the server refused the name of the database. */
export const isAboutName = (error: unknown): boolean => isOfDriver(error) && codeOf(error) === INVALID_NAMESPACE;

/** A fault of one document of an insert. */
export interface InsertFault {
  /** Its index in the batch. */
  readonly index: number;
  /** Another live task has its unique key; otherwise its id was there already. */
  readonly isClash: boolean;
  /** What the server says, with the name of the index. */
  readonly errmsg: string;
}

/** A fault of a document, as the driver tells it. */
interface WriteFault {
  readonly code?: unknown;
  readonly index: number;
  readonly errmsg?: string;
}

/** Returns the documents of an insert that were there already or clash; null where something else went wrong as well. */
export function duplicatesOf(error: unknown): InsertFault[] | null {
  if (nameOf(error) !== 'MongoBulkWriteError' || hasConcernError(error)) return null;
  const faults = [readProperty(error, 'writeErrors') ?? []].flat() as WriteFault[];
  if (faults.length === 0 || faults.some(({ code }) => code !== DUPLICATE_KEY)) return null;
  return faults.map(({ index, errmsg }) => ({ index, isClash: errmsg?.includes(UNIQUE_INDEX) === true, errmsg: errmsg ?? '' }));
}

/** Tells whether a document of this id was there already. */
export const isDuplicate = (error: unknown): boolean => isOfDriver(error) && codeOf(error) === DUPLICATE_KEY;

/** Tells whether a change was refused because another live task has the unique key. */
export const isClash = (error: unknown): boolean => isDuplicate(error) && messageOf(error).includes(UNIQUE_INDEX);

/** Returns what the server says of a duplicate, with the name of the index. */
export const duplicateText = (error: unknown): string => messageOf(error);

/** IllegalOperation: a standalone server numbers no transactions. */
const ILLEGAL_OPERATION = 20;

/** NamespaceNotFound. */
const NO_NAMESPACE = 26;

/** Tells whether there is no such collection. */
export const isWithoutCollection = (error: unknown): boolean => isOfDriver(error) && codeOf(error) === NO_NAMESPACE;

/** Tells whether the server has no transactions. */
export const isWithoutTransactions = (error: unknown): boolean => isOfDriver(error) && codeOf(error) === ILLEGAL_OPERATION;

/** Unwraps an error of the network, which an insert throws as a refusal of the server. */
function withinBulk(error: unknown): unknown {
  if (nameOf(error) !== 'MongoBulkWriteError') return error;
  const inner = [readProperty(error, 'errorResponse'), readProperty(error, 'cause')].find(isError);
  return inner ?? error;
}

/** Tells whether the servers that were to confirm a write did not. */
function hasConcernError(error: unknown): boolean {
  const result = readProperty(error, 'result') as { getWriteConcernError?: () => unknown } | undefined;
  return Boolean(result?.getWriteConcernError?.());
}

function isTransient(error: unknown, deep = CAUSES_DEEP): boolean {
  const code = codeOf(error);
  if (typeof code === 'string' && NETWORK_CODES.test(code)) return true;
  if (isOfDriver(error) && (TRANSIENT_NAMES.has(nameOf(error)) || TRANSIENT_CODES.has(code) || hasLabel(error))) return true;
  if (nameOf(error) === 'MongoBulkWriteError' && hasConcernError(error)) return true;
  const cause = readProperty(error, 'cause');
  return deep > 0 && isError(cause) && isTransient(cause, deep - 1);
}

function hasLabel(error: unknown): boolean {
  const labels = readProperty(error, 'errorLabels');
  return Array.isArray(labels) && TRANSIENT_LABELS.some((label) => labels.includes(label));
}
