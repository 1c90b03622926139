import type { Static } from 'typebox';
import type { Message, OutgoingMessage } from '../broker/brokerTypes';
import type { outgoing } from './messageSchemas';
import { pointerOf, RequestFault } from './problem';

/** The bytes of a request whose body is the body of a message. */
export class RawBody {
  readonly bytes: Buffer;

  constructor(bytes: Buffer) {
    this.bytes = bytes;
  }
}

const FORM = 'application/x-www-form-urlencoded';

/** Media types whose bytes are a text. */
const isText = (type: string): boolean => type.startsWith('text/') || type === FORM || /^application\/([^ ]+\+)?(xml|json)$/.test(type);

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** Makes a message of the body of a request. A text in UTF-8 stays a text; all else is bytes. */
export function ofRawBody(
  { bytes }: RawBody,
  contentType: string,
  named: Pick<OutgoingMessage, 'delaySeconds' | 'group' | 'deduplicationId'>,
): OutgoingMessage {
  return {
    body: isText(essenceOf(contentType)) ? textOf(bytes, contentType) : bytes,
    contentType,
    ...named,
  };
}

const essenceOf = (contentType: string): string => (contentType.split(';')[0] ?? '').trim().toLowerCase();

function textOf(bytes: Buffer, contentType: string): string | Buffer {
  const charset = /;\s*charset="?([^";\s]+)/i.exec(contentType)?.[1];
  if (charset !== undefined && charset.toLowerCase() !== 'utf-8') return bytes;
  try {
    return utf8.decode(bytes);
  } catch {
    // Bytes that are no UTF-8 are kept as they are.
    return bytes;
  }
}

/**
 * Makes a message of an entry in JSON.
 *
 * @param path where the entry stands in the request.
 * @throws RequestFault
 */
export function ofEntry(entry: Static<typeof outgoing>, path: readonly (string | number)[]): OutgoingMessage {
  const { bodyBase64, ...rest } = entry;
  if (bodyBase64 === undefined) {
    if (!Object.hasOwn(entry, 'body')) throw faultAt([...path, 'body'], 'the field is missing: send {"body": …}, or bytes as {"bodyBase64": "…"}');
    return rest as OutgoingMessage;
  }
  if (Object.hasOwn(entry, 'body')) throw faultAt([...path, 'bodyBase64'], 'a message has a body or a bodyBase64, not both');
  return { ...rest, body: bytesOf(bodyBase64, [...path, 'bodyBase64']) };
}

const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

function bytesOf(base64: string, path: readonly (string | number)[]): Buffer {
  if (!BASE64.test(base64)) throw faultAt(path, 'must be base64 of RFC 4648, with its padding');
  return Buffer.from(base64, 'base64');
}

function faultAt(path: readonly (string | number)[], says: string): RequestFault {
  const pointer = pointerOf(path);
  return new RequestFault('invalid_request', `body ${pointer}: ${says}.`, { place: { in: 'body', pointer } });
}

/** A message on the wire: bytes are base64 in a field of their own. */
export type OnWire<Shown extends Message> = Omit<Shown, 'body'> & { readonly body?: unknown; readonly bodyBase64?: string };

export function onWire<Shown extends Message>(message: Shown): OnWire<Shown> {
  if (!(message.body instanceof Uint8Array)) return message;
  const { body, ...rest } = message;
  return { ...rest, bodyBase64: Buffer.from(body).toString('base64') };
}
