import { types } from 'node:util';
import { ERROR_CAUSES, ERROR_CAUSES_DEEP, ERROR_MESSAGE_CHARACTERS } from '../../constants/limits';
import { isError } from './isError';
import { isRecord } from './isRecord';
import { readProperty } from './readProperty';

/** The placeholder for a secret. */
export const REDACTED = '[redacted]';

/** Common names of secrets. Case, separators and prefixes do not matter. */
const SECRET_NAMES =
  /(?:password|passwd|pwd|passphrase|secret|token|(?:api|access|secret|private)key|authorization|cookie|cardnumber)$|^(?:cvc|cvv|pin|otp|ssn)$/;

export const isSecretName = (name: string): boolean => SECRET_NAMES.test(name.toLowerCase().replace(/[^a-z]/g, ''));

/** A secret's name, a colon or an equals sign, and its value: quoted (also in JSON within JSON), or up to a character that ends a value. */
const NAMED =
  /(password|passwd|pwd|passphrase|secret|token|(?:api|access|secret|private)[-_]?key)(\\?["']?\s*[:=]\s*)(?!\[redacted\])(?:\\"(?:(?!\\").)*\\"|"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'|[^\s"'&,;]+)/gi;

/** Common forms of secrets in text: credentials in URLs and headers, and named values. */
const PATTERNS: readonly (readonly [RegExp, string])[] = [
  [/\b([a-z][a-z\d+.-]*:\/\/)[^\s/?#]+@/gi, `$1${REDACTED}@`],
  [/\b(bearer|basic)\s+[\w.~+/=-]+/gi, `$1 ${REDACTED}`],
  [/\b(authorization|cookie|set-cookie|x-api-key)(["']?\s*:\s*)(?!(?:bearer|basic) \[)[^\r\n]+/gi, `$1$2${REDACTED}`],
  [NAMED, `$1$2${REDACTED}`],
];

/** Redacts whatever looks like a secret in a text. */
export const scrub = (text: string): string => PATTERNS.reduce((left, [pattern, by]) => left.replace(pattern, by), text);

/** Shorter secrets are redacted only as whole words. */
const LONG_CHARACTERS = 4;

/** Returns the values of a payload that its sanitized form does not show. */
export function secretsOf(payload: unknown, shown: unknown): ReadonlySet<string> {
  const visible = new Set(leavesOf(shown));
  return new Set(leavesOf(payload).filter((leaf) => !visible.has(leaf)));
}

/** Redacts known secrets in a text, also URL-encoded and JSON-escaped; then whatever looks like a secret. */
export function redactText(text: string, secrets: ReadonlySet<string>): string {
  // The longest goes first, because one secret may contain another.
  const sorted = [...secrets].sort((one, other) => other.length - one.length);
  return scrub(sorted.reduce(withoutSecret, text));
}

function withoutSecret(text: string, secret: string): string {
  if (secret.length < LONG_CHARACTERS) return text.replace(new RegExp(`(?<![\\p{L}\\p{N}])${escape(secret)}(?![\\p{L}\\p{N}])`, 'gu'), REDACTED);
  const written = new Set([secret, encodeURIComponent(secret.toWellFormed()), JSON.stringify(secret).slice(1, -1)]);
  return [...written].reduce((left, form) => left.split(form).join(REDACTED), text);
}

const escape = (text: string): string => text.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&');

/** Booleans and null are no secrets: redacting them would affect every text. */
function leavesOf(value: unknown): string[] {
  if (typeof value === 'string') return value === '' ? [] : [value];
  if (typeof value === 'number' || typeof value === 'bigint') return [String(value)];
  if (Array.isArray(value)) return value.flatMap(leavesOf);
  if (types.isDate(value)) return Number.isNaN(value.getTime()) ? [] : [value.toISOString()];
  return isRecord(value) ? Object.values(value).flatMap(leavesOf) : [];
}

/** The texts of an error that are stored and reported. */
const TEXTS_OF_ERROR = ['name', 'message', 'stack', 'code'] as const;

/**
 * Returns the thrown value without secrets: an Error of the same class with its name, code, message and stack redacted, and its causes as far as they
 * are stored. A value that holds no secret is returned as it is.
 */
export function redactThrown(thrown: unknown, secrets: ReadonlySet<string>, deep = ERROR_CAUSES_DEEP, budget = { left: ERROR_CAUSES }): unknown {
  if (!isError(thrown)) return redactValue(thrown, secrets);
  const without = (inner: unknown): unknown => {
    if (inner === undefined || deep === 0 || budget.left === 0) return undefined;
    budget.left -= 1;
    return redactThrown(inner, secrets, deep - 1, budget);
  };
  const redacted = redactedFields(thrown, secrets, without).filter(([key, value]) => !isSame(value, readProperty(thrown, key)));
  if (redacted.length === 0) return thrown;
  const copy = Object.create(Object.getPrototypeOf(thrown) as object, Object.getOwnPropertyDescriptors(thrown)) as Error;
  for (const [key, value] of redacted) Object.defineProperty(copy, key, { value, configurable: true, writable: true, enumerable: false });
  return copy;
}

function redactedFields(thrown: Error, secrets: ReadonlySet<string>, without: (inner: unknown) => unknown): [string, unknown][] {
  const texts = TEXTS_OF_ERROR.map((key): [string, unknown] => {
    const text = readProperty(thrown, key);
    return [key, typeof text === 'string' ? redactText(text, secrets) : text];
  });
  const errors = readProperty(thrown, 'errors');
  const inner = Array.isArray(errors) ? errors.slice(0, ERROR_CAUSES).map(without) : errors;
  return [...texts, ['cause', without(readProperty(thrown, 'cause'))], ['errors', inner]];
}

const isSame = (one: unknown, other: unknown): boolean =>
  Array.isArray(one) && Array.isArray(other) ? one.length === other.length && one.every((item, at) => item === other[at]) : one === other;

/** A thrown value that is no Error would be stored as its JSON text. */
function redactValue(thrown: unknown, secrets: ReadonlySet<string>): unknown {
  if (typeof thrown === 'string') return redactText(thrown, secrets);
  if (typeof thrown !== 'object' || thrown === null) return redactText(String(thrown), secrets);
  try {
    return redactText(JSON.stringify(thrown).slice(0, ERROR_MESSAGE_CHARACTERS * 10), secrets);
  } catch {
    return 'an object was thrown';
  }
}
