import { HoldfastError } from '../errors/holdfastError';

/** What the server says of a login that it refuses: its own code, and that of Atlas. */
const LOGIN_CODES = new Set([18, 8000]);

/** The user may not do that. */
const UNAUTHORIZED = 13;

/** Depth at which a cause is still looked for. */
const DEPTH = 5;

/**
 * Finds a refused login or a missing right in an error of any copy of the driver; undefined where the error is about something else.
 *
 * @param field the servers or the collection, without secrets.
 * @param because the text of the driver; by default that of the error.
 */
export function refusalOf(error: unknown, field: string, because?: string): HoldfastError | undefined {
  const codes = codesIn(error, DEPTH);
  const detail = { field, cause: error, ...(because === undefined ? {} : { because }) };
  if (codes.some((code) => LOGIN_CODES.has(code))) return new HoldfastError('HOLDFAST_LOGIN_REFUSED', detail);
  return codes.includes(UNAUTHORIZED) ? new HoldfastError('HOLDFAST_RIGHTS_MISSING', detail) : undefined;
}

function codesIn(error: unknown, depth: number): number[] {
  if (typeof error !== 'object' || error === null || depth === 0) return [];
  const { code, cause, errorResponse } = error as { readonly code?: unknown; readonly cause?: unknown; readonly errorResponse?: unknown };
  return [...(typeof code === 'number' ? [code] : []), ...codesIn(cause, depth - 1), ...codesIn(errorResponse, depth - 1)];
}
