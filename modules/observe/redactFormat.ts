import slowRedact from '@pinojs/redact';
import { format } from 'winston';
import type { Logform } from 'winston';
import { REDACTED, scrub } from '../values/secrets';

/** Paths under which secrets stand in what is logged, by custom. */
const COMMON_PATHS = ['password', 'secret', 'token', 'apiKey', 'authorization', 'cookie'].flatMap((name) => [name, `*.${name}`, `*.*.${name}`]);
const HEADER_PATHS = ['Authorization', 'Cookie', '["set-cookie"]', '["x-api-key"]'].map((name) =>
  name.startsWith('[') ? `headers${name}` : `headers.${name}`,
);

/**
 * A format of winston that leaves secrets out of what is logged: what stands at the paths given and at those that are secret by custom, and in the message
 * what looks like a credential.
 *
 * @param paths as `user.pin` or `items[*].code`.
 * @example
 * createLogger({ format: format.combine(redactFormat(['order.iban']), format.json()) });
 */
export function redactFormat(paths: readonly string[] = []): Logform.Format {
  const redact = slowRedact({ paths: [...COMMON_PATHS, ...HEADER_PATHS, ...paths], censor: REDACTED, serialize: false });
  return format((info) => {
    const redacted = redact(info) as Logform.TransformableInfo;
    // The copy lacks the symbols by which winston knows the level.
    for (const key of Object.getOwnPropertySymbols(info))
      (redacted as unknown as Record<symbol, unknown>)[key] = (info as Record<symbol, unknown>)[key];
    return { ...redacted, message: typeof redacted.message === 'string' ? scrub(redacted.message) : redacted.message };
  })();
}
