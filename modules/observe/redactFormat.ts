import slowRedact from '@pinojs/redact';
import type * as winston from 'winston';
import type { Logform } from 'winston';
import { isError } from '../values/isError';
import { REDACTED } from '../values/scrub';
import { scrubValue } from '../values/scrubValue';

type Info = Logform.TransformableInfo & Record<symbol, unknown>;

/**
 * Returns a winston format that redacts secrets: the values at the given paths and under common names such as `password` and `authorization` at any
 * depth, and whatever looks like a credential in texts and keys.
 *
 * @param paths paths such as `user.pin` or `items[*].code`.
 * @example
 * createLogger({ format: format.combine(redactFormat(['order.iban']), format.json()) });
 */
export function redactFormat(paths: readonly string[] = []): Logform.Format {
  const { format } = require('winston') as typeof winston;
  const redact = paths.length === 0 ? undefined : slowRedact({ paths: [...paths], censor: REDACTED, serialize: false });
  return format((info) => {
    const scrubbed = scrubValue(fieldsOf(info)) as Logform.TransformableInfo;
    return withSymbols((redact ? redact(scrubbed) : scrubbed) as Info, info);
  })();
}

/** The properties of a record. An Error that is logged by itself does not enumerate its own. */
function fieldsOf(info: Info): Logform.TransformableInfo {
  if (!isError(info)) return { ...info };
  const { name, message, stack } = info as unknown as Error;
  return { ...(info as Info), message: `${name}: ${message}`, stack };
}

/** Sets the symbols from which winston reads the level and the rest of the arguments. */
function withSymbols(redacted: Info, info: Info): Info {
  for (const key of Object.getOwnPropertySymbols(info)) redacted[key] = typeof info[key] === 'string' ? info[key] : scrubValue(info[key]);
  return redacted;
}
