import { isIP } from 'node:net';

/** What a browser says about where a request comes from. */
export interface OriginHeaders {
  readonly host?: string | undefined;
  readonly origin?: string | undefined;
  readonly 'sec-fetch-site'?: string | string[] | undefined;
}

/** Returns the name in a Host header: without its port, and without the brackets of an IPv6 address. */
export function hostName(host: string): string {
  const [, inBrackets, plain] = /^(?:\[([^\]]*)\]|([^:]*))(?::\d{1,5})?$/.exec(host.trim().toLowerCase()) ?? [];
  return inBrackets ?? plain ?? '';
}

/**
 * Tells whether a server may answer to a host name. A page that a browser was lured to can point a name of its own to this machine, but no address: so
 * addresses and `localhost` are always good, and other names must be listed. The entry `*` allows all.
 */
export function isHostAllowed(host: string | undefined, allowed: readonly string[]): boolean {
  const name = hostName(host ?? '');
  return (
    name === 'localhost' || name.endsWith('.localhost') || isIP(name) !== 0 || allowed.some((entry) => entry === '*' || hostName(entry) === name)
  );
}

/** Tells whether a request comes from no page at all, or from one of this server. */
export function isSameOrigin({ host, origin, 'sec-fetch-site': site }: OriginHeaders): boolean {
  if (site !== undefined && site !== 'same-origin' && site !== 'none') return false;
  return origin === undefined || (host !== undefined && URL.canParse(origin) && new URL(origin).host === normalHost(host, origin));
}

/** The host of a request as `URL` would write it, without the default port of the scheme. */
const normalHost = (host: string, origin: string): string => {
  const url = `${origin.slice(0, origin.indexOf(':'))}://${host}`;
  return URL.canParse(url) ? new URL(url).host : '';
};
