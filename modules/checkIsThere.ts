import { existsSync } from 'node:fs';
import { HoldfastError } from './holdfastError';
import { parseStoreUrl } from './storeUrl';

/**
 * Checks that a store which is only read is there: a SQLite file that is opened is made, and a misspelt one would be an empty store.
 *
 * @throws HOLDFAST_STORE_UNREACHABLE where it is a file that is not there, HOLDFAST_URL_INVALID.
 */
export function checkIsThere(url: string): void {
  const target = parseStoreUrl(url);
  if (target.kind === 'sqlite' && !existsSync(target.path)) throw new HoldfastError('HOLDFAST_STORE_UNREACHABLE', { field: target.path });
}
