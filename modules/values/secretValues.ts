import { types } from 'node:util';
import { isRecord } from './isRecord';
import { bounded, REDACTED, scrub } from './scrub';
import { isSecretName } from './secretNames';

/** Shorter values are ordinary numbers and words too often; under a name that is secret by custom, such as `cvc`, they are not. */
const LEAST_CHARACTERS = 4;
const LEAST_NAMED_CHARACTERS = 3;

/** Characters of a value by which it is found. */
const KEY_CHARACTERS = 64;

/** Of more values that begin alike, the rest of the line is redacted, so that a line takes bounded time. */
const ALIKE_VALUES = 16;

const WORD = /[\p{L}\p{N}_]/u;

/** The values to redact, by their first characters. */
interface SecretIndex {
  /** Lengths of the keys, the longest first: one secret may contain another. */
  readonly lengths: readonly number[];
  /** Values by key, the longest first. */
  readonly byKey: ReadonlyMap<string, readonly string[]>;
}

/** Returns the values of a payload that its sanitized form does not show. */
export function secretsOf(payload: unknown, shown: unknown): ReadonlySet<string> {
  const visible = new Set<string>();
  const secrets = new Set<string>();
  collect(shown, false, (leaf) => visible.add(leaf));
  collect(payload, false, (leaf, isNamed) => {
    const isLong = leaf.length >= (isNamed ? LEAST_NAMED_CHARACTERS : LEAST_CHARACTERS);
    if (isLong && !visible.has(leaf)) secrets.add(leaf);
  });
  return secrets;
}

/** Booleans and null are no secrets: redacting them would affect every text. */
function collect(value: unknown, isNamed: boolean, add: (leaf: string, isNamed: boolean) => unknown): void {
  if (typeof value === 'string') add(value, isNamed);
  else if (typeof value === 'number' || typeof value === 'bigint') add(String(value), isNamed);
  else if (Array.isArray(value)) for (const inner of value) collect(inner, isNamed, add);
  else if (types.isDate(value)) add(Number.isNaN(value.getTime()) ? '' : value.toISOString(), isNamed);
  else if (isRecord(value)) for (const [key, inner] of Object.entries(value)) collect(inner, isNamed || isSecretName(key, inner), add);
}

/**
 * Redacts known secrets in a text where they stand as whole values, also URL-encoded and JSON-escaped; then whatever looks like a secret. A very
 * long text is cut first.
 */
export function redactText(text: string, secrets: ReadonlySet<string>): string {
  return scrub(withoutSecrets(bounded(text), indexOf(secrets)));
}

const indexes = new WeakMap<ReadonlySet<string>, SecretIndex>();

function indexOf(secrets: ReadonlySet<string>): SecretIndex {
  const known = indexes.get(secrets);
  if (known) return known;
  const byKey = new Map<string, string[]>();
  for (const secret of secrets) if (secret !== '') for (const form of formsOf(secret)) addTo(byKey, form);
  for (const alike of byKey.values()) alike.sort((one, other) => other.length - one.length);
  const lengths = [...new Set([...byKey.keys()].map(({ length }) => length))].sort((one, other) => other - one);
  const index = { lengths, byKey };
  indexes.set(secrets, index);
  return index;
}

function addTo(byKey: Map<string, string[]>, form: string): void {
  const key = form.slice(0, KEY_CHARACTERS);
  const alike = byKey.get(key);
  if (alike) alike.push(form);
  else byKey.set(key, [form]);
}

/** The value as it is, and as a URL and JSON write it. */
const formsOf = (secret: string): ReadonlySet<string> =>
  /^[\w.-]*$/.test(secret) ? new Set([secret]) : new Set([secret, encodeURIComponent(secret.toWellFormed()), JSON.stringify(secret).slice(1, -1)]);

function withoutSecrets(text: string, index: SecretIndex): string {
  if (index.lengths.length === 0) return text;
  let [left, copied] = ['', 0];
  for (let at = 0; at < text.length; at += 1) {
    const length = secretAt(text, at, index);
    if (length === 0) continue;
    left += text.slice(copied, at) + REDACTED;
    copied = at + length;
    at = copied - 1;
  }
  return copied === 0 ? text : left + text.slice(copied);
}

/** Returns the length of the secret that stands at a place as a whole value, or 0. */
function secretAt(text: string, at: number, { lengths, byKey }: SecretIndex): number {
  if (!isEdge(text, at)) return 0;
  for (const keyLength of lengths) {
    const alike = byKey.get(text.slice(at, at + keyLength)) ?? [];
    if (alike.length > ALIKE_VALUES) return lineEnd(text, at) - at;
    const found = alike.find((secret) => text.startsWith(secret, at) && isEdge(text, at + secret.length));
    if (found !== undefined) return found.length;
  }
  return 0;
}

/** Tells whether no word goes on across a place. */
const isEdge = (text: string, at: number): boolean => !(isWordAt(text, at - 1) && isWordAt(text, at));

const isWordAt = (text: string, at: number): boolean => at >= 0 && at < text.length && WORD.test(text.charAt(at));

function lineEnd(text: string, at: number): number {
  const end = text.indexOf('\n', at);
  return end === -1 ? text.length : end;
}
