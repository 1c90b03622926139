import { HoldfastError } from '../errors/holdfastError';

/**
 * Refuses a store that a newer release has changed: what this release writes could mean something else to the newer one.
 *
 * @param version the schema version of the store, a count of migrations.
 * @param known the newest version that this release knows.
 * @throws HOLDFAST_STORE_NEWER with both versions.
 */
export function refuseNewer(version: number, known: number): void {
  if (version <= known) return;
  const expected = `at most ${known} for this release of Holdfast`;
  throw new HoldfastError('HOLDFAST_STORE_NEWER', { field: 'schema version', expected, got: String(version) });
}
