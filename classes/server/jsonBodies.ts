import type { FastifyRequest } from 'fastify';
import { Readable } from 'node:stream';
import { REQUEST_BYTES } from '../../constants/serverLimits';
import { RequestFault } from '../../modules/server/problem';
import type { ServerApp } from './serverParts';

type Parsed = (error: Error | null, body?: unknown) => void;

const utf8 = new TextDecoder('utf-8', { fatal: true });

/**
 * Reads a body as JSON. No body is an empty object. A key named `__proto__` is kept as a key like any other: the schemas refuse it, and the broker does
 * within the body of a message.
 */
export function readJson(_request: FastifyRequest, bytes: Buffer, parsed: Parsed): void {
  try {
    parsed(null, bytes.length === 0 ? {} : JSON.parse(utf8.decode(bytes)));
  } catch {
    parsed(new RequestFault('body_not_json', 'The body must be JSON in UTF-8.', { place: { in: 'body', pointer: '' } }));
  }
}

/** A request of a framework whose body was read before it came here, as by `express.json()`. */
type ReadRequest = FastifyRequest['raw'] & { readonly body?: unknown };

/** Has a body that was read by the program around the server read again. */
export function takeReadBodies(app: ServerApp): void {
  app.addHook('preParsing', (request, _reply, payload, done) => {
    const { body, readableEnded } = request.raw as ReadRequest;
    if (payload !== request.raw || !readableEnded || body === undefined) return done(null, payload);
    const bytes = Buffer.isBuffer(body) || typeof body === 'string' ? body : JSON.stringify(body);
    const length = Number(request.headers['content-length'] ?? Buffer.byteLength(bytes));
    // A body that was written anew may have another length than the client has told.
    done(null, Object.assign(Readable.from([Buffer.from(bytes)]), { receivedEncodedLength: length }));
  });
}

/** Takes JSON and nothing else on all routes of an app; a request without a body has an empty object. */
export function takeJson(app: ServerApp): void {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('application/json', { parseAs: 'buffer', bodyLimit: REQUEST_BYTES }, readJson);
  app.addHook('preValidation', (request, _reply, done) => {
    if (request.body === undefined || request.body === null) request.body = request.routeOptions.schema?.body === undefined ? undefined : {};
    done();
  });
}

/**
 * Writes answers by `JSON.stringify`, for routes where speed counts: the serializer that is made from a schema validates each choice of a union. What
 * they answer has the fields of their schemas and no others.
 */
export const plainJson = () => JSON.stringify;
