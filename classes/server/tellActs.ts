import type { FastifyRequest } from 'fastify';
import type { HoldfastEvents } from '../../constants/events';
import type { Act, ServerApp, ServerParts } from './serverParts';

/** Status codes from here on say that nothing was done. */
const FAULTS_FROM = 400;

/** Tells who did what by a server, once it is done and answered. */
export function tellActs(app: ServerApp, { onAct }: Pick<ServerParts, 'onAct'>): void {
  app.addHook('onResponse', (request, reply, done) => {
    const { acts } = request.routeOptions.config;
    if (acts && reply.statusCode < FAULTS_FROM) onAct(actOf(acts, request));
    done();
  });
}

function actOf({ on, action }: Act, { params, credential }: FastifyRequest): HoldfastEvents['admin-acted'] {
  const { queue = null, id } = params as { readonly queue?: string; readonly id?: string };
  return { action, on, id: id ?? queue ?? '', queue: id === undefined ? null : queue, by: credential?.name ?? null };
}
