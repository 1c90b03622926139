import type {
  DeadLetterBody,
  ExtendAnswer,
  MessageAnswer,
  ProblemAnswer,
  ProblemCode,
  QueueAnswer,
  QueueBody,
  ReceiveBody,
  ReleaseBody,
  SendBody,
  SentAnswer,
  StatsAnswer,
} from './wireTypes';

/** A message to be sent: what the server takes, but that bytes are bytes. */
export interface ClientMessage extends Omit<SendBody, 'body' | 'bodyBase64'> {
  /** Any JSON value, a text with a `contentType`, or bytes as a Uint8Array. */
  readonly body: unknown;
}

/** A message that was received. */
export interface ClientReceived extends Omit<MessageAnswer, 'body' | 'bodyBase64'> {
  /** The JSON value or the text that was sent, or a Uint8Array. */
  readonly body: unknown;
}

/** What a receipt is used with: a message that was received, or its two fields. */
export type Received = Pick<ClientReceived, 'queue' | 'receipt'>;

/** How to receive. */
export interface ClientReceiveOptions extends ReceiveBody {
  /** Ends the wait: the call rejects with its reason. */
  readonly signal?: AbortSignal;
}

/** How to give a message back. */
export type ClientReleaseOptions = Omit<ReleaseBody, 'receipt'>;

/** Why a message becomes a dead letter. */
export type ClientDeadLetterOptions = Omit<DeadLetterBody, 'receipt'>;

/** The answer to a send. */
export type ClientSent = SentAnswer;

/** The answer to an extension. */
export type ClientExtended = ExtendAnswer;

/** Attributes and tags of a queue. */
export type ClientQueueOptions = QueueBody;

/** A queue as the server shows it. */
export type ClientQueue = QueueAnswer;

/** The counts of a queue. */
export type ClientQueueStats = StatsAnswer;

/** A message on the wire. */
export type WireMessage = MessageAnswer;

/** A fault as the server tells it. */
export type WireProblem = ProblemAnswer;

export type { ProblemCode };
