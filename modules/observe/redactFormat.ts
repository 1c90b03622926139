import slowRedact from '@pinojs/redact';
import { format } from 'winston';
import type { Logform } from 'winston';
import { REDACTED, scrub } from '../values/secrets';

/** Paths at which records commonly hold secrets. */
const COMMON_PATHS = ['password', 'secret', 'token', 'apiKey', 'authorization', 'cookie'].flatMap((name) => [name, `*.${name}`, `*.*.${name}`]);
const HEADER_PATHS = ['Authorization', 'Cookie', '["set-cookie"]', '["x-api-key"]'].map((name) =>
  name.startsWith('[') ? `headers${name}` : `headers.${name}`,
);

/**
 * Returns a winston format that redacts secrets: the values at the given paths and at common ones such as `password` and `headers.authorization`, and
 * whatever looks like a credential in the message.
 *
 * @param paths paths such as `user.pin` or `items[*].code`.
 * @example
 * createLogger({ format: format.combine(redactFormat(['order.iban']), format.json()) });
 */
export function redactFormat(paths: readonly string[] = []): Logform.Format {
  const redact = slowRedact({ paths: [...COMMON_PATHS, ...HEADER_PATHS, ...paths], censor: REDACTED, serialize: false });
  return format((info) => {
    const redacted = redact(info) as Logform.TransformableInfo;
    // The copy lacks the symbols from which winston reads the level.
    for (const key of Object.getOwnPropertySymbols(info))
      (redacted as unknown as Record<symbol, unknown>)[key] = (info as Record<symbol, unknown>)[key];
    return { ...redacted, message: typeof redacted.message === 'string' ? scrub(redacted.message) : redacted.message };
  })();
}
