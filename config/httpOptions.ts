import type { LookupAddress, LookupOptions } from 'node:dns';
import { HEADER_NAME, HEADER_VALUE, OWN_HEADERS } from '../constants/httpHeaders';
import { DAY, HOUR, SECOND } from '../constants/limits';
import { milliseconds, someFunction } from './optionKinds';
import { integer, list, oneOf, optional, record, text, value } from './schema';
import type { OptionTable, Schema, ValueOf } from './schema';

/** Options of HTTP tasks. */

/** Resolves a name to all of its addresses, as `dns.lookup` does with `all: true`. */
export type HostLookup = (
  hostname: string,
  options: LookupOptions & { readonly all: true },
  callback: (error: NodeJS.ErrnoException | null, addresses: LookupAddress[]) => void,
) => void;

type Headers = Readonly<Record<string, string>>;

/** Enough for any request; servers refuse much less. */
const MOST_HEADERS = 100;

const areHeaders = (given: unknown): boolean => {
  if (typeof given !== 'object' || given === null) return false;
  const entries: [string, unknown][] = Object.entries(given);
  const isHeader = ([name, text]: [string, unknown]): boolean =>
    HEADER_NAME.test(name) && !OWN_HEADERS.has(name.toLowerCase()) && typeof text === 'string' && HEADER_VALUE.test(text);
  const names = new Set(entries.map(([name]) => name.toLowerCase()));
  return entries.length <= MOST_HEADERS && names.size === entries.length && entries.every(isHeader);
};

const areOrigins = (given: unknown): boolean =>
  typeof given === 'object' && given !== null && Object.entries(given).every(([origin, headers]) => isOrigin(origin) && areHeaders(headers));

const isHost = (given: unknown): boolean =>
  typeof given === 'string' && !/[/?#@\\\s]/.test(given) && !/^[^:]*:[^:]*$|\]./.test(given) && URL.canParse(urlOfHost(given));

/** A URL of a host, by which its name is brought to the one form that URLs know. */
export const urlOfHost = (host: string): string => `http://${host.includes(':') && !host.startsWith('[') ? `[${host}]` : host}/`;

const isOrigin = (given: string): boolean => /^https?:/.test(given) && URL.canParse(given) && new URL(given).origin === given;

const SAYS_HEADERS = `an object of at most ${MOST_HEADERS} headers: each name once, texts without control characters, and none of the headers that belong to the connection`;

const headers = (rest: OptionTable): Schema<Headers> => value({ type: 'object', is: { holds: areHeaders, says: SAYS_HEADERS }, ...rest });

/** A request, which is also the payload of an HTTP task. */
export const httpRequest = record({
  url: text({ minLength: 1, maxLength: 8_192, description: 'Where to: `http:` or `https:`.' }),
  method: optional(
    oneOf(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'], { description: 'By default `POST` with a body, else `GET`.' }),
  ),
  headers: optional(headers({ description: 'Headers. Secrets belong into `originHeaders` of the client: a payload is stored.' })),
  body: optional(value<unknown>({ kind: 'value', description: 'A text is sent as it is, anything else as JSON. `GET` and `HEAD` have none.' })),
  accepts: optional(
    list(integer({ minimum: 300, maximum: 599 }), { maxItems: 100, description: 'Statuses that are answers to this request, beside 200 to 299.' }),
  ),
});

const headerName = text({ minLength: 1, maxLength: 100, pattern: "^[a-z0-9!#$%&'*+.^_`|~-]+$", expects: 'the name of a header in lower case' });

/** Options of a client, and of a handler. */
export const httpOptions = record({
  timeoutMs: milliseconds(1, HOUR, { default: 30 * SECOND, description: 'Time that one request may take, from its turn to the end of its answer.' }),
  callsPerHost: integer({ minimum: 1, maximum: 10_000, default: 10, description: 'Requests at once to one host (name and port), in this process.' }),
  allowedHosts: list(text({ minLength: 1, maxLength: 255, is: { holds: isHost, says: 'the name or address of a host, without a port' } }), {
    maxItems: 1_000,
    default: [],
    description: 'Names of hosts, without a port, that may have addresses which are not public. Other hosts may not.',
  }),
  redirects: integer({ minimum: 0, maximum: 10, default: 0, description: 'Redirects that are followed.' }),
  answerBytes: integer({
    minimum: 0,
    maximum: 64 * 1024 * 1024,
    unit: 'bytes',
    default: 64 * 1024,
    description: 'Longest body of an answer that is read. Of a longer one nothing is kept.',
  }),
  keptHeaders: list(headerName, {
    maxItems: 100,
    default: ['content-type', 'etag', 'last-modified', 'location'],
    description: 'Headers of an answer that are kept.',
  }),
  originHeaders: value<Readonly<Record<string, Headers>>>({
    type: 'object',
    default: {},
    is: { holds: areOrigins, says: 'an object of headers by origin, for example https://api.example.org' },
    description: 'Headers by origin, such as `authorization`. They win over those of a request, and go to no other origin.',
  }),
  retryAfterMaxMs: milliseconds(SECOND, 7 * DAY, {
    default: HOUR,
    description: 'Longest delay that a `Retry-After` may ask for; a longer one is cut.',
  }),
  circuitFailures: integer({
    minimum: 1,
    maximum: 10_000,
    default: 5,
    description: 'Failures in a row (network, time limit, status 500 to 599) after which a host is not called for a while.',
  }),
  circuitOpenMs: milliseconds(100, HOUR, { default: 30 * SECOND, description: 'How long it is not called. Then one request tries it.' }),
  lookup: optional(
    someFunction<HostLookup>({
      description: 'Resolves names in place of `dns.lookup`: always asked for all addresses. The guard checks what it returns.',
    }),
  ),
});

export type ResolvedHttpOptions = Readonly<ValueOf<typeof httpOptions>>;
export type CheckedRequest = Readonly<ValueOf<typeof httpRequest>>;
