import type { Static } from 'typebox';
import { deadQueueOf } from '../../modules/broker/deadQueueOf';
import { exactly, faultAnswers } from '../../modules/server/commonSchemas';
import { onWire } from '../../modules/server/messageBody';
import { deadLettersQuery, moved, peekedPage, peekQuery, queueParams, redriveBody, removed } from '../../modules/server/messageSchemas';
import type { Action } from '../../constants/serverLimits';
import type { Credential } from '../../modules/server/credential';
import { checkMay } from './accessGuard';
import type { Broker } from '../broker/broker';
import type { ServerApp, ServerParts } from './serverParts';

/** Routes that show messages without receiving them, and those of dead letters. */
export function addLookRoutes(app: ServerApp, { broker }: ServerParts): void {
  const response = { 200: peekedPage, ...faultAnswers };
  app.get(
    '/v1/queues/:queue/messages',
    {
      config: { access: 'read' },
      schema: {
        ...{ tags: ['messages'], operationId: 'peekMessages', summary: 'Shows messages, newest first, without receiving them.' },
        ...{ params: queueParams, querystring: peekQuery, response },
      },
    },
    async ({ params, query }) => peek(broker, params.queue, query),
  );
  app.get(
    '/v1/queues/:queue/dead-letters',
    {
      config: { access: 'read' },
      schema: {
        ...{ tags: ['dead letters'], operationId: 'listDeadLetters', summary: 'Shows the messages of the dead-letter queue, newest first.' },
        ...{ params: queueParams, querystring: deadLettersQuery, response },
      },
    },
    async ({ params, query, credential }) => peek(broker, await deadLetterQueueOf(broker, params.queue, credential, 'read'), query),
  );
  addDeadLetterActions(app, broker);
}

function addDeadLetterActions(app: ServerApp, broker: Broker): void {
  const tags = ['dead letters'];
  app.post(
    '/v1/queues/:queue/dead-letters/redrive',
    {
      config: { access: 'admin' },
      schema: {
        ...{ tags, operationId: 'redriveDeadLetters', summary: 'Returns dead letters to the queue that they came from.' },
        ...{ params: queueParams, body: redriveBody, response: { 200: moved, ...faultAnswers } },
      },
    },
    async ({ params, body }) => broker.redrive(params.queue, body),
  );
  app.post(
    '/v1/queues/:queue/dead-letters/purge',
    {
      config: { access: 'admin' },
      schema: {
        ...{ tags, operationId: 'purgeDeadLetters', summary: 'Removes all messages of the dead-letter queue.' },
        ...{ params: queueParams, body: exactly({}), response: { 200: removed, ...faultAnswers } },
      },
    },
    async ({ params, credential }) => broker.purge(await deadLetterQueueOf(broker, params.queue, credential, 'admin')),
  );
}

async function peek(broker: Broker, queue: string, query: Static<typeof peekQuery>): Promise<Static<typeof peekedPage>> {
  const { messages, next } = await broker.peek(queue, query);
  return { messages: messages.map(onWire), next };
}

/** The dead-letter queue of a queue. It may be that of others too, so the token has to be good for it as well. */
export async function deadLetterQueueOf(broker: Broker, queue: string, credential: Credential | null, action: Action): Promise<string> {
  const name = deadQueueOf(queue, (await broker.getQueue(queue)).attributes);
  checkMay(credential, action, name);
  return name;
}
