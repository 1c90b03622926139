import { ERROR_MESSAGE_CHARACTERS } from '../../constants/limits';
import { isRecord } from './isRecord';

/** What stands in place of what is not shown. */
export const REDACTED = '[redacted]';

/** Names under which secrets are kept by custom, whatever their case, what stands before them and between their words. */
const SECRET_NAMES =
  /(?:password|passwd|pwd|passphrase|secret|token|(?:api|access|secret|private)key|authorization|cookie|cardnumber)$|^(?:cvc|cvv|pin|otp|ssn)$/;

export const isSecretName = (name: string): boolean => SECRET_NAMES.test(name.toLowerCase().replace(/[^a-z]/g, ''));

/** A name of a secret, a colon or an equals sign, and a text in quotes, also where JSON stands in JSON, or all up to a sign that ends a value. */
const NAMED =
  /(password|passwd|pwd|passphrase|secret|token|(?:api|access|secret|private)[-_]?key)(\\?["']?\s*[:=]\s*)(?!\[redacted\])(?:\\"(?:(?!\\").)*\\"|"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'|[^\s"'&,;]+)/gi;

/** Text in which secrets stand by custom: credentials in URLs, in headers, and behind a name and a colon or an equals sign. */
const PATTERNS: readonly (readonly [RegExp, string])[] = [
  [/\b([a-z][a-z\d+.-]*:\/\/)[^\s/?#]+@/gi, `$1${REDACTED}@`],
  [/\b(bearer|basic)\s+[\w.~+/=-]+/gi, `$1 ${REDACTED}`],
  [/\b(authorization|cookie|set-cookie|x-api-key)(["']?\s*:\s*)(?!(?:bearer|basic) \[)[^\r\n]+/gi, `$1$2${REDACTED}`],
  [NAMED, `$1$2${REDACTED}`],
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

/** What is kept and told of an error. */
const TEXTS_OF_ERROR = ['name', 'message', 'stack', 'code'] as const;

/**
 * Makes of what a handler threw the same without secrets: an Error of its own kind, with name, code, message and stack redacted. What holds
 * none is returned as it is.
 */
export function redactThrown(thrown: unknown, secrets: ReadonlySet<string>): unknown {
  if (!(thrown instanceof Error)) return redactValue(thrown, secrets);
  const texts = TEXTS_OF_ERROR.map((key) => [key, (thrown as unknown as Record<string, unknown>)[key]] as const);
  const redacted = texts.map(([key, text]) => [key, typeof text === 'string' ? redactText(text, secrets) : text] as const);
  if (redacted.every(([, text], index) => text === texts[index]?.[1])) return thrown;
  const copy = Object.create(Object.getPrototypeOf(thrown) as object, Object.getOwnPropertyDescriptors(thrown)) as Error;
  for (const [key, value] of [...redacted, ['cause', undefined] as const]) {
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
