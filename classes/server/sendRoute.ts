import { MESSAGE_BODY_BYTES } from '../../constants/brokerLimits';
import { SEND_REQUEST_BYTES } from '../../constants/serverLimits';
import type { Sent } from '../../modules/broker/brokerTypes';
import { faultAnswers } from '../../modules/server/commonSchemas';
import { ofEntry, ofRawBody, RawBody } from '../../modules/server/messageBody';
import type { outgoing, outgoingMany } from '../../modules/server/messageSchemas';
import { queueParams, sendBody, sendHeaders, sendQuery, sent, sentMany } from '../../modules/server/messageSchemas';
import { RequestFault } from '../../modules/server/problem';
import type { Static } from 'typebox';
import { Type } from 'typebox';
import { entryOnWire } from './faults';
import { plainJson, readJson } from './jsonBodies';
import type { ServerApp, ServerParts } from './serverParts';

const IDEMPOTENCY_KEY = 'idempotency-key';

const schema = {
  ...{ tags: ['messages'], operationId: 'sendMessages', summary: 'Sends a message, or several with an answer for each.' },
  description: 'A body of another content type than application/json is the body of one message, and its content type that of the message.',
  ...{ params: queueParams, querystring: sendQuery, headers: sendHeaders },
  body: { content: { 'application/json': { schema: sendBody }, '*/*': { schema: Type.Unsafe<RawBody>({ description: 'A text, or bytes.' }) } } },
  response: { 201: Type.Union([sent, sentMany]), ...faultAnswers },
};

/** The route that takes messages. Its body may be of any type, unlike that of all others. */
export function addSendRoute(parent: ServerApp, { broker, onBug }: ServerParts): void {
  const entry = entryOnWire(onBug, ({ id, sequence }: Sent) => ({ id, ...(sequence === undefined ? {} : { sequence }) }));
  void parent.register((app: ServerApp, _, done) => {
    app.removeAllContentTypeParsers();
    app.addContentTypeParser('application/json', { parseAs: 'buffer', bodyLimit: SEND_REQUEST_BYTES }, readJson);
    app.addContentTypeParser('*', { parseAs: 'buffer', bodyLimit: MESSAGE_BODY_BYTES }, (_request, bytes: Buffer, parsed) =>
      parsed(null, new RawBody(bytes)),
    );
    app.post(
      '/v1/queues/:queue/messages',
      { config: { access: 'produce' }, schema, serializerCompiler: plainJson },
      async ({ params, query, headers, body }, reply) => {
        const key = headers[IDEMPOTENCY_KEY];
        const options = key === undefined ? {} : { idempotencyKey: key };
        void reply.code(201);
        const given: unknown = body;
        if (given instanceof RawBody)
          return broker.send(params.queue, ofRawBody(given, headers['content-type'] ?? 'application/octet-stream', query), options);
        refuseQuery(query);
        const { messages, ...one } = given as Static<typeof outgoing> & Partial<Static<typeof outgoingMany>>;
        if (messages === undefined) return broker.send(params.queue, ofEntry(one, []), options);
        const all = messages.map((message, index) => ofEntry(message, ['messages', index]));
        return { messages: (await broker.sendMany(params.queue, all, options)).map(entry) };
      },
    );
    done();
  });
}

function refuseQuery(query: Static<typeof sendQuery>): void {
  const [name] = Object.keys(query);
  if (name === undefined) return;
  const place = { in: 'query', pointer: `/${name}` } as const;
  throw new RequestFault('invalid_request', `In JSON each message has a ${name} of its own.`, { place });
}
