import { ATTRIBUTE_NAME_CHARACTERS, ATTRIBUTES_BYTES, MESSAGE_ATTRIBUTES, MESSAGE_BODY_BYTES } from '../../constants/brokerLimits';
import { describeValue, HoldfastError, isHoldfastError } from '../errors/holdfastError';
import { toJson } from '../task/json';
import { isRecord } from '../values/isRecord';
import type { Message, MessageAttributes, OutgoingMessage } from './brokerTypes';

/** The payload of a message's task, as the handler of a worker gets it. Bytes are base64 text. */
export type MessagePayload = {
  readonly contentType: string;
  readonly attributes?: MessageAttributes;
} & ({ readonly body: unknown } | { readonly bodyBase64: string });

const JSON_TYPE = 'application/json';
const BYTES_TYPE = 'application/octet-stream';

/** A media type with its parameters, as RFC 9110 has it; no line break may get from it into a header. */
const CONTENT_TYPE = /^[\w!#$&^.+-]{1,127}\/[\w!#$&^.+-]{1,127}(?:[ \t]*;[\u0020-\u007e]{0,256})?$/;

/**
 * Makes the JSON text of the payload of a message. The limit of the body counts the body itself, however JSON escapes it.
 *
 * @throws HOLDFAST_MESSAGE_TOO_LARGE, HOLDFAST_OPTION_INVALID or HOLDFAST_PAYLOAD_….
 */
export function payloadText({ body, contentType, attributes }: OutgoingMessage, maxBytes: number): string {
  const type = contentType ?? (Buffer.isBuffer(body) ? BYTES_TYPE : JSON_TYPE);
  if (typeof type !== 'string' || !CONTENT_TYPE.test(type)) throw invalid('contentType', 'a media type such as text/plain', type);
  const given = attributesText(attributes);
  return `{"contentType":${JSON.stringify(type)},${given}${bodyField(body, type, maxBytes)}}`;
}

function bodyField(body: unknown, type: string, maxBytes: number): string {
  if (Buffer.isBuffer(body)) {
    refuseLarge(body.length, maxBytes);
    return `"bodyBase64":"${body.toString('base64')}"`;
  }
  if (!isJson(type)) {
    if (typeof body !== 'string') throw invalid('body', `a string or a Buffer, as the content type is ${type}`, body);
    refuseLarge(Buffer.byteLength(body), maxBytes);
    return `"body":${JSON.stringify(body)}`;
  }
  const text = jsonText(body);
  refuseLarge(Buffer.byteLength(text), maxBytes);
  return `"body":${text}`;
}

const isJson = (type: string): boolean => /^application\/(?:[\w.+-]+\+)?json\b/i.test(type);

function jsonText(body: unknown): string {
  if (body === undefined) throw invalid('body', 'a JSON value, a text or a Buffer', body);
  try {
    return toJson(body, 'body', MESSAGE_BODY_BYTES);
  } catch (error) {
    throw isHoldfastError(error, 'HOLDFAST_PAYLOAD_TOO_LARGE') ? tooLarge(MESSAGE_BODY_BYTES) : error;
  }
}

function refuseLarge(bytes: number, maxBytes: number): void {
  if (bytes > maxBytes) throw tooLarge(maxBytes);
}

const tooLarge = (maxBytes: number): HoldfastError =>
  new HoldfastError('HOLDFAST_MESSAGE_TOO_LARGE', { field: 'body', expected: `at most ${maxBytes} bytes` });

function attributesText(attributes: unknown): string {
  if (attributes === undefined) return '';
  if (!isRecord(attributes)) throw invalid('attributes', 'an object of texts', attributes);
  const entries = Object.entries(attributes);
  if (entries.length === 0) return '';
  if (entries.length > MESSAGE_ATTRIBUTES) throw invalid('attributes', `an object of at most ${MESSAGE_ATTRIBUTES} texts`, attributes);
  for (const [name, value] of entries) {
    if (name.length > ATTRIBUTE_NAME_CHARACTERS || name === '__proto__')
      throw invalid('attributes', `names of at most ${ATTRIBUTE_NAME_CHARACTERS} characters`, name);
    if (typeof value !== 'string') throw invalid(`attributes.${name}`, 'a text', value);
  }
  const text = JSON.stringify(attributes);
  if (Buffer.byteLength(text) > ATTRIBUTES_BYTES) throw invalid('attributes', `at most ${ATTRIBUTES_BYTES} bytes of JSON text`, attributes);
  return `"attributes":${text},`;
}

const invalid = (field: string, expected: string, got: unknown): HoldfastError =>
  new HoldfastError('HOLDFAST_OPTION_INVALID', { field, expected, got: describeValue(got) });

/** Reads the body of a message. A task that another than the broker has added to its queue is shown with its payload as the body. */
export function bodyOf(payload: string): Pick<Message, 'body' | 'contentType' | 'attributes'> {
  const read: unknown = JSON.parse(payload);
  if (!isRecord(read) || typeof read['contentType'] !== 'string') return { body: read, contentType: JSON_TYPE, attributes: {} };
  const {
    contentType,
    attributes = {},
    bodyBase64,
    body,
  } = read as { contentType: string; attributes?: MessageAttributes; bodyBase64?: string; body?: unknown };
  return { body: bodyBase64 === undefined ? body : Buffer.from(bodyBase64, 'base64'), contentType, attributes };
}
