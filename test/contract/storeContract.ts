import { batches } from './batches';
import { bulk } from './bulk';
import { bytes } from './bytes';
import { insertAndClaim } from './insertAndClaim';
import { clockSteps } from './clockSteps';
import { followUps } from './followUps';
import { fairClaims } from './fairClaims';
import { leases } from './leases';
import { messages } from './messages';
import { namespaces } from './namespaces';
import { neighbours } from './neighbours';
import { pairs } from './pairs';
import { races } from './races';
import { longListings } from './longListings';
import { reads } from './reads';
import { search } from './search';
import { settle } from './settle';
import { settleAgain } from './settleAgain';
import { steps } from './steps';
import { strings } from './strings';
import { tallies } from './tallies';
import { unique } from './unique';
import type { Opening } from '../support/stores';

/** The contract of every store. */
export function storeContract(opening: Opening): void {
  insertAndClaim(opening);
  fairClaims(opening);
  leases(opening);
  describe('a step of the clock back', () => clockSteps(opening));
  settle(opening);
  settleAgain(opening);
  followUps(opening);
  pairs(opening);
  messages(opening);
  namespaces(opening);
  neighbours(opening);
  reads(opening);
  describe('long listings', () => longListings(opening));
  bytes(opening);
  batches(opening);
  bulk(opening);
  races(opening);
  search(opening);
  steps(opening);
  strings(opening);
  tallies(opening);
  unique(opening);
}
