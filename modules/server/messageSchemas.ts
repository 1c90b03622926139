import { Type } from 'typebox';
import {
  brokerQueueName,
  deadLetterOptions,
  extendOption,
  peekOptions,
  receiveOptions,
  deadLetterRedriveOptions,
  releaseOptions,
  sendOptions,
  sentMessage,
} from '../../config/brokerOptions';
import { ATTRIBUTE_NAME_CHARACTERS, ATTRIBUTES_BYTES, MESSAGE_ATTRIBUTES, MESSAGES_A_CALL, VISIBILITY_SECONDS } from '../../constants/brokerLimits';
import { RECEIPT_CHARACTERS } from '../../constants/serverLimits';
import { exactly, instant, problemRef } from './commonSchemas';
import { schemaOf } from './schemaOf';

export const queueParams = exactly({ queue: schemaOf(brokerQueueName) });

const contentType = Type.String({ minLength: 1, maxLength: 256, description: 'Media type of the body.' });
const bodyBase64 = Type.String({ description: 'The body as base64 text, if it is bytes.' });

const sentAttributes = Type.Record(
  Type.String({ minLength: 1, maxLength: ATTRIBUTE_NAME_CHARACTERS }),
  Type.String({ maxLength: ATTRIBUTES_BYTES }),
  {
    maxProperties: MESSAGE_ATTRIBUTES,
    description: 'Short texts beside the body, such as a trace id.',
  },
);

const attributeTypes = Type.Record(Type.String({ minLength: 1, maxLength: ATTRIBUTE_NAME_CHARACTERS }), Type.String({ maxLength: 256 }), {
  maxProperties: MESSAGE_ATTRIBUTES,
  description: 'Types of attributes, as SQS has them: `String`, `Number` or `Binary`, of which the text is base64.',
});

const traceHeader = Type.String({ minLength: 1, maxLength: 4_096, description: 'Trace that the message belongs to, as AWS X-Ray writes it.' });

const delaySeconds = Type.Integer({
  minimum: 0,
  maximum: VISIBILITY_SECONDS,
  description: 'Seconds until the message can be received; by default that of the queue.',
});

const group = schemaOf(sentMessage.properties.group);
const deduplicationId = schemaOf(sentMessage.properties.deduplicationId);
const sequence = Type.Optional(Type.String({ pattern: '^[0-9]{20}$', description: 'In a FIFO queue, its place in its group: it rises with every message.' })); // prettier-ignore

/** A message as it is sent in JSON: with a body, or with the bytes of one. */
export const outgoing = exactly(
  {
    body: Type.Optional(Type.Unknown({ description: 'Any JSON value; a text if a content type is given.' })),
    bodyBase64: Type.Optional(bodyBase64),
    contentType: Type.Optional(contentType),
    attributes: Type.Optional(sentAttributes),
    attributeTypes: Type.Optional(attributeTypes),
    traceHeader: Type.Optional(traceHeader),
    delaySeconds: Type.Optional(delaySeconds),
    group: Type.Optional(group),
    deduplicationId: Type.Optional(deduplicationId),
  },
  { description: 'One message. It has a `body` or a `bodyBase64`.' },
);

export const outgoingMany = exactly(
  { messages: Type.Array(outgoing, { minItems: 1, maxItems: MESSAGES_A_CALL }) },
  { description: 'Several messages, each with an answer of its own.' },
);

export const sendBody = Type.Union([outgoing, outgoingMany]);

/** What a message whose body is the body of the request has beside it. */
export const sendQuery = exactly({
  delaySeconds: Type.Optional(delaySeconds),
  group: Type.Optional(group),
  deduplicationId: Type.Optional(deduplicationId),
});

export const sendHeaders = Type.Object({ 'idempotency-key': Type.Optional(schemaOf(sendOptions.properties.idempotencyKey)) });

export const sent = exactly({ id: Type.String({ format: 'uuid', description: 'Id of the message.' }), sequence });

const entryFault = exactly({ error: problemRef });

export const sentMany = exactly({ messages: Type.Array(Type.Union([sent, entryFault])) });

export const receiveBody = exactly({
  max: Type.Optional(schemaOf(receiveOptions.properties.max)),
  waitSeconds: Type.Optional(schemaOf(receiveOptions.properties.waitSeconds)),
  visibilityTimeoutSeconds: Type.Optional(schemaOf(receiveOptions.properties.visibilityTimeoutSeconds)),
  attemptId: Type.Optional(schemaOf(receiveOptions.properties.attemptId)),
});

const deadLetter = exactly(
  {
    from: Type.String({ description: 'The queue that it came from.' }),
    reason: Type.String(),
    description: Type.Optional(Type.String()),
    at: instant,
  },
  { description: 'Why the message is in a dead-letter queue.' },
);

const shown = {
  id: Type.String({ format: 'uuid' }),
  queue: Type.String(),
  body: Type.Optional(Type.Unknown({ description: 'The body, if it is JSON or a text.' })),
  bodyBase64: Type.Optional(bodyBase64),
  contentType,
  attributes: Type.Record(Type.String(), Type.String()),
  attributeTypes: Type.Optional(attributeTypes),
  traceHeader: Type.Optional(traceHeader),
  sender: Type.Optional(Type.String({ description: 'Who has sent it, if it was sent through SQS.' })),
  receiveCount: Type.Integer({ description: 'Number of times that it was received so far.' }),
  sentAt: instant,
  group: Type.Optional(group),
  deduplicationId: Type.Optional(deduplicationId),
  sequence,
  deadLetter: Type.Optional(deadLetter),
};

export const received = exactly({
  ...shown,
  receipt: Type.String({ description: 'Names this receive of the message.' }),
  receivedAt: instant,
  firstReceivedAt: instant,
  visibleAt: instant,
});

export const receivedMany = exactly({ messages: Type.Array(received) });

export const peeked = exactly({
  ...shown,
  state: schemaOf(peekOptions.properties.state),
  until: Type.Union([instant, Type.Null()], {
    description: 'When a delayed message can be received, or the visibility of one in flight ends.',
  }),
});

const next = Type.Union([Type.String(), Type.Null()], { description: 'The `after` of the next page; null at the end.' });

export const peekQuery = exactly({
  state: Type.Optional(schemaOf(peekOptions.properties.state)),
  limit: Type.Optional(schemaOf(peekOptions.properties.limit)),
  after: Type.Optional(schemaOf(peekOptions.properties.after)),
});

export const deadLettersQuery = exactly({
  limit: Type.Optional(schemaOf(peekOptions.properties.limit)),
  after: Type.Optional(schemaOf(peekOptions.properties.after)),
});

export const peekedPage = exactly({ messages: Type.Array(peeked), next });

const receipt = Type.String({ minLength: 1, maxLength: RECEIPT_CHARACTERS, pattern: '^[A-Za-z0-9._~-]+$', description: 'As `receive` returned it.' });

const extendSeconds = schemaOf({ ...extendOption, description: 'Time from now in which to acknowledge the message.' });
const reason = schemaOf(deadLetterOptions.properties.reason);
const description = schemaOf(deadLetterOptions.properties.description);

/** What the four calls with a receipt take. */
export const settlements = {
  ack: exactly({ receipt }),
  extend: exactly({ receipt, visibilityTimeoutSeconds: extendSeconds }),
  release: exactly({ receipt, delaySeconds: Type.Optional(schemaOf(releaseOptions.properties.delaySeconds)) }),
  deadLetter: exactly({ receipt, reason: Type.Optional(reason), description: Type.Optional(description) }),
};

/** One entry, or several with an answer each. */
export const oneOrMany = <Entry extends (typeof settlements)[keyof typeof settlements]>(entry: Entry) =>
  Type.Union([entry, exactly({ entries: Type.Array(entry, { minItems: 1, maxItems: MESSAGES_A_CALL }) })]);

export const extended = exactly({ visibleAt: instant });

export const settledMany = exactly({ results: Type.Array(Type.Union([exactly({ ok: Type.Literal(true) }), entryFault])) });
export const extendedMany = exactly({ results: Type.Array(Type.Union([extended, entryFault])) });

export const redriveBody = exactly({
  limit: Type.Optional(schemaOf(deadLetterRedriveOptions.properties.limit)),
  reason: Type.Optional(schemaOf(deadLetterRedriveOptions.properties.reason)),
  ratePerSecond: Type.Optional(schemaOf(deadLetterRedriveOptions.properties.ratePerSecond)),
});

export const moved = exactly({ moved: Type.Integer({ description: 'Number of messages that returned to the queue.' }) });
export const removed = exactly({ removed: Type.Integer({ description: 'Number of removed messages.' }) });
