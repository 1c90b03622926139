import { HoldfastError } from '../errors/holdfastError';
import { REDACTED, scrub } from '../values/scrub';
import { isSecretName } from '../values/secretNames';

/** The database that a URL names. */
export type StoreTarget = { readonly kind: 'sqlite'; readonly path: string } | { readonly kind: 'mongodb'; readonly url: string };

/**
 * Parses the URL of a store.
 *
 * @throws HOLDFAST_URL_INVALID. The message does not quote the URL, which may hold a password.
 */
export function parseStoreUrl(url: string): StoreTarget {
  if (/^mongodb(\+srv)?:\/\/[^/]/.test(url)) return { kind: 'mongodb', url };
  // Two slashes name no host here: users write sqlite://./x.db, sqlite://folder/x.db and, with the slash of the path, sqlite:///x.db.
  const path = /^sqlite:(?:\/\/)?(.+)$/s.exec(url)?.[1];
  if (path === undefined || /^\/*$/.test(path) || path.includes('\0')) {
    throw new HoldfastError('HOLDFAST_URL_INVALID', { field: 'url', expected: 'a URL of one of the known kinds' });
  }
  return { kind: 'sqlite', path: path.replace(/^\/+/, '/').replace(/^\/(?=[A-Za-z]:[\\/])/, '') };
}

/**
 * Removes whatever may be secret from a URL: everything before the last @, which may be unescaped in a password, and the options. The URL of a file
 * has neither: a ? is a character of its name.
 */
export const withoutSecrets = (url: string): string =>
  url.startsWith('sqlite:') ? url : url.replace(/^(mongodb(?:\+srv)?:\/\/).*@/s, '$1***@').replace(/\?.*$/s, '');

/** Redacts in a driver's message whatever may be secret in a URL, also in parts: an unescaped character splits a password. */
export function redactUrl(said: string, url: string): string {
  const [, login = ''] = /^mongodb(?:\+srv)?:\/\/(.*)@/s.exec(url) ?? [];
  const password = login.slice(login.indexOf(':') + 1);
  const options = [...new URLSearchParams(url.replace(/^[^?]*/, ''))].filter(([name]) => isSecretName(name) || name === PROPERTIES);
  const secrets = [login, password, decoded(password), ...password.split(/[@/?:,]/), ...options.map(([, value]) => value)];
  // Drivers quote a URL in parts, so each part is secret wherever it stands.
  return scrub(longestFirst(secrets).reduce(withoutPart, said));
}

const longestFirst = (secrets: readonly string[]): string[] => secrets.filter(Boolean).sort((one, other) => other.length - one.length);

/** A part of few characters may be in any word. */
function withoutPart(text: string, part: string): string {
  if (part.length > 3) return [part, encodeURIComponent(part.toWellFormed())].reduce((left, form) => left.replaceAll(form, REDACTED), text);
  return text.replaceAll(new RegExp(`(?<![\\p{L}\\p{N}])${escape(part)}(?![\\p{L}\\p{N}])`, 'gu'), REDACTED);
}

const escape = (text: string): string => text.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&');

/** The URL option that holds several values, tokens among them. */
const PROPERTIES = 'authMechanismProperties';

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
