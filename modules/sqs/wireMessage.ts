import { ATTRIBUTE_NAME_CHARACTERS } from '../../constants/brokerLimits';
import { SQS_DELAY_SECONDS } from '../../constants/sqsLimits';
import type { OutgoingMessage, ReceivedMessage } from '../broker/brokerTypes';
import type { InputOf, WireMessage } from './inputs';
import { attributeBytes, attributesMd5, chosenAttributes, isPlainText, keptAttributes, textMd5, wireAttributes } from './messageAttributes';
import type { KeptAttributes, WireAttributes } from './messageAttributes';
import { badValue, missing, SqsFault } from './sqsFault';

/** The content type of a message that was sent through this endpoint. */
const TEXT = 'text/plain; charset=utf-8';

/** A checked message, and what the answer to its sender says of it. */
export interface CheckedMessage {
  readonly message: OutgoingMessage;
  /** Its size, attributes included. */
  readonly bytes: number;
  readonly told: { readonly MD5OfMessageBody: string; readonly MD5OfMessageAttributes?: string; readonly MD5OfMessageSystemAttributes?: string };
}

/** Who sends, and the trace that the request belongs to, which a message has where it names none itself. */
interface Sender {
  readonly sender: string;
  readonly trace: string | undefined;
}

const NONE: KeptAttributes = Object.freeze({ attributes: {}, attributeTypes: {} });

/**
 * Makes a message of the broker from one of SQS.
 *
 * @throws SqsFault
 */
export function checkedMessage(given: WireMessage, { sender, trace }: Sender): CheckedMessage {
  const { MessageBody: body, DelaySeconds, MessageAttributes, MessageSystemAttributes } = given;
  if (!body) throw missing('MessageBody');
  if (!isPlainText(body)) throw new SqsFault('InvalidMessageContents', 'Invalid characters found. Valid unicode characters are #x9 | #xA | #xD | #x20 to #xD7FF | #xE000 to #xFFFD | #x10000 to #x10FFFF.'); // prettier-ignore
  checkDelay(DelaySeconds);
  const kept = MessageAttributes ? keptAttributes(MessageAttributes) : NONE;
  const ownTrace = traceOf(MessageSystemAttributes);
  const traceHeader = ownTrace ?? trace;
  const message = {
    ...{ body, contentType: TEXT, sender },
    ...(DelaySeconds === undefined ? {} : { delaySeconds: DelaySeconds }),
    ...(kept === NONE ? {} : kept),
    ...(traceHeader === undefined ? {} : { traceHeader }),
  };
  return { message, bytes: Buffer.byteLength(body) + attributeBytes(kept), told: digests(body, kept, ownTrace) };
}

function checkDelay(seconds: number | undefined): void {
  if (seconds === undefined || (seconds >= 0 && seconds <= SQS_DELAY_SECONDS)) return;
  throw badValue('DelaySeconds', seconds, `DelaySeconds must be >= 0 and <= ${SQS_DELAY_SECONDS}.`);
}

const TRACE = 'AWSTraceHeader';

function traceOf(given: WireAttributes | undefined): string | undefined {
  for (const [name, { DataType, StringValue }] of Object.entries(given ?? {})) {
    if (name !== TRACE) throw new SqsFault('InvalidParameterValue', `Message system attribute name '${name.slice(0, ATTRIBUTE_NAME_CHARACTERS)}' is invalid.`); // prettier-ignore
    if (DataType !== 'String' || !StringValue || !isPlainText(StringValue))
      throw new SqsFault('InvalidParameterValue', `The message system attribute '${TRACE}' must contain a non-empty value of the type String.`);
    return StringValue;
  }
  return undefined;
}

function digests(body: string, kept: KeptAttributes, trace: string | undefined): CheckedMessage['told'] {
  const ofAttributes = attributesMd5(kept);
  const ofTrace = trace === undefined ? undefined : attributesMd5({ attributes: { [TRACE]: trace }, attributeTypes: {} });
  return {
    MD5OfMessageBody: textMd5(body),
    ...(ofAttributes === undefined ? {} : { MD5OfMessageAttributes: ofAttributes }),
    ...(ofTrace === undefined ? {} : { MD5OfMessageSystemAttributes: ofTrace }),
  };
}

/** The system attributes of a message. */
const SYSTEM: Readonly<Record<string, (message: ReceivedMessage) => string | undefined>> = {
  AWSTraceHeader: ({ traceHeader }) => traceHeader,
  ApproximateFirstReceiveTimestamp: ({ firstReceivedAt }) => String(firstReceivedAt.getTime()),
  ApproximateReceiveCount: ({ receiveCount }) => String(receiveCount),
  SenderId: ({ sender }) => sender ?? 'holdfast',
  SentTimestamp: ({ sentAt }) => String(sentAt.getTime()),
  // In a FIFO queue of dead letters it is the id of the message, as independent messages may have had one deduplication id.
  MessageDeduplicationId: ({ deduplicationId, sequence, deadLetter, id }) => (deadLetter && sequence !== undefined ? id : deduplicationId),
  MessageGroupId: ({ group }) => group,
  SequenceNumber: ({ sequence }) => sequence,
};

export const SYSTEM_ATTRIBUTES: readonly string[] = [...Object.keys(SYSTEM), 'DeadLetterQueueSourceArn'];

/** What of each message a receive asks for. */
export interface Wish {
  readonly system: readonly string[];
  readonly attributes: readonly string[];
}

/**
 * Reads which attributes a receive wants.
 *
 * @throws SqsFault
 */
export function wishOf(input: InputOf<'ReceiveMessage'>): Wish {
  const system = [...(input.AttributeNames ?? []), ...(input.MessageSystemAttributeNames ?? [])];
  const unknown = system.find((name) => name !== 'All' && !SYSTEM_ATTRIBUTES.includes(name));
  if (unknown !== undefined) throw new SqsFault('InvalidAttributeName', `Unknown Attribute ${unknown.slice(0, ATTRIBUTE_NAME_CHARACTERS)}.`);
  return { system, attributes: input.MessageAttributeNames ?? [] };
}

/** Returns a message as it stands in the answer to a receive. */
export function wireMessage(message: ReceivedMessage, { system, attributes: wanted }: Wish, sourceArn: string | undefined): object {
  const body = textOf(message);
  const { attributes, attributeTypes = {} } = message;
  const chosen = chosenAttributes({ attributes, attributeTypes }, wanted);
  const md5 = attributesMd5(chosen);
  const shown = systemAttributes(message, system, sourceArn);
  return {
    ...{ MessageId: message.id, ReceiptHandle: message.receipt, MD5OfBody: textMd5(body), Body: body },
    ...(Object.keys(shown).length > 0 ? { Attributes: shown } : {}),
    ...(md5 === undefined ? {} : { MD5OfMessageAttributes: md5, MessageAttributes: wireAttributes(chosen) }),
  };
}

function systemAttributes(message: ReceivedMessage, wanted: readonly string[], sourceArn: string | undefined): Readonly<Record<string, string>> {
  if (wanted.length === 0) return {};
  const isAll = wanted.includes('All');
  const all = { ...Object.fromEntries(Object.entries(SYSTEM).map(([name, of]) => [name, of(message)])), DeadLetterQueueSourceArn: sourceArn };
  const shown = Object.entries(all).filter(([name, value]) => value !== undefined && (isAll || wanted.includes(name)));
  return Object.fromEntries(shown) as Record<string, string>;
}

/** Returns the body as a text. JSON of another API is its JSON text, and bytes are base64. */
function textOf({ body, contentType }: ReceivedMessage): string {
  if (body instanceof Uint8Array) return Buffer.from(body).toString('base64');
  return typeof body === 'string' && !/json/i.test(contentType) ? body : JSON.stringify(body);
}
