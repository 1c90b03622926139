import { HoldfastError, isHoldfastError } from '../errors/holdfastError';

/** Result codes of SQLite, https://sqlite.org/rescode.html. */
const BUSY = 5;
const LOCKED = 6;
const READ_ONLY = 8;

/** Codes of a file that cannot be used now but can be later: read-only, a fault of the disk, a full disk, not to be opened. */
const AWAY = [READ_ONLY, 10, 13, 14];

/** An extended result code carries the primary one in its low byte. */
const primaryCode = (error: unknown): number => Number((error as { errcode?: unknown } | null)?.errcode) & 0xff;

/** Tells whether another connection holds the lock. */
export const isBusy = (error: unknown): boolean => [BUSY, LOCKED].includes(primaryCode(error));

/** Makes an error like that of SQLite for a lock that another connection holds. */
export const busy = (because: string): Error => Object.assign(new Error(because), { errcode: BUSY });

/** Returns a coded error for a fault of the file, and any other error as it is. */
export const asStoreError = (error: unknown): unknown => (AWAY.includes(primaryCode(error)) ? unusable(error) : error);

/** Makes the error of a file that cannot be used. */
export function unusable(cause: unknown, path?: string): HoldfastError {
  const because = primaryCode(cause) === READ_ONLY ? { because: 'it, or its folder, is read-only' } : {};
  return new HoldfastError('HOLDFAST_FILE_UNUSABLE', { cause, ...because, ...(path === undefined ? {} : { field: path }) });
}

/** Opens something, and makes what is thrown the error of a file that cannot be used. */
export function orUnusable<T>(open: () => T, path: string): T {
  try {
    return open();
  } catch (cause) {
    throw isHoldfastError(cause) ? cause : unusable(cause, path);
  }
}

/** SQLITE_CONSTRAINT_UNIQUE, https://sqlite.org/rescode.html. The statement is undone, the transaction goes on. */
export const NOT_UNIQUE = 2067;
