import { isUnanswered } from '../../modules/errors/holdfastError';
import type { ReceivedMessage } from '../../modules/broker/brokerTypes';
import { faultAnswers } from '../../modules/server/commonSchemas';
import { onWire } from '../../modules/server/messageBody';
import { queueParams, receiveBody, receivedMany } from '../../modules/server/messageSchemas';
import { HandOut } from './handOut';
import { plainJson } from './jsonBodies';
import type { FastifyReply } from 'fastify';
import type { Broker } from '../broker/broker';
import type { ServerApp, ServerParts } from './serverParts';
import type { ReceiveOptions } from '../../config/brokerOptions';

type Wish = Pick<Partial<ReceiveOptions>, 'max' | 'waitSeconds' | 'visibilityTimeoutSeconds' | 'attemptId'>;

const schema = {
  ...{ tags: ['messages'], operationId: 'receiveMessages', summary: 'Hands out messages; with `waitSeconds`, waits for one.' },
  description: 'The answer has no messages if there are none. The client has to wait longer for the answer than `waitSeconds`.',
  ...{ params: queueParams, body: receiveBody, response: { 200: receivedMany, ...faultAnswers } },
};

/** The route that hands out messages. */
export function addReceiveRoute(app: ServerApp, parts: ServerParts): void {
  app.post(
    '/v1/queues/:queue/receive',
    { config: { access: 'consume' }, schema, serializerCompiler: plainJson },
    async ({ params, body }, reply) => ({
      messages: (await receive(parts, params.queue, body, reply)).map(onWire),
    }),
  );
}

/** Receives for a client. */
async function receive(parts: ServerParts, queue: string, wish: Wish, reply: FastifyReply): Promise<readonly ReceivedMessage[]> {
  const handOut = new HandOut(parts, reply);
  const received = await claim(parts.broker, queue, wish, handOut.signal);
  handOut.took(received);
  return received;
}

/** A long poll answers empty when the store is away: its client comes again anyway. */
async function claim(broker: Broker, queue: string, wish: Wish, signal: AbortSignal): Promise<readonly ReceivedMessage[]> {
  try {
    return await broker.receive(queue, { ...wish, signal });
  } catch (error) {
    if ((wish.waitSeconds ?? 0) > 0 && isUnanswered(error)) return [];
    throw error;
  }
}
