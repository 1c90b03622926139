import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Action } from '../../constants/serverLimits';
import { credentialOfUser } from '../../modules/server/credential';
import type { Credential } from '../../modules/server/credential';
import { isHostAllowed, isSameOrigin } from '../../modules/server/origin';
import { RequestFault } from '../../modules/server/problem';
import { hasToken, presentedToken } from '../../modules/server/tokens';
import type { Access, ServerApp, ServerParts } from './serverParts';

/** Methods that change nothing. */
const READS: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS']);

const SAFE_HEADERS = {
  'cache-control': 'no-store',
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cross-origin-resource-policy': 'same-origin',
};

type GuardParts = Pick<ServerParts, 'allowedHosts' | 'allowWrites' | 'authorize' | 'lookup'>;

/** Checks each request before its body is read: its host, its origin and who calls. */
export function guardAccess(app: ServerApp, parts: GuardParts): void {
  app.decorateRequest('credential', null);
  app.addHook('onRequest', (request, reply, done) => {
    reply.headers(SAFE_HEADERS);
    const { access } = request.routeOptions.config;
    // Probes of an orchestrator name whatever they like, and learn nothing else here.
    if (access === 'everybody') return done();
    checkHost(request, parts.allowedHosts);
    checkOrigin(request);
    if (hasToken(request.originalUrl)) throw new RequestFault('token_in_url', 'Send a token as a header: Authorization: Bearer <token>.');
    if (access === undefined) throw new RequestFault('not_allowed', 'This route has no rule that says who may call it.');
    const admit = (credential: Credential | null): void => {
      request.credential = credential;
      checkAccess(request, access, parts);
      done();
    };
    // SQS signs the whole request, which is checked when its body is there.
    if (access === 'signed') return done();
    const known = credentialOf(request, parts);
    if (!(known instanceof Promise)) return admit(known);
    known.then(admit).catch((error: Error) => done(error));
  });
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

/** Returns what the caller may do; null where everybody may do everything. */
function credentialOf(request: FastifyRequest, { lookup, authorize }: GuardParts): Credential | null | Promise<Credential> {
  const token = lookup && presentedToken(request.headers.authorization);
  const credential = token === undefined ? undefined : lookup?.(token);
  if (credential) return credential;
  if (authorize) return authorizedBy(request, authorize);
  if (!lookup) return null;
  const headers = { 'www-authenticate': request.routeOptions.config.isPage ? 'Basic realm="holdfast", charset="UTF-8"' : 'Bearer realm="holdfast"' };
  if (token === undefined) throw new RequestFault('token_missing', 'Send a token of this server: Authorization: Bearer <token>.', { headers });
  throw new RequestFault('token_unknown', 'The server has no token with this hash.', { headers });
}

/** Asks the program around the server who calls. */
export async function authorizedBy(request: FastifyRequest, authorize: NonNullable<GuardParts['authorize']>): Promise<Credential> {
  const authorized = await authorize(request);
  if (!authorized) throw new RequestFault('login_needed', 'The program that serves this does not know who calls. Log in there.');
  return credentialOfUser(authorized);
}

function checkAccess(request: FastifyRequest, access: Access, { allowWrites }: GuardParts): void {
  const { credential, routeOptions } = request;
  if (credential === null) {
    if (routeOptions.config.needsWrites && !allowWrites) throw new RequestFault('writes_disabled', WRITES_DISABLED);
    return;
  }
  if (access === 'known' || access === 'everybody' || access === 'signed') return;
  if (!credential.holds(access)) throw new RequestFault('not_allowed', credential.refusal(access));
  const { queue } = (request.params ?? {}) as { readonly queue?: string };
  if (queue !== undefined) checkMay(credential, access, queue);
}

const WRITES_DISABLED = 'The server only shows. Start it with --allow-writes, or give it tokens: one with the action admin may write.';

/**
 * Checks that the caller may do something on a queue, or on all.
 *
 * @throws RequestFault `not_allowed`
 */
export function checkMay(credential: Credential | null, action: Action, queue: string | null): void {
  if (credential !== null && !credential.may(action, queue)) throw new RequestFault('not_allowed', credential.refusal(action));
}

/** Tells whether the caller may do something on a queue. */
export const allows = (credential: Credential | null, action: Action, queue: string): boolean => credential === null || credential.may(action, queue);

/** Tells which queues the caller may see. */
export const seenBy =
  ({ credential }: Pick<FastifyRequest, 'credential'>) =>
  (queue: string): boolean =>
    allows(credential, 'read', queue);

/** Ends a request with the headers of its fault. */
export const withHeaders = (reply: FastifyReply, error: unknown): FastifyReply =>
  error instanceof RequestFault ? reply.headers(error.headers) : reply;
