import { Type } from 'typebox';
import { exactly, faultAnswers } from '../../modules/server/commonSchemas';
import { queueParams, removed } from '../../modules/server/messageSchemas';
import { listQuery, queueBody, queueInfo, queuePage, queueStats } from '../../modules/server/queueSchemas';
import { RequestFault } from '../../modules/server/problem';
import { allows, checkMay } from './accessGuard';
import type { Broker } from '../broker/broker';
import type { ServerApp, ServerParts } from './serverParts';
import type { Credential } from '../../modules/server/credential';
import type { QueueInfo } from '../../modules/broker/brokerTypes';
import type { Static } from 'typebox';

const nothing = Type.Null({ description: 'Done.' });
const tags = ['queues'];

/** Routes that make, change and show queues. */
export function addQueueRoutes(app: ServerApp, { broker }: ServerParts): void {
  app.put(
    '/v1/queues/:queue',
    {
      config: { access: 'admin' },
      schema: {
        ...{ tags, operationId: 'createQueue', summary: 'Creates a queue. One that exists with the same attributes is left as it is.' },
        ...{ params: queueParams, body: queueBody, response: { 200: queueInfo, 201: queueInfo, ...faultAnswers } },
      },
    },
    async ({ params, body, credential }, reply) => {
      checkDeadLetterQueue(credential, body.attributes);
      const { queue, created } = await broker.createQueue(params.queue, body.attributes, body.tags);
      return reply.code(created ? 201 : 200).send(queue);
    },
  );
  app.patch(
    '/v1/queues/:queue',
    {
      config: { access: 'admin' },
      schema: {
        ...{ tags, operationId: 'configureQueue', summary: 'Changes attributes and tags of a queue.' },
        ...{ params: queueParams, body: queueBody, response: { 200: queueInfo, ...faultAnswers } },
      },
    },
    async ({ params, body, credential }) => {
      checkDeadLetterQueue(credential, body.attributes);
      return broker.configureQueue(params.queue, body.attributes ?? {}, body.tags);
    },
  );
  addReads(app, broker);
  addRemovals(app, broker);
}

/** A token that may not use a queue may not send messages there by way of another one either. */
function checkDeadLetterQueue(credential: Credential | null, attributes: { readonly deadLetterQueue?: string } | undefined): void {
  if (attributes?.deadLetterQueue !== undefined) checkMay(credential, 'admin', attributes.deadLetterQueue);
}

function addReads(app: ServerApp, broker: Broker): void {
  app.get(
    '/v1/queues',
    {
      config: { access: 'read' },
      schema: {
        tags,
        operationId: 'listQueues',
        summary: 'Lists queues by name.',
        querystring: listQuery,
        response: { 200: queuePage, ...faultAnswers },
      },
    },
    async ({ query, credential }) => listQueues(broker, query, credential),
  );
  app.get(
    '/v1/queues/:queue',
    {
      config: { access: 'read' },
      schema: { tags, operationId: 'getQueue', summary: 'Shows a queue.', params: queueParams, response: { 200: queueInfo, ...faultAnswers } },
    },
    async ({ params }) => broker.getQueue(params.queue),
  );
  app.get(
    '/v1/queues/:queue/stats',
    {
      config: { access: 'read' },
      schema: {
        tags,
        operationId: 'statsOfQueue',
        summary: 'Counts the messages of a queue.',
        params: queueParams,
        response: { 200: queueStats, ...faultAnswers },
      },
    },
    async ({ params }) => broker.stats(params.queue),
  );
}

/** Lists the queues that the caller may see. A page of a user has fewer, where some are hidden. */
export async function listQueues(
  broker: Broker,
  query: Static<typeof listQuery>,
  credential: Credential | null,
): Promise<{ readonly queues: QueueInfo[]; readonly next: string | null }> {
  const { queues, next } = await broker.listQueues({ ...query, prefix: visiblePrefix(credential, query.prefix ?? '') });
  return { queues: queues.filter(({ name }) => allows(credential, 'read', name)), next };
}

/** The longer of the two beginnings: a token lists no queue but its own. */
function visiblePrefix(credential: Credential | null, asked: string): string {
  if (credential === null || asked.startsWith(credential.prefix)) return asked;
  if (credential.prefix.startsWith(asked)) return credential.prefix;
  throw new RequestFault('not_allowed', credential.refusal('read'));
}

function addRemovals(app: ServerApp, broker: Broker): void {
  app.delete(
    '/v1/queues/:queue',
    {
      config: { access: 'admin' },
      schema: {
        ...{ tags, operationId: 'deleteQueue', summary: 'Deletes a queue with all of its messages.' },
        ...{ params: queueParams, response: { 204: nothing, ...faultAnswers } },
      },
    },
    async ({ params }, reply) => {
      await broker.deleteQueue(params.queue);
      return reply.code(204).send(null);
    },
  );
  app.post(
    '/v1/queues/:queue/purge',
    {
      config: { access: 'admin' },
      schema: {
        ...{ tags, operationId: 'purgeQueue', summary: 'Removes all messages of a queue, those in flight included.' },
        ...{ params: queueParams, body: exactly({}), response: { 200: removed, ...faultAnswers } },
      },
    },
    async ({ params }) => broker.purge(params.queue),
  );
  addPauses(app, broker);
}

function addPauses(app: ServerApp, broker: Broker): void {
  for (const action of ['pause', 'resume'] as const) {
    app.post(
      `/v1/queues/:queue/${action}`,
      {
        config: { access: 'admin' },
        schema: {
          ...{ tags, operationId: `${action}Queue`, summary: action === 'pause' ? 'Stops receives. Sends go on.' : 'Lets receives go on.' },
          ...{ params: queueParams, body: exactly({}), response: { 204: nothing, ...faultAnswers } },
        },
      },
      async ({ params }, reply) => {
        await broker[action](params.queue);
        return reply.code(204).send(null);
      },
    );
  }
}
