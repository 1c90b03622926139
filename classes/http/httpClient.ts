import type { Agent } from 'undici';
import { httpOptions } from '../../config/httpOptions';
import type { ResolvedHttpOptions } from '../../config/httpOptions';
import type { HttpOptions } from '../../config/optionTypes';

import { HoldfastError, isHoldfastError } from '../../modules/errors/holdfastError';
import { failedRequest, refusedRequest } from '../../modules/http/httpError';
import { firstHop, sentHeaders } from '../../modules/http/firstHop';
import type { Hop, HttpAnswer, HttpRequest } from '../../modules/http/httpTypes';
import { nextHop } from '../../modules/http/nextHop';
import { headerOf, readAnswer } from '../../modules/http/readAnswer';
import { faultOf } from '../../modules/http/verdict';
import { resolveOptions } from '../../modules/options/resolveOptions';
import type { Caller } from '../../modules/worker/caller';
import { readProperty } from '../../modules/values/readProperty';
import { guardedAgent } from './guardedAgent';
import { HostLimits } from './hostLimits';
import { httpPeers } from './httpPeers';

/** An answer, or what it asks for. */
interface Reply {
  readonly answer: HttpAnswer;
  readonly next: Hop | undefined;
}

/**
 * Makes a client for the handlers of a process. It has the connections and the limits of hosts, so one is made for all handlers, and closed after their
 * worker.
 *
 * @throws HOLDFAST_OPTION_…, HOLDFAST_PEER_MISSING.
 * @example
 * const client = httpClient({ callsPerHost: 5 });
 */
export const httpClient = (options: Partial<HttpOptions> = {}): HttpClient => new HttpClient(resolveOptions(httpOptions, options, 'http'));

/**
 * A client whose requests are guarded, limited and timed, and whose errors say what becomes of a task.
 *
 * @example
 * const answer = await client.request({ url: payload.url, method: 'PUT', body: { status: 'REVIEW' }, accepts: [409, 412] }, context);
 */
export class HttpClient {
  readonly #options: ResolvedHttpOptions;
  readonly #agent: Agent;
  readonly #limits: HostLimits;
  #closing: Promise<void> | undefined;

  /** Use `httpClient`. @internal */
  constructor(options: ResolvedHttpOptions) {
    const peers = httpPeers();
    this.#options = options;
    this.#agent = guardedAgent(peers, options);
    this.#limits = new HostLimits(peers.cockatiel, options);
  }

  /**
   * Makes one request, and resolves with its answer if the status is 200 to 299 or one of `accepts`.
   *
   * Every other ending is an HttpError, which decides what becomes of the task if the handler does not catch it: see docs/http-tasks.md.
   *
   * @param caller the context of the handler or of a step: its key or id is sent as `Idempotency-Key`, and its signal ends the request.
   * @throws HOLDFAST_REQUEST_INVALID, HOLDFAST_ADDRESS_REFUSED and HOLDFAST_REQUEST_REFUSED, after which the task is dead; HOLDFAST_REQUEST_FAILED,
   * after which it is tried again; HOLDFAST_HOST_RESTING, which puts it off without a failure; HOLDFAST_CLIENT_CLOSED; the reason of the signal.
   * @example
   * const { status, body } = await client.request({ url: 'https://api.example.org/challenges/7' }, context);
   */
  async request(request: HttpRequest, caller: Caller = {}): Promise<HttpAnswer> {
    const { accepts, ...first } = firstHop(request, caller.key ?? caller.id);
    let hop: Hop = first;
    for (let left = this.#options.redirects; ; left -= 1) {
      const { answer, next } = await this.#send(hop, accepts, caller.signal);
      if (!next) return answer;
      if (left === 0)
        throw refusedRequest(hop, `was answered by ${answer.status}, a redirect, of which ${this.#options.redirects} are allowed`, answer);
      hop = next;
    }
  }

  /**
   * Closes the connections; requests under way end first. A request made later is refused.
   *
   * @example
   * await worker.stop();
   * await client.close();
   */
  async close(): Promise<void> {
    await (this.#closing ??= this.#agent.close());
  }

  /** Makes one hop when its host has a turn for it. */
  async #send(hop: Hop, accepts: readonly number[], signal: AbortSignal | undefined): Promise<Reply> {
    if (this.#closing) throw new HoldfastError('HOLDFAST_CLIENT_CLOSED');
    signal?.throwIfAborted();
    return this.#limits.run(hop.url.host, signal, () => this.#withinTime(hop, signal, (limited) => this.#exchange(hop, accepts, limited)));
  }

  /** Ends a request at its time limit, or with its task. */
  async #withinTime(hop: Hop, signal: AbortSignal | undefined, exchange: (signal: AbortSignal) => Promise<Reply>): Promise<Reply> {
    const { timeoutMs } = this.#options;
    const limit = new AbortController();
    const timer = setTimeout(() => limit.abort(), timeoutMs);
    try {
      return await exchange(signal ? AbortSignal.any([limit.signal, signal]) : limit.signal);
    } catch (error) {
      if (signal?.aborted) throw signal.reason;
      if (limit.signal.aborted) throw failedRequest(hop, `had no answer within ${timeoutMs} ms`);
      throw isHoldfastError(error) ? error : failedRequest(hop, `was not answered (${wordOf(error)})`, { cause: error });
    } finally {
      clearTimeout(timer);
    }
  }

  async #exchange(hop: Hop, accepts: readonly number[], signal: AbortSignal): Promise<Reply> {
    const { answerBytes, keptHeaders, retryAfterMaxMs, originHeaders } = this.#options;
    const { url, method, body } = hop;
    const headers = sentHeaders(hop, originHeaders);
    const raw = await this.#agent.request({ origin: url.origin, path: `${url.pathname}${url.search}`, method, headers, body, signal });
    const answer = await readAnswer(raw, answerBytes, keptHeaders);
    const next = accepts.includes(answer.status) ? undefined : nextHop(hop, answer.status, headerOf(raw.headers, 'location'));
    const fault = next ? undefined : faultOf(hop, answer, raw.headers, { accepts, retryAfterMaxMs });
    if (fault) throw fault;
    return { answer, next };
  }
}

/** The code of a fault of the network. Its message may hold more than is to be told. */
const wordOf = (error: unknown): string => {
  const code = readProperty(error, 'code');
  return typeof code === 'string' ? code : 'a fault of the network';
};
