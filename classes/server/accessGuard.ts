import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Action } from '../../constants/serverLimits';
import { isHostAllowed, isSameOrigin } from '../../modules/server/origin';
import { RequestFault } from '../../modules/server/problem';
import { presentedToken } from '../../modules/server/tokens';
import type { Credential } from '../../modules/server/tokens';
import type { Access, ServerApp, ServerParts } from './serverParts';

/** Methods that change nothing. */
const READS: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS']);

const SAFE_HEADERS = {
  'cache-control': 'no-store',
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cross-origin-resource-policy': 'same-origin',
};

/** Checks each request before its body is read: its host, its origin and its token. */
export function guardAccess(app: ServerApp, parts: ServerParts): void {
  app.decorateRequest('credential', null);
  app.addHook('onRequest', (request, reply, done) => {
    reply.headers(SAFE_HEADERS);
    check(request, request.routeOptions.config.access, parts);
    done();
  });
}

function check(request: FastifyRequest, access: Access | undefined, { allowedHosts, lookup }: ServerParts): void {
  // Probes of an orchestrator name whatever they like, and learn nothing else here.
  if (access === 'everybody') return;
  checkHost(request, allowedHosts);
  checkOrigin(request);
  if (access === undefined) throw new RequestFault('not_allowed', 'This route has no rule that says who may call it.');
  if (!lookup) return;
  const credential = credentialOf(request, lookup);
  request.credential = credential;
  if (access !== 'known') checkAction(request, credential, access);
}

function checkHost({ headers }: FastifyRequest, allowed: readonly string[]): void {
  if (isHostAllowed(headers.host, allowed)) return;
  throw new RequestFault(
    'host_refused',
    'The Host header names no host of this server. Address it by its IP address, or list the name: --allowed-hosts.',
  );
}

function checkOrigin({ method, headers }: FastifyRequest): void {
  if (READS.has(method) || isSameOrigin(headers)) return;
  throw new RequestFault('cross_origin', 'The request comes from a page of another origin. Programs send no Origin header.');
}

function credentialOf(request: FastifyRequest, lookup: (token: string) => Credential | undefined): Credential {
  const headers = { 'www-authenticate': request.routeOptions.config.isPage ? 'Basic realm="holdfast", charset="UTF-8"' : 'Bearer realm="holdfast"' };
  const token = presentedToken(request.headers.authorization);
  if (token === undefined) throw new RequestFault('token_missing', 'Send a token of this server: Authorization: Bearer <token>.', { headers });
  const credential = lookup(token);
  if (!credential) throw new RequestFault('token_unknown', 'The server has no token with this hash.', { headers });
  return credential;
}

function checkAction(request: FastifyRequest, credential: Credential, action: Action): void {
  if (!credential.actions.has(action)) throw new RequestFault('not_allowed', `The token does not allow the action ${action}.`);
  const { queue } = (request.params ?? {}) as { readonly queue?: string };
  if (queue !== undefined) checkQueue(credential, queue);
}

/**
 * Checks that a token is good for a queue.
 *
 * @throws RequestFault `not_allowed`
 */
export function checkQueue(credential: Credential | null, queue: string): void {
  if (credential === null || queue.startsWith(credential.prefix)) return;
  throw new RequestFault('not_allowed', `The token is for queues whose names begin with ${credential.prefix}.`);
}

/** Tells whether a request may do something on a queue. */
export const allows = (credential: Credential | null, action: Action, queue: string): boolean =>
  credential === null || (credential.actions.has(action) && queue.startsWith(credential.prefix));

/** Ends a request with the headers of its fault. */
export const withHeaders = (reply: FastifyReply, error: unknown): FastifyReply =>
  error instanceof RequestFault ? reply.headers(error.headers) : reply;
