import { MINUTE, SECOND } from '../../constants/limits';
import { faultOfServer } from '../../modules/cli/faultOfServer';
import { shownDuration } from '../../modules/cli/shownTime';
import { HoldfastError } from '../../modules/errors/holdfastError';
import { causeOfFetch } from '../../modules/client/causeOfFetch';

/** How long answers are waited for, in milliseconds. */
export interface AnswerLimits {
  /** A read is over after it: the server can be asked again. */
  readonly readMs: number;
  /** An action is over after it. It may have been done, so that to end early would leave a user in doubt. */
  readonly actionMs: number;
  /** Time between two notes of an action that waits. */
  readonly noteMs: number;
  readonly note: (text: string) => void;
}

export const ANSWER_LIMITS: AnswerLimits = {
  readMs: 10 * SECOND,
  actionMs: 10 * MINUTE,
  noteMs: 10 * SECOND,
  note: (text) => void process.stderr.write(`${text}\n`),
};

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
  readonly #limits: AnswerLimits;

  /** @param api the path that those of the requests are behind. */
  constructor(server: string, token: string | undefined, api: '/v1/admin' | '/v1', limits = ANSWER_LIMITS) {
    this.#server = server;
    this.#base = `${server.replace(/\/+$/, '')}${api}`;
    this.#token = token;
    this.#limits = limits;
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
    const isRead = method === 'GET';
    const limitMs = isRead ? this.#limits.readMs : this.#limits.actionMs;
    const endNotes = isRead ? () => undefined : this.#noteWaiting();
    const rest = { headers, signal: AbortSignal.timeout(limitMs), redirect: 'error' as const };
    try {
      const answer = await fetch(`${this.#base}${path}`, { method, ...(body === undefined ? {} : { body: JSON.stringify(body) }), ...rest });
      const { ok, status, statusText } = answer;
      return { ok, status, statusText, text: await answer.text() };
    } catch (cause) {
      const because = rest.signal.aborted ? `it has not answered within ${shownDuration(limitMs)}` : causeOfFetch(cause);
      throw new HoldfastError('HOLDFAST_SERVER_UNREACHABLE', { field: this.#server, because });
    } finally {
      endNotes();
    }
  }

  /** Tells now and then that an action waits. Returns what ends that. */
  #noteWaiting(): () => void {
    const { noteMs, note } = this.#limits;
    const from = performance.now();
    const text = (): string => `Still waiting for ${this.#server}, for ${shownDuration(performance.now() - from)}; it may do what was asked`;
    const timer = setInterval(() => note(text()), noteMs);
    return () => clearInterval(timer);
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
