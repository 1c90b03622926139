import type { Connection } from 'mongoose';
import type { StoreOptions } from '../config/options';
import { isRecord } from './isRecord';
import type { DatabaseSync } from './sqliteDriver';

/** A connection of the caller's: `add` can join its transactions, and it stays open when the store is closed. */
export type CallersConnection = Connection | DatabaseSync;

/** What `openStore` takes: a URL, a connection, or options, which may name a connection in place of a URL. */
export type StoreArguments = string | CallersConnection | (Partial<StoreOptions> & { readonly connection?: CallersConnection });

/** Tells options and a connection apart. */
export function splitArguments(given: StoreArguments): { readonly options: Partial<StoreOptions>; readonly connection?: CallersConnection } {
  if (typeof given === 'string') return { options: { url: given } };
  if (isMongoose(given) || isSqlite(given)) return { options: {}, connection: given };
  if (!isRecord(given)) return { options: given };
  const { connection, ...options } = given;
  return connection === undefined ? { options } : { options, connection: connection };
}

/** Tells whether a value is a connection of Mongoose. */
export const isMongoose = (value: unknown): value is Connection => has(value, 'getClient') && has(value, 'startSession');

/** Tells whether a value is a database of the `node:sqlite` API. */
export const isSqlite = (value: unknown): value is DatabaseSync => has(value, 'prepare') && has(value, 'exec');

const has = (value: unknown, method: string): boolean =>
  typeof value === 'object' && value !== null && typeof (value as Record<string, unknown>)[method] === 'function';
