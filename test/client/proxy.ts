import { createServer, request as forward } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What becomes of one request: it passes, its answer is lost after the server has carried it out, it gets no answer, or another one. */
export type Fate =
  'pass' | 'lose' | 'hang' | { readonly status: number; readonly body?: string; readonly headers?: Readonly<Record<string, string>> };

/** A request that has come through. */
export interface Seen {
  readonly method: string;
  readonly path: string;
  readonly body: string;
  readonly key: string | undefined;
}

/** Stands between a client and a server, and sees and spoils what a test tells it to. */
export class Proxy {
  readonly seen: Seen[] = [];
  readonly #target: string;
  readonly #fateOf: (seen: Seen, count: number) => Fate;
  #server: Server | undefined;

  constructor(target: string, fateOf: (seen: Seen, count: number) => Fate = () => 'pass') {
    this.#target = target;
    this.#fateOf = fateOf;
  }

  async start(): Promise<string> {
    const server = createServer((request, response) => void this.#handle(request, response));
    this.#server = server;
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return this.url;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server?.address() as AddressInfo).port}`;
  }

  close(): Promise<void> {
    const server = this.#server;
    server?.closeAllConnections();
    return new Promise((resolve) => (server ? server.close(() => resolve()) : resolve()));
  }

  /** The requests whose paths end so. */
  to(end: string): Seen[] {
    return this.seen.filter(({ path }) => path.endsWith(end));
  }

  async #handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const body = Buffer.concat(chunks);
    const key = request.headers['idempotency-key'] as string | undefined;
    const seen = { method: request.method ?? '', path: request.url ?? '', body: body.toString(), key };
    this.seen.push(seen);
    const fate = this.#fateOf(seen, this.seen.length);
    if (fate === 'hang') return;
    if (typeof fate === 'object') return void response.writeHead(fate.status, { ...fate.headers }).end(fate.body);
    const { 'content-length': _length, host: _host, connection: _connection, 'transfer-encoding': _encoding, ...headers } = request.headers;
    const onward = forward(`${this.#target}${request.url}`, { method: request.method, headers, agent: false }, (answer) => {
      if (fate === 'lose') return void answer.resume().once('end', () => response.destroy());
      response.writeHead(answer.statusCode ?? 500, answer.headers);
      answer.pipe(response);
    });
    response.once('close', () => onward.destroy());
    onward.once('error', () => response.destroy()).end(body);
  }
}
