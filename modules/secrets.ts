import { ERROR_MESSAGE_CHARACTERS } from '../constants/limits';
import { isRecord } from './isRecord';

/** What stands in place of what is not shown. */
export const REDACTED = '[redacted]';

/** Names under which secrets are kept by custom, whatever their case and whatever stands between their words. */
const SECRET_NAMES = new Set(
  'password passwd pwd passphrase secret clientsecret token accesstoken refreshtoken idtoken authtoken apikey xapikey privatekey authorization proxyauthorization cookie setcookie cardnumber cvc cvv pin otp ssn'.split(
    ' ',
  ),
);

export const isSecretName = (name: string): boolean => SECRET_NAMES.has(name.toLowerCase().replace(/[^a-z]/g, ''));

/** Text in which secrets stand by custom: credentials in URLs, in headers, and behind a name and a colon or an equals sign. */
const PATTERNS: readonly (readonly [RegExp, string])[] = [
  [/\b([a-z][a-z\d+.-]*:\/\/)[^\s/@]+@/gi, `$1${REDACTED}@`],
  [/\b(bearer|basic)\s+[\w.~+/=-]+/gi, `$1 ${REDACTED}`],
  [/\b(authorization|cookie|set-cookie|x-api-key)(["']?\s*:\s*)(?!(?:bearer|basic) \[)[^\r\n]+/gi, `$1$2${REDACTED}`],
  [/\b(password|passwd|pwd|secret|token|api[-_]?key)(["']?\s*[:=]\s*["']?)(?!\[redacted\])[^\s"'&,;]+/gi, `$1$2${REDACTED}`],
];

/** Leaves out of a text what looks like a secret, wherever it comes from. */
export const scrub = (text: string): string => PATTERNS.reduce((left, [pattern, by]) => left.replace(pattern, by), text);

/** Shorter ones are taken out of a text only where they stand alone. */
const LONG_CHARACTERS = 4;

/** Returns the texts that a payload holds and what is shown of it does not. */
export function secretsOf(payload: unknown, shown: unknown): ReadonlySet<string> {
  const visible = new Set(leavesOf(shown));
  return new Set(leavesOf(payload).filter((leaf) => !visible.has(leaf)));
}

/** Takes known secrets out of a text, as they are and as URLs and JSON write them; then what looks like one. */
export function redactText(text: string, secrets: ReadonlySet<string>): string {
  // The longest first, as one may be a part of another.
  const sorted = [...secrets].sort((one, other) => other.length - one.length);
  return scrub(sorted.reduce(withoutSecret, text));
}

function withoutSecret(text: string, secret: string): string {
  if (secret.length < LONG_CHARACTERS) return text.replace(new RegExp(`(?<![\\p{L}\\p{N}])${escape(secret)}(?![\\p{L}\\p{N}])`, 'gu'), REDACTED);
  const written = new Set([secret, encodeURIComponent(secret.toWellFormed()), JSON.stringify(secret).slice(1, -1)]);
  return [...written].reduce((left, form) => left.split(form).join(REDACTED), text);
}

const escape = (text: string): string => text.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&');

/** Booleans and nothing are no secrets: they would be taken out of every text. */
function leavesOf(value: unknown): string[] {
  if (typeof value === 'string') return value === '' ? [] : [value];
  if (typeof value === 'number' || typeof value === 'bigint') return [String(value)];
  if (Array.isArray(value)) return value.flatMap(leavesOf);
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? [] : [value.toISOString()];
  return isRecord(value) ? Object.values(value).flatMap(leavesOf) : [];
}

/**
 * Makes of what a handler threw the same without secrets: an Error of its own kind, with the same code, and with message and stack redacted. What holds
 * none is returned as it is.
 */
export function redactThrown(thrown: unknown, secrets: ReadonlySet<string>): unknown {
  if (!(thrown instanceof Error)) return redactValue(thrown, secrets);
  const { message, stack } = thrown;
  const redacted = { message: redactText(message, secrets), stack: stack === undefined ? undefined : redactText(stack, secrets) };
  if (redacted.message === message && redacted.stack === stack) return thrown;
  const copy = Object.create(Object.getPrototypeOf(thrown) as object, Object.getOwnPropertyDescriptors(thrown)) as Error;
  for (const [key, value] of Object.entries({ ...redacted, cause: undefined })) {
    Object.defineProperty(copy, key, { value, configurable: true, writable: true, enumerable: false });
  }
  return copy;
}

/** What is no Error would be kept as its JSON text. */
function redactValue(thrown: unknown, secrets: ReadonlySet<string>): unknown {
  if (typeof thrown === 'string') return redactText(thrown, secrets);
  if (typeof thrown !== 'object' || thrown === null) return redactText(String(thrown), secrets);
  try {
    return redactText(JSON.stringify(thrown).slice(0, ERROR_MESSAGE_CHARACTERS * 10), secrets);
  } catch {
    return 'an object was thrown';
  }
}
