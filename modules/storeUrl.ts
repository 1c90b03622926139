import { HoldfastError } from './holdfastError';

/** Which database a URL names. */
export type StoreTarget = { readonly kind: 'sqlite'; readonly path: string } | { readonly kind: 'mongodb'; readonly url: string };

/**
 * Reads the URL of a store.
 *
 * @throws HOLDFAST_URL_INVALID; the message does not quote the URL, which may hold a password.
 */
export function parseStoreUrl(url: string): StoreTarget {
  if (/^mongodb(\+srv)?:\/\/[^/]/.test(url)) return { kind: 'mongodb', url };
  const path = /^sqlite:(.+)$/s.exec(url)?.[1];
  if (path === undefined || path.includes('\0')) {
    throw new HoldfastError('HOLDFAST_URL_INVALID', { field: 'url', expected: 'a URL of one of the known kinds' });
  }
  return { kind: 'sqlite', path: path.replace(/^\/\/(?=\/)/, '') };
}

/** Removes from a URL whatever may be a secret, for logs: all before the last @, which may be unescaped in a password, and the options. */
export const withoutSecrets = (url: string): string => url.replace(/^(mongodb(?:\+srv)?:\/\/).*@/s, '$1***@').replace(/\?.*$/s, '');
