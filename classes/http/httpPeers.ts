import type * as cockatiel from 'cockatiel';
import type * as ipaddr from 'ipaddr.js';
import type * as undici from 'undici';
import { loadPeer } from '../../modules/errors/loadPeer';

/** The libraries of HTTP tasks. */
export interface HttpPeers {
  readonly cockatiel: typeof cockatiel;
  readonly ipaddr: typeof ipaddr;
  readonly undici: typeof undici;
}

const INSTALL = 'undici@7 ipaddr.js@2 cockatiel@3';

/** @throws HOLDFAST_PEER_MISSING with the command that installs all of them. */
export const httpPeers = (): HttpPeers => ({
  undici: loadPeer('undici', INSTALL, () => require('undici') as typeof undici),
  ipaddr: loadPeer('ipaddr.js', INSTALL, () => require('ipaddr.js') as typeof ipaddr),
  cockatiel: loadPeer('cockatiel', INSTALL, () => require('cockatiel') as typeof cockatiel),
});
