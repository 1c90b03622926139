import Fastify from 'fastify';
import type { FastifyInstance } from 'fastify';
import type { AddressInfo, Socket } from 'node:net';
import { serverOptions } from '../../config/serverOptions';
import type { DeclaredQueue, ServerOptions } from '../../config/serverOptions';
import { HEADER_BYTES, PARAM_LENGTH } from '../../constants/serverLimits';
import { HoldfastError } from '../../modules/errors/holdfastError';
import { resolveOptions } from '../../modules/options/resolveOptions';
import { isLoopback } from '../../modules/server/loopback';
import { problem } from '../../modules/server/problem';
import { serverCredentials, serverTokens } from '../../modules/server/serverTokens';
import { Broker } from '../broker/broker';
import type { Store } from '../store/store';
import { brokerPlugin } from './brokerPlugin';
import type { BrokerPluginOptions } from './brokerPlugin';
import { PROBLEM_TYPE } from './faults';

/** What `startServer` takes: an opened store, and options of `config/serverOptions`. */
export interface StartOptions extends BrokerPluginOptions, Partial<Omit<ServerOptions, 'tokens' | 'authorize' | 'credentials'>> {}

/** A broker that listens. */
export interface BrokerServer {
  /** The address under which clients on this machine reach it. */
  readonly url: string;
  readonly port: number;
  /** Stops listening, ends long polls without messages and waits for the other requests. The store stays open. Safe to call twice. */
  close(): Promise<void>;
}

/**
 * Starts the broker on a port: by default 9324 of this machine, which no other machine reaches.
 *
 * @throws HOLDFAST_SERVER_OPEN if other machines reach the address and there are no tokens, HOLDFAST_PORT_TAKEN, HOLDFAST_ADDRESS_UNUSABLE or
 *   HOLDFAST_OPTION_….
 * @example
 * const server = await startServer({ store: await openStore('sqlite:./data/holdfast.db') });
 * process.once('SIGTERM', () => void server.close());
 */
export async function startServer({ store, tokens, credentials, ...given }: StartOptions): Promise<BrokerServer> {
  const secrets = { ...(tokens ? { tokens: serverTokens(tokens) } : {}), ...(credentials ? { credentials: serverCredentials(credentials) } : {}) };
  const options = resolveOptions(serverOptions, { ...given, ...secrets }, 'server');
  refuseOpenDoor(options);
  const { host, allowedHosts, allowWrites, createQueues, publicUrl, account } = options;
  await declareQueues(store, options.queues);
  const app = makeApp(options);
  await app.register(brokerPlugin, {
    ...{ store, allowedHosts: [...allowedHosts, host], allowWrites, createQueues, account },
    ...(publicUrl === undefined ? {} : { publicUrl }),
    ...(credentials ? { credentials } : {}),
    ...doorOf(options, tokens),
  });
  await listen(app, options);
  return serverOf(app, options);
}

/** Keys for SQS alone do not open the other routes to other machines: without tokens nobody gets in there. */
function doorOf({ host, insecureNoAuth }: ServerOptions, tokens: StartOptions['tokens']): Pick<StartOptions, 'tokens'> {
  if (tokens) return { tokens };
  return isLoopback(host) || insecureNoAuth ? {} : { tokens: [] };
}

function refuseOpenDoor({ host, tokens = [], credentials = [], insecureNoAuth }: ServerOptions): void {
  if (isLoopback(host) || insecureNoAuth || tokens.length + credentials.length > 0) return;
  throw new HoldfastError('HOLDFAST_SERVER_OPEN', { field: 'server.host' });
}

/** Makes the queues of the options; one that is there gets the attributes that are named. */
async function declareQueues(store: Store, queues: readonly DeclaredQueue[]): Promise<void> {
  if (queues.length === 0) return;
  const broker = new Broker(store);
  for (const { name, attributes = {}, tags } of queues) {
    try {
      await broker.createQueue(name, attributes, tags);
    } catch (error) {
      if (!(error instanceof HoldfastError && error.code === 'HOLDFAST_QUEUE_EXISTS')) throw error;
      await broker.configureQueue(name, attributes, tags);
    }
  }
  await broker.close();
}

/** Makes the framework's server, with limits for clients that are slow or send too much. */
export function makeApp({ headersTimeoutMs, requestTimeoutMs }: Pick<ServerOptions, 'headersTimeoutMs' | 'requestTimeoutMs'>): FastifyInstance {
  const app = Fastify({
    requestTimeout: requestTimeoutMs,
    http: { headersTimeout: headersTimeoutMs, connectionsCheckingInterval: Math.min(headersTimeoutMs, 5_000), maxHeaderSize: HEADER_BYTES },
    ...{ logger: false, return503OnClosing: false, forceCloseConnections: 'idle' },
    routerOptions: { maxParamLength: PARAM_LENGTH },
    clientErrorHandler: refuseConnection,
  });
  app.setNotFoundHandler(({ id, method }, reply) => {
    const told = problem('route_unknown', `There is no route for ${method} on this path: see /docs.`, { requestId: id });
    return reply.code(told.status).type(PROBLEM_TYPE).send(JSON.stringify(told));
  });
  return app;
}

const CONNECTION_PROBLEMS: Readonly<Record<string, ReturnType<typeof problem>>> = {
  HPE_HEADER_OVERFLOW: problem('headers_too_large', `The headers of a request may have ${HEADER_BYTES} bytes.`),
  ERR_HTTP_REQUEST_TIMEOUT: problem('request_timeout', 'The request took longer to arrive than the server waits.'),
};

/** Answers to what is no request, and closes the connection. */
function refuseConnection(error: NodeJS.ErrnoException, socket: Socket): void {
  if (error.code === 'ECONNRESET' || !socket.writable) return void socket.destroy();
  const told = CONNECTION_PROBLEMS[error.code ?? ''] ?? problem('malformed_request', 'The request is not HTTP/1.1.');
  const text = JSON.stringify(told);
  const head = [
    `HTTP/1.1 ${told.status} ${told.title}`,
    `content-type: ${PROBLEM_TYPE}`,
    `content-length: ${Buffer.byteLength(text)}`,
    'connection: close',
  ];
  socket.end(`${head.join('\r\n')}\r\n\r\n${text}`);
}

async function listen(app: FastifyInstance, { host, port }: ServerOptions): Promise<void> {
  try {
    await app.listen({ host, port });
  } catch (error) {
    await app.close();
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EADDRINUSE') throw new HoldfastError('HOLDFAST_PORT_TAKEN', { field: 'server.port', got: `${host}:${port}`, cause: error });
    if (code?.startsWith('E'))
      throw new HoldfastError('HOLDFAST_ADDRESS_UNUSABLE', { field: 'server.host', got: `${host}:${port}, ${code}`, cause: error });
    throw error;
  }
}

function serverOf(app: FastifyInstance, { host, closeGraceMs }: ServerOptions): BrokerServer {
  const { port } = app.server.address() as AddressInfo;
  const shown = host === '0.0.0.0' || host === '::' ? '127.0.0.1' : host;
  let closing: Promise<void> | undefined;
  const close = async (): Promise<void> => {
    const timer = setTimeout(() => app.server.closeAllConnections(), closeGraceMs);
    await app.close();
    clearTimeout(timer);
  };
  return { url: `http://${shown.includes(':') ? `[${shown}]` : shown}:${port}`, port, close: () => (closing ??= close()) };
}
