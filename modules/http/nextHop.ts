import type { Hop } from './httpTypes';

/** Statuses that lead elsewhere, if there is a `Location`. */
const MOVED: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);

/** Headers that are meant for one origin. */
const PRIVATE = new Set(['authorization', 'cookie']);

/** Headers that tell of a body. */
const OF_BODY = /^content-/;

/**
 * Returns the hop that a redirect asks for; undefined if the answer is none, or leads to no URL that may be called. From https: it leads to https: only.
 *
 * As browsers do, 303 becomes a GET, and so does a POST with 301 or 302. What is meant for one origin is not shown to another.
 */
export function nextHop({ url: from, method, headers, body }: Hop, status: number, location: string | undefined): Hop | undefined {
  if (!MOVED.has(status) || location === undefined || !URL.canParse(location, from.href)) return undefined;
  const url = new URL(location, from.href);
  if (!(url.protocol === 'https:' || url.protocol === from.protocol) || url.username !== '' || url.password !== '') return undefined;
  url.hash = '';
  const isFetched = (status === 303 && method !== 'HEAD') || (method === 'POST' && status < 303);
  const kept = Object.entries(headers).filter(([name]) => (url.origin === from.origin || !PRIVATE.has(name)) && !(isFetched && OF_BODY.test(name)));
  return { url, method: isFetched ? 'GET' : method, headers: Object.fromEntries(kept), body: isFetched ? null : body };
}
