import { HoldfastError } from './holdfastError';
import { readProperty } from '../values/readProperty';

/**
 * Loads an optional peer.
 *
 * @param install the versions to install, for example `undici@7 ipaddr.js@2`.
 * @throws HOLDFAST_PEER_MISSING if it is not installed; what the library itself throws when it is loaded is thrown as it is.
 */
export function loadPeer<Library>(name: string, install: string, load: () => Library): Library {
  try {
    return load();
  } catch (error) {
    if (!isMissing(error, name)) throw error;
    throw new HoldfastError('HOLDFAST_PEER_MISSING', { field: name, because: `npm install ${install}`, cause: error });
  }
}

/** A library that is there, and lacks one of its own, is not missing. */
const isMissing = (error: unknown, name: string): boolean =>
  readProperty(error, 'code') === 'MODULE_NOT_FOUND' && String(readProperty(error, 'message')).startsWith(`Cannot find module '${name}'`);
