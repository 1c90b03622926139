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

/** Removes the password from a URL, for logs. */
export const withoutPassword = (url: string): string => url.replace(/^(mongodb(?:\+srv)?:\/\/[^:@/]*):[^@/]*@/, '$1:***@');
