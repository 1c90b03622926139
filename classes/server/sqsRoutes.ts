import { randomUUID } from 'node:crypto';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { SEND_REQUEST_BYTES } from '../../constants/serverLimits';
import { SQS_REGION } from '../../constants/sqsLimits';
import { isPlainText } from '../../modules/sqs/messageAttributes';
import { SqsFault, sqsFaultOf } from '../../modules/sqs/sqsFault';
import { Sqs } from '../sqs/sqs';
import type { SqsCall } from '../sqs/sqsCall';
import { allows } from './accessGuard';
import { HandOut } from './handOut';
import type { Credential } from '../../modules/server/credential';
import { senderOf } from './sqsAccess';
import { RequestFault } from '../../modules/server/problem';
import type { ServerApp, ServerParts } from './serverParts';

const JSON_TYPE = 'application/x-amz-json-1.0';
/** Maximum length of a trace that is kept. */
const TRACE_CHARACTERS = 4_096;

const QUEUE_PATH = '/:account(^\\d{12}$)/:queue';
const TARGET = /^AmazonSQS\.([A-Za-z]{1,64})$/;

/** The routes of SQS: the root, and the path of each queue. */
export function addSqsRoutes(parent: ServerApp, parts: ServerParts): void {
  const sqs = new Sqs(parts.broker, parts.onBug);
  void parent.register((app: ServerApp, _, done) => {
    app.removeAllContentTypeParsers();
    app.addContentTypeParser('*', { parseAs: 'buffer', bodyLimit: SEND_REQUEST_BYTES }, (_request, bytes: Buffer, parsed) => parsed(null, bytes));
    app.setErrorHandler((error, request, reply) => answerFault(error, request, reply, parts.onBug));
    const serve = (request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> => answer(sqs, parts, request, reply);
    for (const path of ['/', QUEUE_PATH]) app.post(path, { config: { access: 'signed' } }, serve);
    done();
  });
}

async function answer(sqs: Sqs, parts: ServerParts, request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
  const body = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0);
  if (/^application\/x-www-form-urlencoded/i.test(request.headers['content-type'] ?? '')) return refuseQuery(reply);
  const [, action] = TARGET.exec(String(request.headers['x-amz-target'] ?? '')) ?? [];
  if (action === undefined) throw new SqsFault('UnknownOperation', 'The header X-Amz-Target must name an action: AmazonSQS.<action>.');
  const credential = await senderOf(request, body, parts);
  const told = await sqs.call(action, body, callOf(parts, credential, request, reply));
  return send(reply, 200, told);
}

/** Tells a client of the older protocol, in its own form, what is spoken here. */
const refuseQuery = (reply: FastifyReply): FastifyReply => {
  const id = randomUUID();
  const told = `<Error><Type>Sender</Type><Code>UnsupportedProtocol</Code><Message>${OLD_PROTOCOL}</Message></Error>`;
  const text = `<?xml version="1.0"?>\n<ErrorResponse xmlns="http://queue.amazonaws.com/doc/2012-11-05/">${told}<RequestId>${id}</RequestId></ErrorResponse>`;
  return reply.code(400).headers({ 'x-amzn-requestid': id }).type('text/xml').send(text);
};

const OLD_PROTOCOL = 'This endpoint speaks AWS JSON 1.0 and not the Query protocol. Use a version of the AWS SDK of November 2023 or later.';

function callOf(parts: ServerParts, credential: Credential | null, request: FastifyRequest, reply: FastifyReply): SqsCall {
  const handOut = new HandOut(parts, reply);
  const { account, publicUrl } = parts;
  return {
    base: (publicUrl ?? `${request.protocol}://${request.headers.host ?? ''}${prefixOf(request)}`).replace(/\/+$/, ''),
    ...{ account, region: regionOf(request.headers.authorization) },
    path: (request.params as { readonly queue?: string }).queue ?? '',
    sender: credential?.name ?? 'anonymous',
    trace: traceOf(request.headers['x-amzn-trace-id']),
    prefix: credential?.prefix ?? '',
    sees: (queue) => allows(credential, 'read', queue),
    check: (access, queue) => {
      if (!allows(credential, access, queue))
        throw new SqsFault('AccessDenied', `These credentials do not allow the action ${access} on this queue.`);
    },
    signal: handOut.signal,
    took: (messages) => handOut.took(messages),
  };
}

/** The prefix that the routes are mounted behind: what is left of the path of the root. */
const prefixOf = ({ routeOptions }: FastifyRequest): string => (routeOptions.url ?? '').replace(QUEUE_PATH, '').replace(/\/$/, '');

/** Reads the header of a trace. One that cannot be kept is left out: it is not the sender's word about the message. */
const traceOf = (header: string | readonly string[] | undefined): string | undefined =>
  typeof header === 'string' && header !== '' && header.length <= TRACE_CHARACTERS && isPlainText(header) ? header : undefined;

/** Reads the region from the signature, also from one that is not checked. */
const regionOf = (authorization: string | undefined): string =>
  /Credential=[^/,\s]{1,128}\/\d{8}\/([a-z0-9-]{1,32})\/sqs\/aws4_request/.exec(authorization ?? '')?.[1] ?? SQS_REGION;

/** Answers with bytes, as Fastify adds a charset to the type of a text. */
const send = (reply: FastifyReply, status: number, told: object): FastifyReply =>
  reply
    .code(status)
    .headers({ 'x-amzn-requestid': randomUUID() })
    .type(JSON_TYPE)
    .send(Buffer.from(JSON.stringify(told)));

function answerFault(error: unknown, request: FastifyRequest, reply: FastifyReply, onBug: (error: unknown) => void): void {
  const fault = faultOf(error, onBug);
  const { type, status, code } = fault.row;
  const isOld = request.headers['x-amzn-query-mode'] !== undefined;
  if (isOld) void reply.header('x-amzn-query-error', `${code};${status < 500 ? 'Sender' : 'Receiver'}`);
  void reply.header('x-amzn-errortype', type);
  void send(reply, status, { __type: type, message: fault.message });
}

function faultOf(error: unknown, onBug: (error: unknown) => void): SqsFault {
  if (error instanceof RequestFault) return new SqsFault('AccessDenied', error.message);
  const known = sqsFaultOf(error) ?? ((error as { readonly code?: string }).code === 'FST_ERR_CTP_BODY_TOO_LARGE' ? new SqsFault('RequestTooLarge', 'The request is too large.') : undefined); // prettier-ignore
  if (known) return known;
  onBug(error);
  return new SqsFault('InternalFailure', 'The request could not be carried out. The log of the server has the reason.');
}
