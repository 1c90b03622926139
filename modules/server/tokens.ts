import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import type { ServerToken } from '../../config/serverOptions';
import type { Action } from '../../constants/serverLimits';
import { TOKEN_BYTES } from '../../constants/serverLimits';

/** Begins every token, so that it is known for one where it is found. */
const MARK = 'hft_';

/** What the holder of a token may do. */
export interface Credential {
  readonly name: string;
  readonly actions: ReadonlySet<Action>;
  /** What the names of its queues begin with. */
  readonly prefix: string;
}

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

const credentialOf = ({ name, actions, queues }: ServerToken): Credential => ({ name, actions: new Set(actions), prefix: queues });

/** Reads the token of a request: a bearer token, or the password of a browser's login. */
export function presentedToken(authorization: string | undefined): string | undefined {
  const [, scheme, value] = /^(bearer|basic) +([^\s]+) *$/i.exec(authorization ?? '') ?? [];
  if (scheme === undefined || value === undefined) return undefined;
  if (scheme.toLowerCase() === 'bearer') return value;
  return Buffer.from(value, 'base64')
    .toString('utf8')
    .replace(/^[^:]*:/, '');
}
