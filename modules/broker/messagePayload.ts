import { ATTRIBUTE_NAME_CHARACTERS, ATTRIBUTES_BYTES, MESSAGE_ATTRIBUTES, MESSAGE_BODY_BYTES } from '../../constants/brokerLimits';
import { describeValue, HoldfastError, isHoldfastError } from '../errors/holdfastError';
import { toJson } from '../task/json';
import { isRecord } from '../values/isRecord';
import type { Message, MessageAttributes, OutgoingMessage } from './brokerTypes';

/** The payload of a message's task, as the handler of a worker gets it. Bytes are base64 text. */
export type MessagePayload = {
  readonly contentType: string;
  readonly attributes?: MessageAttributes;
  readonly attributeTypes?: MessageAttributes;
  readonly traceHeader?: string;
  readonly sender?: string;
} & ({ readonly body: unknown } | { readonly bodyBase64: string });

const JSON_TYPE = 'application/json';
const BYTES_TYPE = 'application/octet-stream';

/** A media type with its parameters, as RFC 9110 has it; no line break may get from it into a header. */
const ATTRIBUTE_TYPE = /^(?:String|Number|Binary)(?:\.[\s\S]{1,249})?$/;

const CONTENT_TYPE = /^[\w!#$&^.+-]{1,127}\/[\w!#$&^.+-]{1,127}(?:[ \t]*;[\u0020-\u007e]{0,256})?$/;

/**
 * Makes the JSON text of the payload of a message. The limit of the body counts the body itself, however JSON escapes it.
 *
 * @throws HOLDFAST_MESSAGE_TOO_LARGE, HOLDFAST_OPTION_INVALID or HOLDFAST_PAYLOAD_….
 */
export function payloadText({ body, contentType, attributes, attributeTypes, traceHeader, sender }: OutgoingMessage, maxBytes: number): string {
  const type = contentType ?? (Buffer.isBuffer(body) ? BYTES_TYPE : JSON_TYPE);
  if (typeof type !== 'string' || !CONTENT_TYPE.test(type)) throw invalid('contentType', 'a media type such as text/plain', type);
  const typed = attributeTypes === undefined ? undefined : typesOf(attributeTypes, attributes ?? {});
  const given = attributesText(attributes, typed ? maxBytes : ATTRIBUTES_BYTES);
  const bodyBytes = maxBytes - (typed ? sizeOf(attributes, typed) : 0);
  const rest = `${textField('attributeTypes', typed)}${textField('traceHeader', traceHeader)}${textField('sender', sender)}`;
  return `{"contentType":${JSON.stringify(type)},${given}${rest}${bodyField(body, type, bodyBytes, maxBytes)}}`;
}

const textField = (name: string, value: unknown): string => (value === undefined ? '' : `"${name}":${JSON.stringify(value)},`);

/** Returns the types of the attributes that are there. */
function typesOf(types: unknown, attributes: MessageAttributes): MessageAttributes | undefined {
  if (!isRecord(types) || !Object.values(types).every((type) => typeof type === 'string' && ATTRIBUTE_TYPE.test(type)))
    throw invalid('attributeTypes', 'an object of String, Number or Binary, with suffixes after a dot', types);
  const known = Object.entries(types).filter(([name]) => Object.hasOwn(attributes, name));
  return known.length > 0 ? (Object.fromEntries(known) as MessageAttributes) : undefined;
}

/** Returns the bytes of typed attributes, as SQS counts them: those of names, types and values. */
const sizeOf = (attributes: MessageAttributes = {}, types: MessageAttributes): number =>
  Object.entries(attributes).reduce((total, [name, value]) => {
    const type = types[name] ?? '';
    return total + Buffer.byteLength(name) + Buffer.byteLength(type) + Buffer.byteLength(value, type.startsWith('Binary') ? 'base64' : 'utf8');
  }, 0);

function bodyField(body: unknown, type: string, room: number, maxBytes: number): string {
  const refuseLarge = (bytes: number): void => {
    if (bytes > room) throw tooLarge(maxBytes);
  };
  if (Buffer.isBuffer(body)) {
    refuseLarge(body.length);
    return `"bodyBase64":"${body.toString('base64')}"`;
  }
  if (!isJson(type)) {
    if (typeof body !== 'string') throw invalid('body', `a string or a Buffer, as the content type is ${type}`, body);
    refuseLarge(Buffer.byteLength(body));
    return `"body":${JSON.stringify(body)}`;
  }
  const text = jsonText(body);
  refuseLarge(Buffer.byteLength(text));
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

const tooLarge = (maxBytes: number): HoldfastError =>
  new HoldfastError('HOLDFAST_MESSAGE_TOO_LARGE', { field: 'body', expected: `at most ${maxBytes} bytes` });

function attributesText(attributes: unknown, maxBytes: number): string {
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
  // JSON escapes a byte to six at most.
  if (Buffer.byteLength(text) > (maxBytes === ATTRIBUTES_BYTES ? maxBytes : 6 * maxBytes))
    throw invalid('attributes', `at most ${maxBytes} bytes of JSON text`, attributes);
  return `"attributes":${text},`;
}

const invalid = (field: string, expected: string, got: unknown): HoldfastError =>
  new HoldfastError('HOLDFAST_OPTION_INVALID', { field, expected, got: describeValue(got) });

type Shown = Omit<MessagePayload, 'bodyBase64' | 'body'> & { readonly bodyBase64?: string; readonly body?: unknown };

/** Reads the body of a message. A task that another than the broker has added to its queue is shown with its payload as the body. */
export function bodyOf(payload: string): Pick<Message, 'body' | 'contentType' | 'attributes' | 'attributeTypes' | 'traceHeader' | 'sender'> {
  const read: unknown = JSON.parse(payload);
  if (!isRecord(read) || typeof read['contentType'] !== 'string') return { body: read, contentType: JSON_TYPE, attributes: {} };
  const { bodyBase64, body, attributes = {}, contentType, attributeTypes, traceHeader, sender } = read as Shown;
  return {
    ...{ body: bodyBase64 === undefined ? body : Buffer.from(bodyBase64, 'base64'), contentType, attributes },
    ...(attributeTypes && { attributeTypes }),
    ...(traceHeader === undefined ? {} : { traceHeader }),
    ...(sender === undefined ? {} : { sender }),
  };
}
