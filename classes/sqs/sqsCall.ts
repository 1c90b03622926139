import type { Action } from '../../constants/serverLimits';
import type { ReceivedMessage } from '../../modules/broker/brokerTypes';
import type { Place } from '../../modules/sqs/queueNames';

/** What the server knows of a request beside its input. */
export interface SqsCall extends Place {
  /** The queue of the path that the request went to, if it names one. */
  readonly path: string;
  /** The name of the sender, for the messages that it sends. */
  readonly sender: string;
  /** The trace that the request belongs to, by its header `X-Amzn-Trace-Id`. */
  readonly trace: string | undefined;
  /** What the names of the queues begin with that the caller may use. */
  readonly prefix: string;
  /** Tells whether the caller may see a queue. */
  readonly sees: (queue: string) => boolean;
  /**
   * Refuses what the caller may not do on a queue.
   *
   * @throws SqsFault `AccessDenied`
   */
  readonly check: (action: Action, queue: string) => void;
  /** Fires when the client has left. */
  readonly signal: AbortSignal;
  /** Takes note of messages that are on their way to the client, and are given back if it leaves. */
  readonly took: (messages: readonly ReceivedMessage[]) => void;
}
