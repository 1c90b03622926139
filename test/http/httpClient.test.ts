import { setTimeout as wait } from 'node:timers/promises';
import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import { expect } from 'chai';
import { httpClient } from '../../classes/http/http';
import type { HttpClient, HttpError, HttpOptions } from '../../classes/http/http';
import { retryOf, snoozeOf } from '../../modules/task/handlerErrors';
import { eventually, makeGate, refusalOf } from '../support/eventually';
import { answer, json, WebServer } from './webServer';

describe('A client for HTTP', () => {
  const clients: HttpClient[] = [];
  let server: WebServer;
  let other: WebServer;

  beforeEach(async () => {
    server = await WebServer.start();
    other = await WebServer.start();
  });

  afterEach(async () => {
    await server.close();
    await other.close();
    for (const client of clients.splice(0)) await client.close();
  });

  const open = (options: Partial<HttpOptions> = {}): HttpClient => {
    const client = httpClient({ allowedHosts: ['127.0.0.1'], ...options });
    clients.push(client);
    return client;
  };

  const fault = (call: () => Promise<unknown>) => refusalOf(call) as Promise<HttpError>;

  it('sends a JSON body, and returns status, chosen headers and the parsed answer', async () => {
    server.reply = json({ ok: true }, 201, { etag: '"7"', 'set-cookie': 'a=b' });
    const { body, ...rest } = await open().request(
      { url: server.url('/challenges?x=1#y'), method: 'PUT', body: { status: 'REVIEW' } },
      { id: 'task-1' },
    );
    expect(body).to.deep.equal({ ok: true });
    expect(rest).to.deep.equal({ status: 201, headers: { 'content-type': 'application/json', etag: '"7"' }, bodyDropped: false });
    const [seen] = server.seen;
    expect(seen).to.include({ method: 'PUT', path: '/challenges?x=1', body: '{"status":"REVIEW"}' });
    expect(seen?.headers).to.include({ 'content-type': 'application/json', 'idempotency-key': 'task-1', host: `127.0.0.1:${server.port}` });
  });

  it('sends a text as it is, and by default a GET without a body', async () => {
    const client = open();
    await client.request({ url: server.url(), body: 'hello', headers: { 'Content-Type': 'text/csv' } });
    await client.request({ url: server.url() });
    expect(server.seen.map(({ method, body, headers }) => [method, body, headers['content-type']])).to.deep.equal([
      ['POST', 'hello', 'text/csv'],
      ['GET', '', undefined],
    ]);
  });

  it('sends the key of a step rather than the id of the task, and that of the request rather than both', async () => {
    const client = open();
    await client.request({ url: server.url() }, { id: 'task', key: 'step' });
    await client.request({ url: server.url(), headers: { 'Idempotency-Key': 'own' } }, { id: 'task', key: 'step' });
    await client.request({ url: server.url() });
    expect(server.seen.map(({ headers }) => headers['idempotency-key'])).to.deep.equal(['step', 'own', undefined]);
  });

  for (const [status, headers, retry] of [
    [400, {}, 'never'],
    [401, {}, 'never'],
    [404, {}, 'never'],
    [409, {}, 'never'],
    [304, {}, 'never'],
    [302, { location: '/else' }, 'never'],
    [408, {}, 'backoff'],
    [425, {}, 'backoff'],
    [429, {}, 'backoff'],
    [429, { 'retry-after': '7' }, { afterMs: 7_000 }],
    [503, { 'retry-after': 'Mon, 04 Jan 2027 12:00:30 GMT', date: 'Mon, 04 Jan 2027 12:00:00 GMT' }, { afterMs: 30_000 }],
    [503, { 'retry-after': '31536000' }, { afterMs: 3_600_000 }],
    [503, { 'retry-after': 'next year' }, 'backoff'],
    [500, {}, 'backoff'],
    [502, {}, 'backoff'],
    [504, {}, 'backoff'],
  ] as const) {
    const what = Object.keys(headers).length > 0 ? ` with ${JSON.stringify(headers)}` : '';
    it(`retries a ${status}${what}: ${JSON.stringify(retry)}`, async () => {
      server.reply = answer(status, headers);
      const error = await fault(() => open().request({ url: server.url('/secret-path?token=s3cret') }));
      expect(retryOf(error)).to.deep.equal(retry);
      expect(error.answer?.status).to.equal(status);
      expect(error.message).to.include(`GET http://127.0.0.1:${server.port} was answered by ${status}`).and.not.include('secret');
      expect(server.seen).to.have.length(1);
    });
  }

  it('returns a status that the request accepts', async () => {
    server.reply = json({ status: 'REVIEW' }, 409);
    expect(await open().request({ url: server.url(), accepts: [409, 412] })).to.include({ status: 409 });
  });

  it('retries what nobody answers', async () => {
    const url = server.url();
    await server.close();
    const error = await fault(() => open().request({ url }));
    expect([error.code, retryOf(error), error.message]).to.deep.include.members(['HOLDFAST_REQUEST_FAILED', 'backoff']);
    expect(error.message).to.include('ECONNREFUSED');
    server = await WebServer.start();
  });

  it('retries a name that there is not', async () => {
    const lookup: HttpOptions['lookup'] = (_name, _options, done) => done(Object.assign(new Error('none'), { code: 'ENOTFOUND' }), []);
    const error = await fault(() => open({ lookup }).request({ url: 'http://nowhere.test/' }));
    expect([error.code, retryOf(error)]).to.deep.equal(['HOLDFAST_REQUEST_FAILED', 'backoff']);
    const none: HttpOptions['lookup'] = (_name, _options, done) => done(null, []);
    expect(retryOf(await fault(() => open({ lookup: none }).request({ url: 'http://nowhere.test/' })))).to.equal('backoff');
  });

  it('retries what is not answered within the time limit, before the headers and in the middle of the body', async () => {
    for (const reply of [() => undefined, (response: ServerResponse) => response.writeHead(200).write('beginning')]) {
      server.reply = reply;
      const error = await fault(() => open({ timeoutMs: 100 }).request({ url: server.url() }));
      expect([error.code, retryOf(error)]).to.deep.equal(['HOLDFAST_REQUEST_FAILED', 'backoff']);
      expect(error.message).to.include('had no answer within 100 ms');
    }
  });

  it('retries a side that accepts connections and says nothing, or what is no HTTP', async () => {
    for (const greeting of ['', 'SSH-2.0-x\r\n', 'HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nshort']) {
      const sockets: Socket[] = [];
      const mute = createServer((socket) => {
        sockets.push(socket.on('error', () => undefined));
        if (greeting !== '') socket.end(greeting);
      });
      mute.listen(0, '127.0.0.1');
      await once(mute, 'listening');
      const { port } = mute.address() as AddressInfo;
      const error = await fault(() => open({ timeoutMs: 500 }).request({ url: `http://127.0.0.1:${port}/` }));
      expect([error.code, retryOf(error)]).to.deep.equal(['HOLDFAST_REQUEST_FAILED', 'backoff']);
      sockets.forEach((socket) => socket.destroy());
      await new Promise((resolve) => mute.close(resolve));
    }
  });

  it('ends with the signal of its task, also while it waits for its turn', async () => {
    server.reply = () => undefined;
    const client = open({ callsPerHost: 1 });
    const [first, second] = [new AbortController(), new AbortController()];
    const reasons = [first, second].map(({ signal }) => client.request({ url: server.url() }, { signal }).catch((error: unknown) => error));
    await eventually('the first is under way', () => server.seen.length === 1);
    second.abort(new Error('second'));
    first.abort(new Error('first'));
    expect((await Promise.all(reasons)).map((error) => (error as Error).message)).to.deep.equal(['first', 'second']);
    expect(server.seen).to.have.length(1);
  });

  it('refuses a request of a task that has been stopped before', async () => {
    const signal = AbortSignal.abort(new Error('stopped'));
    expect(
      await open()
        .request({ url: server.url() }, { signal })
        .catch((error: Error) => error.message),
    ).to.equal('stopped');
    expect(server.seen).to.have.length(0);
  });

  it('makes no more requests at once to a host than allowed', async () => {
    server.reply = async (response) => {
      await wait(20);
      response.end();
    };
    const client = open({ callsPerHost: 3 });
    await Promise.all(Array.from({ length: 12 }, () => client.request({ url: server.url() })));
    expect([server.mostOpen, server.seen.length]).to.deep.equal([3, 12]);
  });

  it('holds up no other host by the turns of one', async () => {
    const gate = makeGate();
    server.reply = async (response) => {
      await gate.opened;
      response.end();
    };
    const client = open({ callsPerHost: 1 });
    const held = [client.request({ url: server.url() }), client.request({ url: server.url() })];
    expect(await client.request({ url: other.url() })).to.include({ status: 200 });
    gate.open();
    await Promise.all(held);
  });

  it('keeps an answer that says it is JSON and is not as text', async () => {
    server.reply = (response) => response.writeHead(200, { 'content-type': 'application/json' }).end('<html>');
    expect(await open().request({ url: server.url() })).to.include({ status: 200, body: '<html>', bodyDropped: false });
  });

  it('reads JSON of a type of its own', async () => {
    server.reply = (response) => response.writeHead(200, { 'content-type': 'application/problem+json; charset=utf-8' }).end('{"a":1}');
    expect((await open().request({ url: server.url() })).body).to.deep.equal({ a: 1 });
  });

  it('gives up a body of 1 GB that was announced, and one that was not, and keeps the status', async () => {
    let sent = 0;
    const chunk = Buffer.alloc(64 * 1024, 'x');
    const flow = (response: ServerResponse): void => {
      while (sent < 1024 ** 3 && !response.destroyed) {
        sent += chunk.length;
        if (!response.write(chunk)) return void response.once('drain', () => flow(response));
      }
      response.end();
    };
    const client = open();
    for (const headers of [{ 'content-length': String(1024 ** 3) }, {}]) {
      server.reply = (response) => {
        response.writeHead(200, headers);
        flow(response);
      };
      expect(await client.request({ url: server.url() })).to.deep.equal({ status: 200, headers: {}, body: null, bodyDropped: true });
    }
    expect(sent).to.be.below(64 * 1024 ** 2);
    expect(await open({ answerBytes: 5 }).request({ url: server.url(), method: 'HEAD' })).to.include({ status: 200, body: null });
  });

  it('keeps no compressed body, which it did not ask for', async () => {
    server.reply = (response) => response.writeHead(200, { 'content-encoding': 'gzip' }).end('bomb');
    expect(await open().request({ url: server.url() })).to.include({ status: 200, body: null, bodyDropped: true });
  });

  it('refuses options that it does not have', async () => {
    expect((await refusalOf(() => httpClient({ retries: 3 } as never))).code).to.equal('HOLDFAST_OPTION_UNKNOWN');
    for (const options of [{ originHeaders: { 'https://a.test/path': {} } }, { keptHeaders: ['Set Cookie'] }, { timeoutMs: 0 }, { lookup: 7 }])
      expect((await refusalOf(() => httpClient(options as never))).code).to.equal('HOLDFAST_OPTION_INVALID');
  });

  it('makes no request when it is closed', async () => {
    const client = open();
    await client.request({ url: server.url() });
    await client.close();
    await client.close();
    expect((await fault(() => client.request({ url: server.url() }))).code).to.equal('HOLDFAST_CLIENT_CLOSED');
  });

  it('snoozes no task for an answer', async () => {
    server.reply = 503;
    expect(snoozeOf(await fault(() => open().request({ url: server.url() })))).to.equal(undefined);
  });
});
