import sinon from 'sinon';
import type { SinonSpy } from 'sinon';
import type { Holding } from '../../classes/lease/leaseKeeper';

/** A lease with spies on its callbacks. */
export type SpiedHolding = Omit<Holding, 'onExpired' | 'onTaken'> & { readonly onExpired: SinonSpy<[], void>; readonly onTaken: SinonSpy<[], void> };

export const holdingOf = (id: string, leaseMs: number, heldSince: number): SpiedHolding => ({
  id,
  queue: 'q',
  token: `token of ${id}`,
  leaseMs,
  heldSince,
  extendedUntil: -Infinity,
  status: 'held',
  settling: false,
  returning: false,
  onExpired: sinon.spy(() => undefined),
  onTaken: sinon.spy(() => undefined),
});
