/**
 * What stands in requests and answers of the broker, made of its OpenAPI document by `npx gulp docs`; a test holds the two together. Instants are Dates
 * here, and texts on the wire.
 */

/** The codes of faults that the server tells. */
export type ProblemCode =
  | 'invalid_request'
  | 'unknown_field'
  | 'body_not_json'
  | 'body_not_plain'
  | 'body_too_deep'
  | 'malformed_request'
  | 'search_invalid'
  | 'token_in_url'
  | 'receipt_invalid'
  | 'token_missing'
  | 'token_unknown'
  | 'login_needed'
  | 'not_allowed'
  | 'cross_origin'
  | 'writes_disabled'
  | 'route_unknown'
  | 'queue_unknown'
  | 'task_unknown'
  | 'schedule_unknown'
  | 'process_unknown'
  | 'failure_group_unknown'
  | 'batch_unknown'
  | 'message_gone'
  | 'request_timeout'
  | 'queue_exists'
  | 'queue_of_broker'
  | 'task_moved_on'
  | 'task_key_taken'
  | 'message_not_in_flight'
  | 'receipt_stale'
  | 'message_too_large'
  | 'request_too_large'
  | 'content_type_unsupported'
  | 'host_refused'
  | 'idempotency_mismatch'
  | 'headers_too_large'
  | 'internal_error'
  | 'streams_full'
  | 'store_unavailable';

/** A message to be sent. */
export interface SendBody {
  /** Any JSON value; a text if a content type is given. */
  readonly body?: unknown;
  /** The body as base64 text, if it is bytes. */
  readonly bodyBase64?: string;
  /** Media type of the body. */
  readonly contentType?: string;
  /** Short texts beside the body, such as a trace id. */
  readonly attributes?: Readonly<Record<string, string>>;
  /** Types of attributes, as SQS has them: `String`, `Number` or `Binary`, of which the text is base64. */
  readonly attributeTypes?: Readonly<Record<string, string>>;
  /** Trace that the message belongs to, as AWS X-Ray writes it. */
  readonly traceHeader?: string;
  /** Seconds until the message can be received; by default that of the queue. */
  readonly delaySeconds?: number;
  /** Group of the message. A FIFO queue needs it, and keeps its order; another one only keeps it. */
  readonly group?: string;
  /** In a FIFO queue, of the messages with the same one that are sent within five minutes the first one is added. */
  readonly deduplicationId?: string;
}

/** The answer to a sent message. */
export interface SentAnswer {
  /** Id of the message. */
  readonly id: string;
  /** In a FIFO queue, its place in its group: it rises with every message. */
  readonly sequence?: string;
}

/** How to receive. */
export interface ReceiveBody {
  /** Maximum number of messages. */
  readonly max?: number;
  /** Time to wait for a message if there is none; by default that of the queue. */
  readonly waitSeconds?: number;
  /** Time to acknowledge these messages; by default that of the queue. */
  readonly visibilityTimeoutSeconds?: number;
  /** In a FIFO queue, gives the same messages and receipts again to a receive that is repeated within five minutes, while all of them are in flight. */
  readonly attemptId?: string;
}

/** A message that was received. */
export interface MessageAnswer {
  readonly id: string;
  readonly queue: string;
  /** The body, if it is JSON or a text. */
  readonly body?: unknown;
  /** The body as base64 text, if it is bytes. */
  readonly bodyBase64?: string;
  /** Media type of the body. */
  readonly contentType: string;
  readonly attributes: Readonly<Record<string, string>>;
  /** Types of attributes, as SQS has them: `String`, `Number` or `Binary`, of which the text is base64. */
  readonly attributeTypes?: Readonly<Record<string, string>>;
  /** Trace that the message belongs to, as AWS X-Ray writes it. */
  readonly traceHeader?: string;
  /** Who has sent it, if it was sent through SQS. */
  readonly sender?: string;
  /** Number of times that it was received so far. */
  readonly receiveCount: number;
  readonly sentAt: Date;
  /** Group of the message. A FIFO queue needs it, and keeps its order; another one only keeps it. */
  readonly group?: string;
  /** In a FIFO queue, of the messages with the same one that are sent within five minutes the first one is added. */
  readonly deduplicationId?: string;
  /** In a FIFO queue, its place in its group: it rises with every message. */
  readonly sequence?: string;
  /** Why the message is in a dead-letter queue. */
  readonly deadLetter?: {
    /** The queue that it came from. */
    readonly from: string;
    readonly reason: string;
    readonly description?: string;
    readonly at: Date;
  };
  /** Names this receive of the message. */
  readonly receipt: string;
  readonly receivedAt: Date;
  readonly firstReceivedAt: Date;
  readonly visibleAt: Date;
}

/** How to give a message back. */
export interface ReleaseBody {
  /** As `receive` returned it. */
  readonly receipt: string;
  /** Time until the message can be received again. */
  readonly delaySeconds?: number;
}

/** Why a message becomes a dead letter. */
export interface DeadLetterBody {
  /** As `receive` returned it. */
  readonly receipt: string;
  /** Reason, for people and filters. */
  readonly reason?: string;
  /** More about the reason. */
  readonly description?: string;
}

/** The answer to an extension. */
export interface ExtendAnswer {
  readonly visibleAt: Date;
}

/** Attributes and tags of a queue. */
export interface QueueBody {
  /** Attributes to set; a new queue has the defaults in all others. */
  readonly attributes?: {
    /** Time that a consumer has to acknowledge a received message. After it the message is handed out again. */
    readonly visibilityTimeoutSeconds?: number;
    /** Maximum age of a message that waits, counted from its sending. After it the message is removed and `message-expired` is emitted. */
    readonly retentionSeconds?: number;
    /** Time until a sent message can be received, if the message names none. */
    readonly delaySeconds?: number;
    /** Number of times that a message is handed out. Instead of the next one it moves to the dead-letter queue. 0 hands it out without end. */
    readonly maxReceiveCount?: number;
    /** Time that a receive waits for a message, if it names none. */
    readonly waitSeconds?: number;
    /** Name of the dead-letter queue; by default that of the queue followed by `.dlq`. It is made when it is needed. */
    readonly deadLetterQueue?: string;
    /** Hands out each group of messages in the order of sending, one consumer of a group at a time. It cannot be changed later. */
    readonly fifo?: boolean;
    /** In a FIFO queue, takes the SHA-256 of the body as the deduplication id of a message that names none. */
    readonly contentBasedDeduplication?: boolean;
    /** Where the deduplication ids of a FIFO queue hold: in the whole queue, or in each group by itself. */
    readonly deduplicationScope?: 'queue' | 'group';
    /** Maximum size of the body of a message. */
    readonly maxMessageBytes?: number;
  };
  /** Texts of your own. Those given replace all that were there. */
  readonly tags?: Readonly<Record<string, string>>;
}

/** A queue. */
export interface QueueAnswer {
  readonly name: string;
  readonly attributes: {
    /** Time that a consumer has to acknowledge a received message. After it the message is handed out again. */
    readonly visibilityTimeoutSeconds: number;
    /** Maximum age of a message that waits, counted from its sending. After it the message is removed and `message-expired` is emitted. */
    readonly retentionSeconds: number;
    /** Time until a sent message can be received, if the message names none. */
    readonly delaySeconds: number;
    /** Number of times that a message is handed out. Instead of the next one it moves to the dead-letter queue. 0 hands it out without end. */
    readonly maxReceiveCount: number;
    /** Time that a receive waits for a message, if it names none. */
    readonly waitSeconds: number;
    /** Name of the dead-letter queue; by default that of the queue followed by `.dlq`. It is made when it is needed. */
    readonly deadLetterQueue?: string;
    /** Hands out each group of messages in the order of sending, one consumer of a group at a time. It cannot be changed later. */
    readonly fifo: boolean;
    /** In a FIFO queue, takes the SHA-256 of the body as the deduplication id of a message that names none. */
    readonly contentBasedDeduplication: boolean;
    /** Where the deduplication ids of a FIFO queue hold: in the whole queue, or in each group by itself. */
    readonly deduplicationScope: 'queue' | 'group';
    /** Maximum size of the body of a message. */
    readonly maxMessageBytes: number;
  };
  readonly tags: Readonly<Record<string, string>>;
  readonly createdAt: Date;
  readonly modifiedAt: Date;
  /** A paused queue takes messages and hands none out. */
  readonly isPaused: boolean;
}

/** The counts of a queue. */
export interface StatsAnswer {
  /** Messages that can be received now. */
  readonly waiting: number;
  /** Messages whose delay is not over. */
  readonly delayed: number;
  /** Messages that were received and not acknowledged. */
  readonly inFlight: number;
  /** Messages in its dead-letter queue. */
  readonly dead: number;
  /** True if a number is so large that it was counted only up to a bound. */
  readonly isRounded: boolean;
  /** Age of the message that has waited longest; null if none waits. */
  readonly oldestSeconds: number | null;
}

/** A fault, as RFC 9457 describes it. */
export interface ProblemAnswer {
  /** A URN that ends in the code. */
  readonly type: string;
  /** The fault in words, the same for each code. */
  readonly title: string;
  readonly status: number;
  /** Stable, for programs. */
  readonly code: ProblemCode;
  /** What is wrong here, what was expected and how to mend it. */
  readonly detail: string;
  /** The part of the request at fault. */
  readonly in?: 'body' | 'query' | 'path' | 'header';
  /** JSON Pointer to the value at fault in that part. */
  readonly pointer?: string;
  /** What the task is now. */
  readonly state?: 'waiting' | 'running' | 'succeeded' | 'dead' | 'cancelled';
  /** The index of the character at which a search cannot be read. */
  readonly at?: number;
  /** When the store last answered. */
  readonly takenAt?: Date;
  /** How long ago that was. */
  readonly ageSeconds?: number;
  /** Names this request in the log of the server. */
  readonly requestId?: string;
}
