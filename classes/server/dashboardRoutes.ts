import fastifyStatic from '@fastify/static';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DASHBOARD_POLICY, UNBUILT_PAGE } from '../../modules/server/dashboardPage';
import { PAGE_POLICY } from '../../modules/server/pageStyle';
import { packageFolder } from '../../modules/values/packageFolder';
import type { ServerApp } from './serverParts';

/** Names of assets change with what they hold. */
const LONG = 'public, max-age=31536000, immutable';

/** Adds the built page of the developer tool, and its files. */
export function addDashboard(app: ServerApp): void {
  const dist = packageFolder('dashboard', 'dist');
  app.get('/', { config: { access: 'known', isPage: true } }, async (request, reply) => {
    const folder = withoutSlash(request);
    if (folder !== null) return reply.redirect(`${folder}/`, 302);
    return sendPage(reply, dist);
  });
  if (dist !== null && existsSync(join(dist, 'assets'))) void app.register((inner) => addAssets(inner as ServerApp, join(dist, 'assets')));
}

async function sendPage(reply: FastifyReply, dist: string | null): Promise<FastifyReply> {
  const page = dist === null ? null : await readFile(join(dist, 'index.html'), 'utf8').catch(() => null);
  return reply
    .type('text/html; charset=utf-8')
    .header('content-security-policy', page === null ? PAGE_POLICY : DASHBOARD_POLICY)
    .header('cross-origin-opener-policy', 'same-origin')
    .send(page ?? UNBUILT_PAGE);
}

async function addAssets(app: ServerApp, root: string): Promise<void> {
  app.addHook('onRoute', (route) => {
    route.config = { ...route.config, access: 'known', isPage: true };
  });
  await app.register(fastifyStatic, {
    ...{ root, prefix: '/assets/', decorateReply: false, index: false, cacheControl: false },
    setHeaders: (response) => void response.header('cache-control', LONG),
  });
}

/**
 * Returns the last name of the path if it does not end in a slash: relative addresses on the page would then lead elsewhere. A framework that mounts a
 * handler under a path keeps that in `originalUrl`.
 */
export function withoutSlash({ originalUrl }: Pick<FastifyRequest, 'originalUrl'>): string | null {
  const [path = ''] = originalUrl.split('?');
  return path === '' || path.endsWith('/') ? null : path.slice(path.lastIndexOf('/') + 1);
}
