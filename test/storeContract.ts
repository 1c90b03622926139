import { insertAndClaim } from './contract/insertAndClaim';
import { leases } from './contract/leases';
import { neighbours } from './contract/neighbours';
import { races } from './contract/races';
import { reads } from './contract/reads';
import { settle } from './contract/settle';
import { strings } from './contract/strings';
import { unique } from './contract/unique';
import type { Opening } from './support/stores';

/** What every store promises: the suite that each has to pass. */
export function storeContract(opening: Opening): void {
  insertAndClaim(opening);
  leases(opening);
  settle(opening);
  neighbours(opening);
  reads(opening);
  races(opening);
  strings(opening);
  unique(opening);
}
