import type { HttpOptions } from '../../config/optionTypes';
import type { HttpAnswer, HttpRequest } from '../../modules/http/httpTypes';
import type { TaskContext } from '../../modules/worker/taskContext';
import { httpClient } from './httpClient';
import type { HttpClient } from './httpClient';

/** A handler whose payload is a request, and whose result is the answer. */
export interface HttpHandler {
  (context: TaskContext<HttpRequest>): Promise<HttpAnswer>;
  /** Closes the connections of the handler. Of a client that was passed, they stay open. */
  close(): Promise<void>;
}

/**
 * Makes a handler that sends the request in the payload, and keeps the answer as the result of the task.
 *
 * @param given the options of a client of its own, or a client to share its connections and limits.
 * @throws HOLDFAST_OPTION_…, HOLDFAST_PEER_MISSING.
 * @example
 * worker.handle('call', httpHandler({ timeoutMs: 10_000 }));
 */
export function httpHandler(given: Partial<HttpOptions> | HttpClient = {}): HttpHandler {
  const isShared = isClient(given);
  const client = isShared ? given : httpClient(given);
  // A payload is what JSON makes of a request; the client checks it all the same.
  const handle = (context: TaskContext<HttpRequest>): Promise<HttpAnswer> => client.request(context.payload, context);
  return Object.assign(handle, { close: () => (isShared ? Promise.resolve() : client.close()) });
}

/** A client of another copy of the package is one too. */
const isClient = (given: Partial<HttpOptions> | HttpClient): given is HttpClient => typeof (given as Partial<HttpClient>).request === 'function';
