import type { FastifyReply } from 'fastify';
import type { ReceivedMessage } from '../../modules/broker/brokerTypes';
import type { ServerParts } from './serverParts';

/** The way of received messages to one client. What it did not get, because it left, is released at once. */
export class HandOut {
  readonly #parts: Pick<ServerParts, 'broker' | 'onBug'>;
  readonly #left = new AbortController();
  #messages: readonly ReceivedMessage[] = [];

  constructor(parts: Pick<ServerParts, 'broker' | 'onBug'>, reply: FastifyReply) {
    this.#parts = parts;
    // The response closes after each request; it was not sent if the client is not there any more.
    reply.raw.once('close', () => {
      if (!reply.raw.writableFinished) this.#giveBack();
    });
  }

  /** Fires when the client has left. */
  get signal(): AbortSignal {
    return this.#left.signal;
  }

  /** Takes note of messages that are now on their way to the client. */
  took(messages: readonly ReceivedMessage[]): void {
    this.#messages = messages;
    if (this.#left.signal.aborted) this.#giveBack();
  }

  #giveBack(): void {
    this.#left.abort();
    const given = this.#messages;
    this.#messages = [];
    if (given.length > 0) this.#parts.broker.releaseMany(given.map(({ receipt }) => ({ receipt }))).catch(this.#parts.onBug);
  }
}
