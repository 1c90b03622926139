import { BrokerError } from './brokerError';

/** Options of a BrokerClient. */
export interface BrokerClientOptions {
  /** The address of the broker, with the prefix under which it is mounted if it is. By default `http://127.0.0.1:9324`. */
  readonly url?: string;
  /** The token that the server knows. */
  readonly token?: string;
  /** Time for one answer in milliseconds; a receive has its `waitSeconds` beside it. By default 10,000. */
  readonly timeoutMs?: number;
  /** Time in milliseconds for which a call that may be repeated is repeated while the broker is away. By default 30,000; 0 repeats none. */
  readonly retryForMs?: number;
}

/** How to consume. */
export interface ConsumeOptions {
  /** The most messages in hand at once, 1 to 1,000. By default 10. */
  readonly concurrency?: number;
  /** Ends the loop: what is not begun is given back. */
  readonly signal?: AbortSignal;
  /** The visibility timeout that is extended again and again, 1 to 43,200 seconds. By default that of the queue. */
  readonly visibilityTimeoutSeconds?: number;
  /** The longest wait of one poll, 1 to 20 seconds. By default 20. */
  readonly waitSeconds?: number;
  /** Is told why a poll failed that is repeated, and why a message was not given back at the end. */
  readonly onError?: (error: unknown) => void;
}

/** The options of a client as they are used. */
export type ClientSettings = Required<Omit<BrokerClientOptions, 'token'>> & Pick<BrokerClientOptions, 'token'>;

/** Repeats stay within the five minutes for which the server remembers a send. */
const MOST_RETRY_MS = 240_000;
const MOST_TIMEOUT_MS = 240_000;

const refuse = (field: string, expected: string): never => {
  throw new BrokerError('option_invalid', `${field} must be ${expected}.`);
};

/** Checks a whole number. */
export function checkWhole(field: string, value: unknown, least: number, most: number): void {
  if (!Number.isInteger(value) || (value as number) < least || (value as number) > most) refuse(field, `a whole number from ${least} to ${most}`);
}

/**
 * Returns the options with defaults.
 *
 * @throws BrokerError `option_invalid`
 */
export function clientSettings({
  url = 'http://127.0.0.1:9324',
  token,
  timeoutMs = 10_000,
  retryForMs = 30_000,
}: BrokerClientOptions): ClientSettings {
  checkWhole('timeoutMs', timeoutMs, 1, MOST_TIMEOUT_MS);
  checkWhole('retryForMs', retryForMs, 0, MOST_RETRY_MS);
  if (token !== undefined && !/^[\x21-\x7e]+$/.test(token)) refuse('token', 'a token as `holdfast token` prints it');
  return { url: baseOf(url), timeoutMs, retryForMs, ...(token === undefined ? {} : { token }) };
}

/** The address is shown in errors, so it holds no secret. */
function baseOf(url: string): string {
  const parsed = URL.canParse(url) ? new URL(url) : undefined;
  if (!parsed || !/^https?:$/.test(parsed.protocol)) return refuse('url', 'an http: or https: address');
  if (parsed.username !== '' || parsed.password !== '') refuse('url', 'an address without a user: give the token as `token`');
  if (parsed.search !== '' || parsed.hash !== '') refuse('url', 'an address without ? and #');
  return parsed.href.replace(/\/+$/, '');
}
