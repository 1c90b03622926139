import slowRedact from '@pinojs/redact';
import { LOGGED_PAYLOAD_CHARACTERS } from '../../constants/limits';
import { describeValue, HoldfastError } from '../errors/holdfastError';
import { isError } from '../values/isError';
import { isPlain } from '../values/isRecord';
import { toJson } from '../task/json';
import { REDACTED } from '../values/scrub';
import { scrubValue } from '../values/scrubValue';
import { secretsOf } from '../values/secretValues';

/** The loggable part of a payload, and its secret texts. */
export interface Shown {
  /** Undefined if nothing is shown. */
  readonly payload: unknown;
  /** Texts of the payload that are not shown, taken before user code could change the payload. */
  readonly secrets: ReadonlySet<string>;
}

/** Returns the loggable part of a payload that its schema has checked. Never throws. */
export type Show = (payload: unknown) => Shown;

type Redact = (payload: unknown) => unknown;

/**
 * Makes the function that shows payloads: the result of the event's `sanitize`, without values under well-known secret names and without the given
 * paths. With neither `sanitize` nor paths nothing is shown, because the user has not said what is harmless.
 *
 * If one of them fails, the payload is withheld and a text says so.
 *
 * @throws HOLDFAST_OPTION_INVALID if a path is malformed.
 */
export function makeShow(sanitize: ((payload: never) => unknown) | undefined, paths: readonly string[]): Show {
  const redact = makeRedact(paths);
  const isShown = sanitize !== undefined || paths.length > 0;
  return (payload) => {
    const hidden: Shown = { payload: undefined, secrets: secretsOf(payload, undefined) };
    if (!isShown) return hidden;
    try {
      const text = toJson(sanitize ? sanitize(copyOf(payload) as never) : payload, 'payload');
      const shown = redact(scrubValue(JSON.parse(text)));
      return { payload: clipped(shown), secrets: secretsOf(payload, shown) };
    } catch (error) {
      return { ...hidden, payload: `[withheld: sanitizing failed with ${kindOf(error)}]` };
    }
  };
}

/** Copies arrays and plain objects, so that a `sanitize` that deletes properties does not change the payload to be processed. */
function copyOf(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(copyOf);
  if (!isPlain(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, copyOf(inner)]));
}

function makeRedact(paths: readonly string[]): Redact {
  if (paths.length === 0) return (payload) => payload;
  try {
    // The wrapper object allows a payload that is an array.
    const rooted = paths.map((path) => (path.startsWith('[') ? `payload${path}` : `payload.${path}`));
    const redact = slowRedact({ paths: rooted, censor: REDACTED, serialize: false });
    return (payload) => (redact({ payload }) as { readonly payload: unknown }).payload;
  } catch (cause) {
    throw new HoldfastError('HOLDFAST_OPTION_INVALID', { field: 'event.redact', expected: 'paths as card.number', got: describeValue(paths), cause });
  }
}

/** Names the error without its message, which may quote the payload. */
const kindOf = (error: unknown): string => (isError(error) && /^\w{1,60}$/.test(error.name) ? error.name : 'something that is no Error');

function clipped(shown: unknown): unknown {
  const { length } = JSON.stringify(shown);
  return length <= LOGGED_PAYLOAD_CHARACTERS ? shown : `[withheld: ${length} characters, more than ${LOGGED_PAYLOAD_CHARACTERS}]`;
}
