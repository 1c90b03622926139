import type { StoreOptions } from '../../config/optionTypes';
import { describeValue, HoldfastError } from '../errors/holdfastError';
import { isRecord } from '../values/isRecord';
import type { DatabaseSync } from '../sqlite/sqliteDriver';
import type { CallersConnection, MongoConnection, MongooseConnection } from './callersConnection';

const CONNECTION = 'a Connection of Mongoose, as mongoose.connection, a MongoClient, or a DatabaseSync';

/** The arguments of `openStore`: a URL, a connection, or options, which may name a connection in place of a URL. */
export type StoreArguments =
  | string
  | CallersConnection
  | (Partial<StoreOptions> & {
      /** A connection of the caller's in place of a URL. Closing the store leaves it open. */
      readonly connection?: CallersConnection;
    });

/**
 * Separates options and connection.
 *
 * @throws HOLDFAST_OPTION_INVALID for a similar object, for example the Mongoose object.
 */
export function splitArguments(given: StoreArguments): { readonly options: Partial<StoreOptions>; readonly connection?: CallersConnection } {
  if (typeof given === 'string') return { options: { url: given } };
  if (isConnection(given)) return { options: {}, connection: given };
  if (!isRecord(given)) return { options: given };
  const kind = kindOf(given);
  if (kind !== undefined) throw refusal('store', `a URL, options or ${CONNECTION}`, kind);
  const { connection, ...options } = given;
  if (connection === undefined) return { options };
  if (isConnection(connection)) return { options, connection };
  throw refusal('store.connection', CONNECTION, kindOf(connection) ?? describeValue(connection));
}

/** Names a similar object of Mongoose or its driver that is no connection. */
function kindOf(given: unknown): string | undefined {
  if (has(given, 'createConnection')) return 'the Mongoose object';
  if (has(given, 'prepare') && has(given, 'exec')) return 'a database of another SQLite library';
  return has(given, 'collection') && has(given, 'command') ? 'a Db of the driver' : undefined;
}

const refusal = (field: string, expected: string, got: string): HoldfastError =>
  new HoldfastError('HOLDFAST_OPTION_INVALID', { field, expected, got });

/** Tells whether a value is a Mongoose connection. */
export const isMongoose = (value: unknown): value is MongooseConnection =>
  has(value, 'getClient') && has(value, 'startSession') && !has(value, 'createConnection');

/** Tells whether a value is a client of the driver of MongoDB. */
const isMongoClient = (value: unknown): value is MongoConnection => has(value, 'db') && has(value, 'connect') && has(value, 'startSession');

const isConnection = (value: unknown): value is CallersConnection => isMongoose(value) || isMongoClient(value) || isSqlite(value);

/** Tells whether a value is a database of the `node:sqlite` API. One of better-sqlite3 has an `open` that is no method. */
export const isSqlite = (value: unknown): value is DatabaseSync => has(value, 'prepare') && has(value, 'exec') && has(value, 'open');

const has = (value: unknown, method: string): boolean =>
  typeof value === 'object' && value !== null && typeof (value as Record<string, unknown>)[method] === 'function';
