import { BrokerError, errorOfFetch, errorOfProblem, errorOfStatus } from '../../modules/client/brokerError';
import type { ClientSettings } from '../../modules/client/clientOptions';
import { repeatDelay } from '../../modules/client/repeatDelay';
import type { WireProblem } from '../../modules/client/wire';
import { pause } from './pause';

/** A call of the server. */
export interface Call<Answer> {
  readonly method: 'GET' | 'POST' | 'PUT';
  readonly path: string;
  /** JSON text. */
  readonly body?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** True if it may be made twice. */
  readonly isRepeatable: boolean;
  /** Reads the answer. A transient error that it throws is one of the call. */
  readonly read: (answer: unknown, isRepeat: boolean) => Answer;
  /** Time beside that for any answer. */
  readonly waitMs?: number;
  readonly signal?: AbortSignal | undefined;
}

/** Longest `Retry-After` that is kept to. */
const MOST_RETRY_AFTER_MS = 10_000;

/** Makes calls of the server, and repeats those that may be made twice. */
export class Transport {
  readonly #settings: ClientSettings;
  readonly #headers: Readonly<Record<string, string>>;

  constructor(settings: ClientSettings) {
    this.#settings = settings;
    this.#headers = settings.token === undefined ? {} : { authorization: `Bearer ${settings.token}` };
  }

  /**
   * Makes a call.
   *
   * @throws BrokerError, or the reason of the signal.
   */
  async call<Answer>(call: Call<Answer>): Promise<Answer> {
    const endMs = performance.now() + this.#settings.retryForMs;
    for (let tries = 0; ; tries += 1) {
      try {
        return this.#read(call, await this.#once(call), tries > 0);
      } catch (error) {
        if (!(error instanceof BrokerError) || !error.isTransient || !(call.isRepeatable || error.isUnsent)) throw error;
        const delayMs = repeatDelay(tries, error.retryAfterMs, Math.random());
        if (performance.now() + delayMs > endMs) throw error;
        await pause(delayMs, call.signal);
      }
    }
  }

  #read<Answer>({ read }: Call<Answer>, answer: unknown, isRepeat: boolean): Answer {
    try {
      return read(answer, isRepeat);
    } catch (error) {
      // Another server answers with other JSON.
      throw error instanceof BrokerError ? error : errorOfStatus(200, this.#settings.url);
    }
  }

  async #once({ method, path, body, headers = {}, waitMs = 0, signal }: Call<unknown>): Promise<unknown> {
    signal?.throwIfAborted();
    const { url, timeoutMs } = this.#settings;
    const ended = new AbortController();
    const leave = (): void => ended.abort(signal?.reason);
    const late = new BrokerError('timed_out', `The broker at ${url} did not answer within ${timeoutMs + waitMs} ms.`, { isTransient: true });
    const timer = setTimeout(() => ended.abort(late), timeoutMs + waitMs);
    signal?.addEventListener('abort', leave);
    try {
      const type = body === undefined ? {} : { 'content-type': 'application/json' };
      const request = {
        method,
        headers: { accept: 'application/json', ...type, ...this.#headers, ...headers },
        signal: ended.signal,
        redirect: 'error' as const,
      };
      const response = await fetch(`${url}${path}`, body === undefined ? request : { ...request, body });
      // What the server has begun to answer with is read, so that no message is handed out to nobody.
      signal?.removeEventListener('abort', leave);
      return await answerOf(response, url);
    } catch (error) {
      if (ended.signal.aborted) throw ended.signal.reason;
      throw error instanceof BrokerError ? error : errorOfFetch(error, url);
    } finally {
      clearTimeout(timer);
      signal?.removeEventListener('abort', leave);
    }
  }
}

async function answerOf(response: Response, url: string): Promise<unknown> {
  const text = await response.text();
  const value = jsonOf(text);
  if (response.ok && (response.status === 204 || value !== undefined)) return value;
  const retryAfterMs = Math.min(MOST_RETRY_AFTER_MS, 1_000 * (Number(response.headers.get('retry-after')) || 0));
  throw isProblem(value) ? errorOfProblem(value, retryAfterMs) : errorOfStatus(response.status, url, retryAfterMs);
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    // A proxy answers with pages; an empty answer is no JSON either.
    return undefined;
  }
}

const isProblem = (value: unknown): value is WireProblem =>
  typeof value === 'object' && value !== null && typeof (value as WireProblem).code === 'string' && typeof (value as WireProblem).detail === 'string';
