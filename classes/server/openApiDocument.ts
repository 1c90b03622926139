import Fastify from 'fastify';
import { addBrokerRoutes } from './brokerRoutes';
import type { ServerParts } from './serverParts';

/** Parts that are not called: the document needs the routes only. */
const PARTS = {
  ...{
    lookup: undefined,
    authorize: undefined,
    credentials: undefined,
    allowedHosts: [],
    allowWrites: false,
    stopping: new AbortController().signal,
    onBug: () => undefined,
  },
  broker: {},
  admin: {},
} as unknown as ServerParts;

/** Makes the OpenAPI document of the broker, of the schemas of its routes. */
export async function openApiDocument(): Promise<object> {
  const app = Fastify();
  let document: object = {};
  await app.register(async (inner) => {
    await addBrokerRoutes(inner, PARTS);
    inner.addHook('onReady', () => {
      document = (inner as unknown as { swagger(): object }).swagger();
      return Promise.resolve();
    });
  });
  await app.ready();
  await app.close();
  return document;
}
