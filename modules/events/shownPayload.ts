import slowRedact from '@pinojs/redact';
import { LOGGED_PAYLOAD_CHARACTERS } from '../../constants/limits';
import { describeValue, HoldfastError } from '../errors/holdfastError';
import { isPlain, isRecord } from '../values/isRecord';
import { toJson } from '../task/json';
import { isSecretName, REDACTED, scrub, secretsOf } from '../values/secrets';

/** What may be logged of a payload, and what must not be. */
export interface Shown {
  /** Undefined where nothing is shown. */
  readonly payload: unknown;
  /** The texts of the payload that are not shown, as they were before anybody could change it. */
  readonly secrets: ReadonlySet<string>;
}

/** Shows a payload, as its schema has made it. Never throws. */
export type Show = (payload: unknown) => Shown;

type Redact = (payload: unknown) => unknown;

/**
 * Makes the function that shows payloads: what the event's own `sanitize` makes of them, without what stands under well-known names, and without the paths
 * given. With neither `sanitize` nor paths nothing is shown, as nobody has said what may be.
 *
 * Where one of them fails the payload is withheld, and a text says so.
 *
 * @throws HOLDFAST_OPTION_INVALID where a path cannot be read.
 */
export function makeShow(sanitize: ((payload: never) => unknown) | undefined, paths: readonly string[]): Show {
  const redact = makeRedact(paths);
  const isShown = sanitize !== undefined || paths.length > 0;
  return (payload) => {
    const hidden: Shown = { payload: undefined, secrets: secretsOf(payload, undefined) };
    if (!isShown) return hidden;
    try {
      const text = toJson(sanitize ? sanitize(copyOf(payload) as never) : payload, 'payload');
      const shown = redact(withoutSecretNames(JSON.parse(text)));
      return { payload: clipped(shown), secrets: secretsOf(payload, shown) };
    } catch (error) {
      return { ...hidden, payload: `[withheld: sanitizing failed with ${kindOf(error)}]` };
    }
  };
}

/** So that what `sanitize` takes out of a payload is not missing where it is processed; what is neither list nor plain object is shared. */
function copyOf(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(copyOf);
  if (!isPlain(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, copyOf(inner)]));
}

function makeRedact(paths: readonly string[]): Redact {
  if (paths.length === 0) return (payload) => payload;
  try {
    // Under a name, so that a payload may be a list.
    const rooted = paths.map((path) => (path.startsWith('[') ? `payload${path}` : `payload.${path}`));
    const redact = slowRedact({ paths: rooted, censor: REDACTED, serialize: false });
    return (payload) => (redact({ payload }) as { readonly payload: unknown }).payload;
  } catch (cause) {
    throw new HoldfastError('HOLDFAST_OPTION_INVALID', { field: 'event.redact', expected: 'paths as card.number', got: describeValue(paths), cause });
  }
}

/** A message may quote the payload. */
const kindOf = (error: unknown): string => (error instanceof Error && /^\w{1,60}$/.test(error.name) ? error.name : 'something that is no Error');

/** A text inside may hold a secret by custom, as a URL with a password does. */
function withoutSecretNames(value: unknown): unknown {
  if (typeof value === 'string') return scrub(value);
  if (Array.isArray(value)) return value.map(withoutSecretNames);
  if (!isRecord(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, isSecretName(key) ? REDACTED : withoutSecretNames(inner)]));
}

function clipped(shown: unknown): unknown {
  const { length } = JSON.stringify(shown);
  return length <= LOGGED_PAYLOAD_CHARACTERS ? shown : `[withheld: ${length} characters, more than ${LOGGED_PAYLOAD_CHARACTERS}]`;
}
