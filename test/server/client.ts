import { request as send } from 'node:http';
import type { ClientRequest, IncomingHttpHeaders, IncomingMessage } from 'node:http';
import { startServer } from '../../classes/server/server';
import type { BrokerServer, StartOptions } from '../../classes/server/server';
import type { Store } from '../../classes/store/store';
import type { Opening } from '../support/stores';

/** An answer of the server. */
export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
  /** The body as JSON; undefined if there is none. */
  readonly body: Record<string, never> & { readonly [key: string]: never };
}

export interface Call {
  readonly json?: unknown;
  readonly body?: string | Buffer;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Calls a server over connections of its own, with headers that `fetch` would forbid. */
export class Client {
  readonly url: string;

  constructor(url: string) {
    this.url = url;
  }

  get = (path: string, call: Call = {}): Promise<Answer> => this.call('GET', path, call);
  post = (path: string, json?: unknown, call: Call = {}): Promise<Answer> =>
    this.call('POST', path, { ...call, ...(json === undefined ? {} : { json }) });
  put = (path: string, json?: unknown): Promise<Answer> => this.call('PUT', path, json === undefined ? {} : { json });

  call(method: string, path: string, call: Call = {}): Promise<Answer> {
    return new Promise((resolve, reject) => {
      this.begin(method, path, call, (response) => void answerOf(response).then(resolve, reject)).once('error', reject);
    });
  }

  /** Calls for a stream, and ends it when it begins. A refusal is read. */
  beginning(path: string, call: Call = {}): Promise<Answer> {
    return new Promise((resolve, reject) => {
      const request = this.begin('GET', path, call, (response) => {
        if (response.statusCode !== 200) return void answerOf(response).then(resolve, reject);
        resolve({ status: 200, headers: response.headers, text: '', body: {} });
        request.destroy();
      }).once('error', reject);
    });
  }

  /** Begins a call that the test may end. */
  begin(
    method: string,
    path: string,
    { json, body, headers = {} }: Call,
    onAnswer: (response: IncomingMessage) => void = () => undefined,
  ): ClientRequest {
    const sent = json === undefined ? body : JSON.stringify(json);
    const type = json === undefined ? {} : { 'content-type': 'application/json' };
    const length = sent === undefined ? {} : { 'content-length': String(Buffer.byteLength(sent)) };
    const request = send(`${this.url}${path}`, { method, agent: false, headers: { ...type, ...length, ...headers } }, onAnswer);
    request.end(sent);
    return request;
  }
}

async function answerOf(response: IncomingMessage): Promise<Answer> {
  const chunks: Buffer[] = [];
  for await (const chunk of response) chunks.push(chunk as Buffer);
  const text = Buffer.concat(chunks).toString('utf8');
  const isJson = /json/.test(response.headers['content-type'] ?? '');
  return { status: response.statusCode ?? 0, headers: response.headers, text, body: (isJson ? JSON.parse(text) : undefined) as Answer['body'] };
}

/** Servers of one test, each on a free port. */
export class Servers {
  readonly #opening: Opening;
  readonly #started: BrokerServer[] = [];

  constructor(opening: Opening) {
    this.#opening = opening;
  }

  async start(options: Omit<StartOptions, 'store'> = {}): Promise<Client & { readonly server: BrokerServer; readonly store: Store }> {
    const store = await this.#opening.open();
    const server = await startServer({ store, port: 0, createQueues: true, ...options });
    this.#started.push(server);
    return Object.assign(new Client(server.url), { server, store });
  }

  async close(): Promise<void> {
    await Promise.all(this.#started.splice(0).map((server) => server.close()));
  }
}
