import { httpRequest } from '../../config/httpOptions';
import type { CheckedRequest } from '../../config/httpOptions';
import { HEADER_VALUE } from '../../constants/httpHeaders';
import { isHoldfastError } from '../errors/holdfastError';
import { checkOptions } from '../options/checkOptions';
import { invalidRequest } from './httpError';
import type { Hop } from './httpTypes';

/**
 * Checks a request, which may be the payload of anybody, and returns its first hop.
 *
 * @param key what goes into `Idempotency-Key`, unless the request has its own.
 * @throws HOLDFAST_REQUEST_INVALID, for which its task is dead at once.
 */
export function firstHop(given: unknown, key: string | undefined): Hop & { readonly accepts: readonly number[] } {
  const request = checked(given);
  const { url, authorization } = splitUrl(request.url);
  const body = bodyOf(request);
  const headers = {
    'user-agent': 'holdfast',
    ...(body === null ? {} : { 'content-type': typeof request.body === 'string' ? 'text/plain; charset=utf-8' : 'application/json' }),
    ...(key === undefined ? {} : { 'idempotency-key': checkedKey(key) }),
    ...(authorization === undefined ? {} : { authorization }),
    ...inLowerCase(request.headers),
  };
  const hop = { url, method: request.method ?? (body === null ? 'GET' : 'POST'), headers, body };
  if (body !== null && (hop.method === 'GET' || hop.method === 'HEAD')) throw invalidRequest('body', `left out of a ${hop.method}`);
  return { ...hop, accepts: request.accepts ?? [] };
}

/** Returns the headers that are sent: those for the origin of the hop win, and stay out of the hop, which may lead to another one. */
export const sentHeaders = (
  { headers, url }: Hop,
  originHeaders: Readonly<Record<string, Readonly<Record<string, string>>>>,
): Record<string, string> => ({
  ...headers,
  ...inLowerCase(originHeaders[url.origin]),
});

function checked(given: unknown): CheckedRequest {
  try {
    checkOptions(httpRequest, given, 'request');
    return given;
  } catch (error) {
    if (!isHoldfastError(error)) throw error;
    throw invalidRequest(error.field ?? 'request', error.expected ?? 'one of the properties url, method, headers, body and accepts');
  }
}

/** Takes the login out of a URL: it becomes a header, and is in no message. */
function splitUrl(text: string): { url: URL; authorization: string | undefined } {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol)) throw invalidRequest('request.url', 'a whole URL that begins with http: or https:');
  const { username, password } = url;
  url.username = '';
  url.password = '';
  url.hash = '';
  return { url, authorization: username === '' && password === '' ? undefined : basicLogin(username, password) };
}

function basicLogin(username: string, password: string): string {
  try {
    return `Basic ${Buffer.from(`${decodeURIComponent(username)}:${decodeURIComponent(password)}`).toString('base64')}`;
  } catch {
    throw invalidRequest('request.url', 'a URL whose user and password are encoded as in URLs');
  }
}

function checkedKey(key: string): string {
  if (key !== '' && HEADER_VALUE.test(key)) return key;
  throw invalidRequest('key', 'a text of Latin characters without line breaks');
}

function bodyOf({ body }: CheckedRequest): string | null {
  if (body === undefined) return null;
  const text = typeof body === 'string' ? body : jsonOf(body);
  if (text === undefined) throw invalidRequest('request.body', 'a text, or a value that JSON can carry');
  return text;
}

/** JSON has nothing for a function, and throws for a circle or a bigint. */
function jsonOf(body: unknown): string | undefined {
  try {
    return JSON.stringify(body);
  } catch {
    return undefined;
  }
}

const inLowerCase = (headers: Readonly<Record<string, string>> = {}): Record<string, string> =>
  Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
