import { once } from 'node:events';
import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A request as a server has read it. */
export interface Seen {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

/** How a server answers: a status, or whatever a function does with the response. */
export type Reply = number | ((response: ServerResponse, seen: Seen) => unknown);

/** A web server on the loopback interface. */
export class WebServer {
  /** The requests so far. */
  readonly seen: Seen[] = [];
  /** The requests now under way, and the most there ever were at once. */
  open = 0;
  mostOpen = 0;
  /** The answer to every request. */
  reply: Reply = 200;
  readonly #server = createServer((request, response) => void this.#answer(request, response));

  static async start(reply: Reply = 200): Promise<WebServer> {
    const server = new WebServer();
    server.reply = reply;
    server.#server.listen(0, '127.0.0.1');
    await once(server.#server, 'listening');
    return server;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  url(path = '/', host = '127.0.0.1'): string {
    return `http://${host}:${this.port}${path}`;
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const seen = { method: request.method ?? '', path: request.url ?? '', headers: request.headers, body: Buffer.concat(chunks).toString() };
    this.seen.push(seen);
    this.open += 1;
    this.mostOpen = Math.max(this.mostOpen, this.open);
    response.once('close', () => (this.open -= 1));
    if (typeof this.reply === 'number') response.writeHead(this.reply).end();
    else await this.reply(response, seen);
  }
}

/** A reply with a JSON body. */
export const json =
  (body: unknown, status = 200, headers: Record<string, string> = {}): Reply =>
  (response) =>
    response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body));

/** A reply with a status and headers. */
export const answer =
  (status: number, headers: Record<string, string> = {}): Reply =>
  (response) =>
    response.writeHead(status, headers).end();
