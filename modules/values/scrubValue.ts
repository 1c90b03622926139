import { types } from 'node:util';
import { isError } from './isError';
import { isPlain } from './isRecord';
import { redactThrown } from './redactThrown';
import { REDACTED, scrub } from './scrub';
import { isSecretName } from './secretNames';

/** Maximum depth of a logged value. */
const DEPTH = 64;

const NO_SECRETS: ReadonlySet<string> = new Set();

/**
 * Returns a copy of a value without what stands under secret names, at any depth, and without what looks like a secret in its texts and keys. Binary
 * data, dates and instances of classes without `toJSON` are returned as they are.
 */
export const scrubValue = (value: unknown): unknown => scrubbed(value, []);

/** A log must not fail because a property throws when it is read. */
function scrubbed(value: unknown, above: readonly unknown[]): unknown {
  try {
    return scrubbedPart(value, above);
  } catch {
    return '[unreadable]';
  }
}

function scrubbedPart(value: unknown, above: readonly unknown[]): unknown {
  if (typeof value === 'string') return scrub(value);
  if (typeof value !== 'object' || value === null) return value;
  if (isError(value)) return redactThrown(value, NO_SECRETS);
  if (ArrayBuffer.isView(value) || types.isDate(value)) return value;
  if (above.includes(value)) return '[circular]';
  if (above.length >= DEPTH) return '[too deep]';
  const inside = [...above, value];
  if (Array.isArray(value)) return value.map((inner) => scrubbed(inner, inside));
  if (isPlain(value)) return scrubbedRecord(value, inside);
  return hasJson(value) ? scrubbed(value.toJSON(), inside) : value;
}

const scrubbedRecord = (record: Record<string, unknown>, inside: readonly unknown[]): Record<string, unknown> =>
  Object.fromEntries(Object.entries(record).map(([key, inner]) => [scrub(key), isSecretName(key, inner) ? REDACTED : scrubbed(inner, inside)]));

const hasJson = (value: object): value is { toJSON(): unknown } => typeof (value as { toJSON?: unknown }).toJSON === 'function';
