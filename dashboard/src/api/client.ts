import { noteServerTime } from '../live/clock';
import { link } from '../live/link';

interface Problem {
  readonly code?: string;
  readonly title?: string;
  readonly detail?: string;
  readonly at?: number | null;
}

/** A refusal of the server, as it says it itself. */
export class Refusal extends Error {
  override readonly name = 'Refusal';
  readonly status: number;
  readonly code: string;
  /** The place of a fault in a search text, if it names one. */
  readonly at: number | null;

  constructor(status: number, { code = '', title = '', detail = '', at = null }: Problem) {
    super(detail || title || `The server answered ${status}.`);
    this.status = status;
    this.code = code;
    this.at = at;
  }
}

/** The base of the page is that of the API, so that it works behind any path. */
export const urlOf = (path: string): string => new URL(`v1/${path}`, document.baseURI).href;

/** Writes a path with the query that has a value. */
export function withQuery(path: string, query: Readonly<Record<string, string | number | undefined>>): string {
  const given = Object.entries(query).flatMap(([key, value]) => (value === undefined || value === '' ? [] : [[key, String(value)]]));
  return given.length === 0 ? path : `${path}?${new URLSearchParams(given).toString()}`;
}

/** Writes a path of names that may hold anything. */
export const pathOf = (...names: readonly string[]): string => names.map(encodeURIComponent).join('/');

/** Reads from the API, and notes that the server is there. */
export const get = <T>(path: string, signal?: AbortSignal): Promise<T> => call<T>(path, signal ? { signal } : {});

/** Changes something by the API. */
export const post = <T>(path: string, body?: unknown, method: 'POST' | 'DELETE' = 'POST'): Promise<T> =>
  call<T>(path, { method, ...(body === undefined ? {} : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }) });

async function call<T>(path: string, init: RequestInit): Promise<T> {
  const response = await answerOf(path, init);
  const answer = (await response.json().catch(() => ({}))) as T & { readonly now?: string };
  if (!response.ok) {
    const refusal = new Refusal(response.status, answer as Problem);
    // A proxy answers with these while the server is away, and the server itself while its store is.
    if (response.status >= 502 && response.status <= 504 && refusal.code === '') link.noteAway();
    else link.noteServer();
    throw refusal;
  }
  link.noteAnswer();
  if (answer?.now) noteServerTime(answer.now);
  return answer;
}

async function answerOf(path: string, init: RequestInit): Promise<Response> {
  try {
    return await fetch(urlOf(path), { ...init, credentials: 'same-origin', cache: 'no-store' });
  } catch (error) {
    if (!init.signal?.aborted) link.noteAway();
    throw error;
  }
}

/** What a person is told of an error. */
export function toldOf(error: unknown): string {
  if (error instanceof Refusal) return error.status === 401 ? 'The server wants a token: reload the page to sign in.' : error.message;
  return error instanceof TypeError ? 'The server does not answer.' : String((error as Error)?.message ?? error);
}
