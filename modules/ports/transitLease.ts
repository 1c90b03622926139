import { createHash } from 'node:crypto';
import { resolve } from 'node:path';
import { parseStoreUrl } from './storeUrl';
import type { TransitLease } from './transit';
import { LATEST_INSTANT, LONGEST_LEASE_MS, TRANSIT_PREFIX } from '../../constants/limits';
import type { Lease } from '../task/task';

/** The two leases of one copy: tasks leave the source under one, and arrive in the target under the other. */
export interface TransitLeases {
  readonly leaving: TransitLease;
  readonly arriving: TransitLease;
}

/**
 * Creates the leases of a copy from one store to another.
 *
 * They are derived from the URLs, so that a restarted copy finds what it began. There are two, so that one store reached by two URLs is never taken
 * for another store that already has the tasks.
 */
export function transitLeases(from: string, to: string): TransitLeases {
  const way = createHash('sha256')
    .update(JSON.stringify([storeIdentity(from), storeIdentity(to)]))
    .digest('hex')
    .slice(0, 32);
  return {
    leaving: { token: `${TRANSIT_PREFIX}leaving:${way}`, workerId: `copy to ${to}` },
    arriving: { token: `${TRANSIT_PREFIX}arriving:${way}`, workerId: `copy from ${from}` },
  };
}

/** Returns the part of a URL without secrets that identifies the store. */
export function storeIdentity(url: string): string {
  if (!url.startsWith('sqlite:')) return url.replace('***@', '');
  const target = parseStoreUrl(url);
  return target.kind === 'sqlite' ? `sqlite:${resolve(target.path)}` : url;
}

/** Returns the lease as it is stored. It never expires. */
export const endlessLease = ({ token, workerId }: TransitLease): Lease => ({
  token,
  workerId,
  expiresAt: new Date(LATEST_INSTANT),
  ms: LONGEST_LEASE_MS,
  extendedMs: 0,
  alone: false,
  timedOut: false,
  beside: false,
});
