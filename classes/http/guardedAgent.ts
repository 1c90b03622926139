import { lookup as systemLookup } from 'node:dns';
import { isIP } from 'node:net';
import type { LookupFunction } from 'node:net';
import type { Agent, buildConnector } from 'undici';
import { urlOfHost } from '../../config/httpOptions';
import type { HostLookup, ResolvedHttpOptions } from '../../config/httpOptions';
import { refusedAddress } from '../../modules/http/httpError';
import { isPublicAddress } from '../../modules/http/publicAddress';
import type { HttpPeers } from './httpPeers';

type Guarded = Pick<ResolvedHttpOptions, 'allowedHosts' | 'timeoutMs' | 'lookup'>;

/**
 * Makes the agent of a client, which connects to no address that is not public, except for hosts that are allowed by name.
 *
 * The guard is where connections are made, so that no name, redirect or way of writing an address gets past it: it refuses an address in a URL, every
 * name one of whose addresses is not public, and a connection whose other end is not.
 */
export function guardedAgent({ undici, ipaddr }: HttpPeers, { allowedHosts, timeoutMs, lookup = systemLookup }: Guarded): Agent {
  const isPublic = (address: string): boolean => isPublicAddress(address, ipaddr);
  const allowed = new Set(allowedHosts.map((host) => plainName(new URL(urlOfHost(host)).hostname)));
  const connector = (test?: (address: string) => boolean) => undici.buildConnector({ timeout: timeoutMs, lookup: lookupBy(lookup, test) });
  const [open, guarded] = [connector(), connector(isPublic)];
  return new undici.Agent({
    connect: (options, callback) => {
      const host = plainName(options.hostname);
      if (allowed.has(host)) return open(options, callback);
      if (isIP(host) !== 0 && !isPublic(host)) return queueMicrotask(() => callback(refusedAddress(host), null));
      return guarded(options, checkedEnd(host, isPublic, callback));
    },
    headersTimeout: 0,
    bodyTimeout: 0,
  });
}

/** A name as it is compared: without the brackets of an IPv6 address and the dot at the end. */
const plainName = (host: string): string => host.toLowerCase().replace(/^\[|\]$|\.$/g, '');

/** Returns a lookup that refuses a name if one of its addresses fails a test. Whoever connects may ask for one address or for all. */
const lookupBy =
  (lookup: HostLookup, test: (address: string) => boolean = () => true): LookupFunction =>
  (hostname, options, callback) => {
    const answer = callback;
    lookup(hostname, { ...options, all: true }, (error, addresses) => {
      const [first] = addresses ?? [];
      if (error) return answer(error, []);
      if (!first) return answer(Object.assign(new Error('the name has no address'), { code: 'ENOTFOUND' }), []);
      if (!addresses.every(({ address }) => test(address))) return answer(refusedAddress(hostname), []);
      return options.all ? answer(null, addresses) : answer(null, first.address, first.family);
    });
  };

/** Looks at who is at the other end of a connection before anything is sent. */
const checkedEnd =
  (host: string, isPublic: (address: string) => boolean, callback: buildConnector.Callback): buildConnector.Callback =>
  (...[error, socket]) => {
    if (error) return callback(error, null);
    if (isPublic(socket.remoteAddress ?? '')) return callback(null, socket);
    socket.destroy();
    return callback(refusedAddress(host), null);
  };
