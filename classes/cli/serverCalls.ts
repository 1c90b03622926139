import { MINUTE } from '../../constants/limits';
import { faultOfServer } from '../../modules/cli/faultOfServer';
import { HoldfastError } from '../../modules/errors/holdfastError';

/** The longest wait for an answer. A purge of many tasks takes long. */
const ANSWER_MS = 10 * MINUTE;

type Method = 'GET' | 'POST' | 'PUT' | 'DELETE';

/** A request, and what it is about, for an error. */
interface Asked {
  readonly method: Method;
  readonly path: string;
  readonly what: string;
  readonly body?: unknown;
  readonly signal?: AbortSignal;
}

/** Sends requests to a server. */
export class ServerCalls {
  readonly #base: string;
  readonly #token: string | undefined;

  /** @param api the path that those of the requests are behind. */
  constructor(server: string, token: string | undefined, api: '/v1/admin' | '/v1') {
    this.#base = `${server.replace(/\/+$/, '')}${api}`;
    this.#token = token;
  }

  get<Answer>(path: string, what = path): Promise<Answer> {
    return this.#send({ method: 'GET', path, what });
  }

  post<Answer = unknown>(path: string, what: string, body: unknown = {}, signal?: AbortSignal): Promise<Answer> {
    return this.#send({ method: 'POST', path, what, body, ...(signal ? { signal } : {}) });
  }

  put<Answer>(path: string, what: string, body: unknown): Promise<Answer> {
    return this.#send({ method: 'PUT', path, what, body });
  }

  delete(path: string, what: string): Promise<unknown> {
    return this.#send({ method: 'DELETE', path, what });
  }

  async #send<Answer>(asked: Asked): Promise<Answer> {
    const answer = await this.#fetch(asked);
    const text = await answer.text();
    const body = parsed(text);
    if (!answer.ok) throw faultOfServer({ code: '', detail: answer.statusText, ...(body as object), status: answer.status }, asked.what);
    if (body === undefined) throw new HoldfastError('HOLDFAST_SERVER_FAULT', { field: this.#base });
    return body as Answer;
  }

  async #fetch({ method, path, body, signal }: Asked): Promise<Response> {
    const headers = {
      accept: 'application/json',
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...(this.#token ? { authorization: `Bearer ${this.#token}` } : {}),
    };
    const limit = AbortSignal.timeout(ANSWER_MS);
    try {
      const rest = { signal: signal ? AbortSignal.any([signal, limit]) : limit, redirect: 'error' as const };
      return await fetch(`${this.#base}${path}`, { method, headers, ...(body === undefined ? {} : { body: JSON.stringify(body) }), ...rest });
    } catch (cause) {
      if (signal?.aborted) throw cause;
      const { code } = ((cause as Error).cause ?? {}) as { readonly code?: string };
      throw new HoldfastError('HOLDFAST_SERVER_UNREACHABLE', { field: this.#base, because: code ?? (cause as Error).message });
    }
  }
}

function parsed(text: string): unknown {
  try {
    return text === '' ? null : (JSON.parse(text) as unknown);
  } catch {
    // A proxy in between may answer with a page.
    return undefined;
  }
}
