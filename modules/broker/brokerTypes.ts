import type { QueueAttributes } from '../../config/brokerOptions';

/** JSON data, text or bytes. Text and bytes come with a content type. */
export type MessageBody = unknown;

/** Up to ten short texts beside the body, such as a trace id. */
export type MessageAttributes = Readonly<Record<string, string>>;

/** A message to be sent. */
export interface OutgoingMessage {
  /** Any JSON value, a text, or a Buffer: at most 1 MiB, counted as the bytes of the body itself. */
  readonly body: MessageBody;
  /**
   * The media type of the body. By default `application/json`; `application/octet-stream` for a Buffer. With another type the body has to be a string or
   * a Buffer, and is handed out as what it was.
   */
  readonly contentType?: string;
  /** At most 10, with names of at most 256 characters and values of at most 1,024 in all 64 KiB. */
  readonly attributes?: MessageAttributes;
  /**
   * Types of attributes, by their names: `String`, `Number` or `Binary`, each with a suffix after a dot if need be. The text of a binary one is base64.
   * With types the attributes may have 1 MiB, which is counted together with the body.
   */
  readonly attributeTypes?: MessageAttributes;
  /** The trace that it belongs to, as AWS X-Ray writes it. */
  readonly traceHeader?: string;
  /** The name of who sends it. */
  readonly sender?: string;
  /** Seconds until the message can be received, 0 to 43,200; by default that of the queue. In a FIFO queue only the queue has a delay. */
  readonly delaySeconds?: number;
  /** The group of the message: 1 to 128 visible characters. A FIFO queue needs it, and hands out each group in order; another queue only keeps it. */
  readonly group?: string;
  /** In a FIFO queue, of the messages with the same one that are sent within five minutes, the first one is added. */
  readonly deduplicationId?: string;
}

/** The answer to a sent message. */
export interface Sent {
  /** The id of the message, a UUID. It stays the same for as long as the message exists, in whichever queue. */
  readonly id: string;
  /** The place of the message in its group, in a FIFO queue: digits that rise with every message. */
  readonly sequence?: string;
}

/** Why a message is in a dead-letter queue. */
export interface DeadLetter {
  /** The queue that it came from, to which a redrive returns it. */
  readonly from: string;
  /** `max-receive-count`, or the reason that a consumer gave. */
  readonly reason: string;
  readonly description?: string;
  readonly at: Date;
}

/** A message as it is shown: by `peek` without a receipt. */
export interface Message {
  readonly id: string;
  readonly queue: string;
  readonly body: MessageBody;
  readonly contentType: string;
  readonly attributes: MessageAttributes;
  /** Set if it was sent with them, as are the next two. */
  readonly attributeTypes?: MessageAttributes;
  readonly traceHeader?: string;
  readonly sender?: string;
  /** The number of times that it was received so far, in all queues. */
  readonly receiveCount: number;
  readonly sentAt: Date;
  /** Set if the sender named one. */
  readonly group?: string;
  /** Set in a FIFO queue, if the sender named one or the queue made one of the body. */
  readonly deduplicationId?: string;
  /** Set in a FIFO queue. */
  readonly sequence?: string;
  /** Set in a dead-letter queue. */
  readonly deadLetter?: DeadLetter;
}

/** The state of a message in its queue. */
export type MessageState = 'waiting' | 'delayed' | 'in-flight';

/** A message as `peek` shows it. Peeking is no receive: it takes no lease and counts nothing. */
export interface PeekedMessage extends Message {
  readonly state: MessageState;
  /** When a delayed message can be received, or the visibility of one in flight ends; null for one that waits. */
  readonly until: Date | null;
}

/** A message in the hands of a consumer. */
export interface ReceivedMessage extends Message {
  /** Names this receive of the message in `ack`, `extend`, `release` and `deadLetter`. It is stale once the message was received again. */
  readonly receipt: string;
  readonly receivedAt: Date;
  /** The time of its first receive. */
  readonly firstReceivedAt: Date;
  /** The end of its visibility timeout, after which it is handed out again. */
  readonly visibleAt: Date;
}

/** The state of a queue. */
export interface QueueStats {
  /** Messages that can be received now. */
  readonly waiting: number;
  /** Messages whose delay is not over. */
  readonly delayed: number;
  /** Messages that consumers have received and not acknowledged. */
  readonly inFlight: number;
  /** Messages in its dead-letter queue. */
  readonly dead: number;
  /** True if some number is so large that it was only counted up to a bound. */
  readonly isRounded: boolean;
  /** Age in seconds of the message that has waited longest for a consumer; null if none waits. */
  readonly oldestSeconds: number | null;
}

/** A queue with its attributes. */
export interface QueueInfo {
  readonly name: string;
  readonly attributes: QueueAttributes;
  readonly tags: Readonly<Record<string, string>>;
  readonly createdAt: Date;
  readonly modifiedAt: Date;
  readonly isPaused: boolean;
}

/** The answer for one message or receipt of several: what the single call would have answered, or its error. */
export type EntryAnswer<T> = ({ readonly ok: true } & T) | { readonly ok: false; readonly error: Error };
