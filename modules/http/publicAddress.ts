import { isIP } from 'node:net';
import type * as ipaddr from 'ipaddr.js';

/** The unicast addresses of the internet. What lies outside is for a purpose of its own, also where a library knows no name for it. */
const GLOBAL: readonly [string, number] = ['2000::', 3];

/** The prefix under which a translator reaches every IPv4 address, private ones too. */
const TRANSLATED: readonly [string, number] = ['64:ff9b::', 96];

/**
 * Tells whether an address is one of the internet: not of this machine, of a private network, of a link, of a provider's inside, a group, or reserved.
 *
 * An IPv4 address inside an IPv6 one, mapped or translated, counts as itself.
 */
export function isPublicAddress(text: string, library: typeof ipaddr): boolean {
  const { IPv6 } = library;
  if (isIP(text) === 0) return false;
  const address = library.process(text);
  if (!(address instanceof IPv6)) return address.range() === 'unicast';
  if (address.match(IPv6.parse(TRANSLATED[0]), TRANSLATED[1])) return isPublicAddress(address.toByteArray().slice(12).join('.'), library);
  return address.match(IPv6.parse(GLOBAL[0]), GLOBAL[1]) && address.range() === 'unicast';
}
