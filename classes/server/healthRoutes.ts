import { faultAnswers } from '../../modules/server/commonSchemas';
import { RequestFault } from '../../modules/server/problem';
import { health } from '../../modules/server/queueSchemas';
import type { ServerApp, ServerParts } from './serverParts';

const tags = ['health'];

/** Routes for probes. They tell nothing else, so they need no token. */
export function addHealthRoutes(app: ServerApp, { broker }: ServerParts): void {
  app.get(
    '/livez',
    {
      config: { access: 'everybody' },
      schema: {
        tags,
        operationId: 'isAlive',
        summary: 'Answers as long as the process does. It never asks the store.',
        response: { 200: health, ...faultAnswers },
      },
    },
    () => ({ status: 'alive' }),
  );
  app.get(
    '/readyz',
    {
      config: { access: 'everybody' },
      schema: { tags, operationId: 'isReady', summary: 'Asks the store once.', response: { 200: health, ...faultAnswers } },
    },
    async () => {
      if (await broker.isAlive()) return { status: 'ready' };
      throw new RequestFault('store_unavailable', 'The store did not answer.');
    },
  );
}
