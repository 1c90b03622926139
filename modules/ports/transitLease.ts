import { createHash } from 'node:crypto';
import { resolve } from 'node:path';
import type { TransitLease } from './transit';
import { LATEST_INSTANT, LONGEST_LEASE_MS, TRANSIT_PREFIX } from '../../constants/limits';
import type { Lease } from '../task/task';

/** The leases of one copy: tasks leave the source under the one, and arrive in the target under the other. */
export interface TransitLeases {
  readonly leaving: TransitLease;
  readonly arriving: TransitLease;
}

/**
 * Makes the leases of the way from one store to another. They follow from the URLs, so that a copy that is started again finds what it has begun;
 * and they are two, so that a store that is reached by two URLs is never taken for another one that has the tasks already.
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

/** Returns the part of a URL without secrets that tells one store from another. */
export function storeIdentity(url: string): string {
  const path = /^sqlite:(.+)$/s.exec(url)?.[1];
  return path === undefined ? url.replace('***@', '') : `sqlite:${resolve(path)}`;
}

/** The lease as a store keeps it: nobody sweeps it. */
export const endlessLease = ({ token, workerId }: TransitLease): Lease => ({
  token,
  workerId,
  expiresAt: new Date(LATEST_INSTANT),
  ms: LONGEST_LEASE_MS,
  alone: false,
});
