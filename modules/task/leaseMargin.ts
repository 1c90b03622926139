import { SECOND } from '../../constants/limits';

/** How long before its end a worker gives a lease up: a tenth of it, at most a second. */
export const marginOf = (leaseMs: number): number => Math.min(SECOND, leaseMs / 10);
