import { MINUTE } from '../../constants/limits';
import { faultOfServer } from '../../modules/cli/faultOfServer';
import { HoldfastError } from '../../modules/errors/holdfastError';
import { causeOfFetch } from '../../modules/client/causeOfFetch';

/** The longest wait for an answer. A purge of many tasks takes long. */
const ANSWER_MS = 10 * MINUTE;

type Method = 'GET' | 'POST' | 'PUT' | 'DELETE';

/** A request, and what it is about, for an error. */
interface Asked {
  readonly method: Method;
  readonly path: string;
  readonly what: string;
  readonly body?: unknown;
}

/** What a server has answered. */
interface Answered extends Pick<Response, 'ok' | 'status' | 'statusText'> {
  readonly text: string;
}

/** Sends requests to a server. */
export class ServerCalls {
  readonly #server: string;
  readonly #base: string;
  readonly #token: string | undefined;

  /** @param api the path that those of the requests are behind. */
  constructor(server: string, token: string | undefined, api: '/v1/admin' | '/v1') {
    this.#server = server;
    this.#base = `${server.replace(/\/+$/, '')}${api}`;
    this.#token = token;
  }

  get<Answer>(path: string, what = path): Promise<Answer> {
    return this.#send({ method: 'GET', path, what });
  }

  post<Answer = unknown>(path: string, what: string, body: unknown = {}): Promise<Answer> {
    return this.#send({ method: 'POST', path, what, body });
  }

  put<Answer>(path: string, what: string, body: unknown): Promise<Answer> {
    return this.#send({ method: 'PUT', path, what, body });
  }

  delete(path: string, what: string): Promise<unknown> {
    return this.#send({ method: 'DELETE', path, what });
  }

  async #send<Answer>(asked: Asked): Promise<Answer> {
    const { ok, status, statusText, text } = await this.#fetch(asked);
    const body = parsed(text);
    const action = asked.method === 'GET' ? ('read' as const) : ('admin' as const);
    if (!ok) throw faultOfServer({ code: '', detail: statusText, ...(body as object), status }, { what: asked.what, action });
    if (body === undefined) throw new HoldfastError('HOLDFAST_SERVER_FAULT', { field: this.#server });
    return body as Answer;
  }

  /** Returns an answer with its whole text: a server may end in the middle of it. */
  async #fetch({ method, path, body }: Asked): Promise<Answered> {
    const headers = {
      accept: 'application/json',
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...(this.#token ? { authorization: `Bearer ${this.#token}` } : {}),
    };
    const limit = AbortSignal.timeout(ANSWER_MS);
    try {
      const rest = { signal: limit, redirect: 'error' as const };
      const answer = await fetch(`${this.#base}${path}`, { method, headers, ...(body === undefined ? {} : { body: JSON.stringify(body) }), ...rest });
      const { ok, status, statusText } = answer;
      return { ok, status, statusText, text: await answer.text() };
    } catch (cause) {
      throw new HoldfastError('HOLDFAST_SERVER_UNREACHABLE', { field: this.#server, because: causeOfFetch(cause) });
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
