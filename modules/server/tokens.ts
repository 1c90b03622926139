import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import type { ServerToken } from '../../config/serverOptions';
import { TOKEN_BYTES } from '../../constants/serverLimits';
import type { Credential } from './credential';

/** Begins every token, so that it is known for one where it is found. */
const MARK = 'hft_';

/** A token in a text: its mark and as many characters as its bytes have in base64. */
const TOKEN = new RegExp(`${MARK}[\\w-]{${Math.floor((TOKEN_BYTES * 4) / 3)},}`);

/** Names of parameters in which programs send tokens. */
const TOKEN_PARAMETERS: ReadonlySet<string> = new Set(['token', 'access_token', 'auth_token', 'api_key', 'apikey', 'authorization', 'bearer']);

/** A new token, and what the server keeps of it. */
export interface NewToken {
  readonly token: string;
  readonly hash: string;
}

export function newToken(): NewToken {
  const token = `${MARK}${randomBytes(TOKEN_BYTES).toString('base64url')}`;
  return { token, hash: hashOf(token).toString('hex') };
}

const hashOf = (token: string): Buffer => createHash('sha256').update(token).digest();

/**
 * Makes the look-up of tokens. It compares hashes, all of them and each in constant time, so that its time tells nothing about any of them.
 */
export function tokenLookup(tokens: readonly ServerToken[]): (token: string) => Credential | undefined {
  const known = tokens.map((token) => ({ hash: Buffer.from(token.hash, 'hex'), credential: credentialOf(token) }));
  return (token) => {
    const given = hashOf(token);
    return known.reduce<Credential | undefined>((found, { hash, credential }) => (timingSafeEqual(hash, given) ? credential : found), undefined);
  };
}

/** Makes the credential of a token, or of another secret that allows the same. */
export function credentialOf({ name, actions, queues }: Pick<ServerToken, 'name' | 'actions' | 'queues'>): Credential {
  const held: ReadonlySet<string> = new Set(actions);
  return {
    ...{ name, prefix: queues, canWrite: held.has('admin') },
    holds: (action) => held.has(action),
    may: (action, queue) => held.has(action) && (queue === null ? queues === '' : queue.startsWith(queues)),
    refusal: (action) =>
      held.has(action) ? `The token is for queues whose names begin with ${queues}.` : `The token does not allow the action ${action}.`,
  };
}

/** Reads the token of a request: a bearer token, or the password of a browser's login. */
export function presentedToken(authorization: string | undefined): string | undefined {
  const [, scheme, value] = /^(bearer|basic) +([^\s]+) *$/i.exec(authorization ?? '') ?? [];
  if (scheme === undefined || value === undefined) return undefined;
  if (scheme.toLowerCase() === 'bearer') return value;
  return Buffer.from(value, 'base64')
    .toString('utf8')
    .replace(/^[^:]*:/, '');
}

/** Tells whether a URL holds a token. Proxies, histories and logs keep URLs. */
export function hasToken(url: string): boolean {
  if (TOKEN.test(url)) return true;
  const at = url.indexOf('?');
  if (at === -1) return false;
  return [...new URLSearchParams(url.slice(at)).entries()].some(([name, value]) => TOKEN_PARAMETERS.has(name.toLowerCase()) || TOKEN.test(value));
}
