import { existsSync } from 'node:fs';
import { HoldfastError } from '../errors/holdfastError';
import { parseStoreUrl } from '../ports/storeUrl';

/**
 * Checks that a store which is only read is there: a SQLite file that is opened is made, and a misspelt one would be an empty store.
 *
 * @throws HOLDFAST_FILE_UNUSABLE where it is a file that is not there, HOLDFAST_URL_INVALID.
 */
export function checkIsThere(url: string): void {
  const target = parseStoreUrl(url);
  if (target.kind !== 'sqlite' || existsSync(target.path)) return;
  throw new HoldfastError('HOLDFAST_FILE_UNUSABLE', { field: target.path, because: 'there is no such file' });
}
