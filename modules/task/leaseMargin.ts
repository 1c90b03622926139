import { SECOND } from '../../constants/limits';

/** Returns how long before its end a worker gives up a lease: a tenth of it, at most a second. */
export const marginOf = (leaseMs: number): number => Math.min(SECOND, leaseMs / 10);
