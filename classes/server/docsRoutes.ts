import swagger from '@fastify/swagger';
import swaggerUi from '@fastify/swagger-ui';
import { packageVersion } from '../../modules/values/packageVersion';
import type { ServerApp } from './serverParts';

const DESCRIPTION =
  'A message queue: producers send, consumers receive and acknowledge. See docs/broker.md for the states of a message and examples.';

const TAGS = [
  ['queues', 'Queues and their attributes.'],
  ['messages', 'Messages: sent, received, and settled by the receipt of a receive.'],
  ['dead letters', 'Messages that were received too often, or that a consumer rejected.'],
  ['health', 'For probes.'],
] as const;

/**
 * Makes the OpenAPI document of the routes that are added after it, and shows it at `/docs`. In a server that has a document of its own the routes are
 * in that one.
 */
export async function addDocs(app: ServerApp): Promise<void> {
  if (app.hasDecorator('swagger')) return;
  await app.register(swagger, {
    hideUntagged: true,
    refResolver: { buildLocalReference: (json, _base, _fragment, index) => (typeof json.$id === 'string' ? json.$id : `Schema${index}`) },
    openapi: {
      openapi: '3.1.0',
      info: { title: 'Holdfast broker', version: packageVersion(), description: DESCRIPTION, license: { name: 'MIT', identifier: 'MIT' } },
      servers: [{ url: '/', description: 'This server.' }],
      tags: TAGS.map(([name, description]) => ({ name, description })),
      components: { securitySchemes: { token: { type: 'http', scheme: 'bearer', description: 'Needed if the server has tokens.' } } },
      security: [{ token: [] }, {}],
    },
  });
  await app.register(async (inner) => {
    inner.addHook('onRoute', (route) => {
      route.config = { ...route.config, access: 'known', isPage: true };
    });
    await inner.register(swaggerUi, { routePrefix: '/docs', staticCSP: true, transformStaticCSP: ownOnly });
  });
}

/** The policy of the pages of the document: nothing from other servers. */
const ownOnly = (policy: string): string => policy.replace(/ https:| validator\.swagger\.io| upgrade-insecure-requests;/g, '');
