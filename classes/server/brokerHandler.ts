import type { IncomingMessage, ServerResponse } from 'node:http';
import { serverOptions } from '../../config/serverOptions';
import { HoldfastError } from '../../modules/errors/holdfastError';
import { resolveOptions } from '../../modules/options/resolveOptions';
import { brokerPlugin } from './brokerPlugin';
import type { BrokerPluginOptions } from './brokerPlugin';
import { makeApp } from './brokerServer';
import { takeReadBodies } from './jsonBodies';
import type { Authorize } from './serverParts';

/** A request handler of Node.js. */
export type NodeHandler = (request: IncomingMessage, response: ServerResponse) => void;

/** What `brokerHandler` takes: the options of the plugin, with requests of Node.js. */
export interface HandlerOptions extends Omit<BrokerPluginOptions, 'authorize'> {
  /** As that of the plugin. The request is the one of your framework: with Express, `request.user` and the like are there. */
  readonly authorize?: Authorize<IncomingMessage>;
  /**
   * The path under which the handler is called, such as `/holdfast`, where your server leaves it in the URL of the request. Express and Nest take it away
   * themselves.
   */
  readonly basePath?: string;
}

/** A request of a framework that has taken the base path away, or has read the body. */
type FrameworkRequest = IncomingMessage & { originalUrl?: string };

/**
 * Returns the broker, the admin API and the dashboard as a handler for the HTTP server of Node.js, or for one that is like it, such as Express, Koa or Nest.
 *
 * @throws HOLDFAST_OPTION_…
 * @example
 * const { handler } = await brokerHandler({ store, tokens });
 * express().use('/holdfast', handler);
 */
export async function brokerHandler(options: HandlerOptions): Promise<{ readonly handler: NodeHandler; readonly close: () => Promise<void> }> {
  const { basePath, authorize, ...rest } = options;
  const base = readBase(basePath);
  const app = makeApp(resolveOptions(serverOptions, {}, 'server', {}));
  // Also for a path without a route, on which the framework may have read the body already.
  takeReadBodies(app);
  await app.register(brokerPlugin, { ...rest, ...(authorize ? { authorize: ({ raw }) => authorize(raw) } : {}) });
  await app.ready();
  const handler: NodeHandler = (request, response) => {
    // Koa has written 404 by then, and an answer without a code of its own would keep it.
    response.statusCode = 200;
    app.routing(base === '' ? request : withoutBase(request, base), response);
  };
  return { handler, close: () => app.close() };
}

function readBase(basePath: unknown = ''): string {
  if (typeof basePath === 'string' && /^(\/[^?#]*)?$/.test(basePath)) return basePath.replace(/\/+$/, '');
  throw new HoldfastError('HOLDFAST_OPTION_INVALID', { field: 'server.basePath', expected: 'a path such as /holdfast' });
}

function withoutBase(request: FrameworkRequest, base: string): IncomingMessage {
  const { url = '/' } = request;
  if (url !== base && !url.startsWith(`${base}/`) && !url.startsWith(`${base}?`)) return request;
  request.originalUrl ??= url;
  const rest = url.slice(base.length);
  request.url = rest.startsWith('/') ? rest : `/${rest}`;
  return request;
}
