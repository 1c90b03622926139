import { existsSync } from 'node:fs';
import { HoldfastError } from '../errors/holdfastError';
import { parseStoreUrl } from '../ports/storeUrl';

/**
 * Checks that a store exists before it is read. Opening a SQLite file creates it, so a misspelt path would be an empty store.
 *
 * @throws HOLDFAST_FILE_UNUSABLE if the file does not exist, HOLDFAST_URL_INVALID.
 */
export function checkIsThere(url: string): void {
  const target = parseStoreUrl(url);
  if (target.kind !== 'sqlite' || existsSync(target.path)) return;
  throw new HoldfastError('HOLDFAST_FILE_UNUSABLE', { field: target.path, because: 'there is no such file' });
}
