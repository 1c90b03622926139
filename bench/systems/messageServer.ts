import type { HttpAnswer } from './httpConnection';
import type { HttpConnection } from './httpConnection';

/** A message that a consumer holds. */
export interface Held {
  readonly id: string;
  readonly receipt: string;
}

/** A connection to a message server that has one request under way. */
export interface Lane {
  /** Sends this many messages in one request. */
  send(count: number): Promise<void>;
  receive(max: number, waitSeconds: number): Promise<readonly Held[]>;
  /** Acknowledges messages in one request. */
  ack(held: readonly Held[]): Promise<void>;
  close(): void;
}

/** A message server in a process of its own. */
export interface MessageServer {
  connect(queue: string): Promise<Lane>;
  /** Returns the processor time of the process so far, in milliseconds. */
  cpuMs(): Promise<number>;
  stop(): Promise<void>;
}

/** What a system starts that is measured over HTTP. */
export interface MessageServers {
  /** Starts one more server on the store, with these queues. */
  start(queues: readonly string[]): Promise<MessageServer>;
}

/** A body of 200 bytes as JSON. */
export const BODY = 'x'.repeat(198);

/** Posts JSON and returns what was answered. */
export class JsonLane {
  readonly #connection: HttpConnection;
  readonly #headers: string;

  constructor(connection: HttpConnection, headers = 'content-type: application/json') {
    this.#connection = connection;
    this.#headers = headers;
  }

  async post(path: string, text: string, headers = this.#headers): Promise<HttpAnswer> {
    const answer = await this.#connection.post(path, headers, text);
    if (answer.status >= 200 && answer.status < 300) return answer;
    throw new Error(`${path} was answered with ${answer.status}: ${answer.body.toString().slice(0, 300)}`);
  }

  close(): void {
    this.#connection.close();
  }
}

export const bodyOf = ({ body }: HttpAnswer): unknown => JSON.parse(body.toString());
