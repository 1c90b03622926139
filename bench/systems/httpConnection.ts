import { connect } from 'node:net';
import type { Socket } from 'node:net';

/** An answer over HTTP. */
export interface HttpAnswer {
  readonly status: number;
  readonly body: Buffer;
}

const HEAD_END = '\r\n\r\n';
const LENGTH = /^content-length: *(\d+)/im;

/** A keep-alive connection that has one request under way. It knows only what the measured servers send: answers with a length, or without a body. */
export class HttpConnection {
  readonly #socket: Socket;
  #got: Buffer = Buffer.alloc(0);
  #answered: ((answer: HttpAnswer) => void) | undefined;
  #failed: ((error: Error) => void) | undefined;
  #error: Error | undefined;

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.setNoDelay(true);
    socket.on('data', (bytes) => this.#take(bytes));
    socket.on('error', (error) => this.#end(error));
    socket.on('close', () => this.#end(new Error('the server closed the connection')));
  }

  static async open(port: number): Promise<HttpConnection> {
    const socket = connect(port, '127.0.0.1');
    await new Promise<void>((resolve, reject) => socket.once('connect', resolve).once('error', reject));
    return new HttpConnection(socket);
  }

  /** Posts a text and waits for the answer. */
  post(path: string, headers: string, text: string): Promise<HttpAnswer> {
    return new Promise((resolve, reject) => {
      if (this.#error) return reject(this.#error);
      this.#answered = resolve;
      this.#failed = reject;
      this.#socket.write(`POST ${path} HTTP/1.1\r\nhost: localhost\r\n${headers}\r\ncontent-length: ${Buffer.byteLength(text)}${HEAD_END}${text}`);
    });
  }

  close(): void {
    this.#socket.destroy();
  }

  #take(bytes: Buffer): void {
    this.#got = this.#got.length === 0 ? bytes : Buffer.concat([this.#got, bytes]);
    const headEnd = this.#got.indexOf(HEAD_END);
    if (headEnd === -1) return;
    const head = this.#got.toString('latin1', 0, headEnd);
    const bodyAt = headEnd + HEAD_END.length;
    const bodyEnd = bodyAt + Number(LENGTH.exec(head)?.[1] ?? 0);
    if (this.#got.length < bodyEnd) return;
    const body = this.#got.subarray(bodyAt, bodyEnd);
    this.#got = this.#got.subarray(bodyEnd);
    this.#answered?.({ status: Number(head.slice('HTTP/1.1 '.length, 'HTTP/1.1 200'.length)), body });
  }

  #end(error: Error): void {
    this.#error ??= error;
    this.#failed?.(this.#error);
  }
}
