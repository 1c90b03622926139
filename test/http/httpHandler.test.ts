import { expect } from 'chai';
import { useFakeTimers } from 'sinon';
import type { SinonFakeTimers } from 'sinon';
import { httpClient, httpHandler } from '../../classes/http/http';
import type { HttpHandler, HttpOptions, HttpRequest } from '../../classes/http/http';
import { Queue } from '../../classes/queue/queue';
import { testContext } from '../../classes/testing/testing';
import { Worker } from '../../classes/worker/worker';
import type { Store } from '../../classes/store/store';
import { eventually } from '../support/eventually';
import { forEachStore } from '../support/stores';
import { answer, json, WebServer } from './webServer';

describe('An HTTP handler whose host fails', () => {
  let server: WebServer;
  let handler: HttpHandler;
  let clock: SinonFakeTimers;

  beforeEach(async () => {
    clock = useFakeTimers({ toFake: ['Date'] });
    server = await WebServer.start(500);
  });

  afterEach(async () => {
    clock.restore();
    await handler.close();
    await server.close();
  });

  const make = (options: Partial<HttpOptions> = {}): void => {
    handler = httpHandler({ allowedHosts: ['127.0.0.1'], circuitFailures: 2, circuitOpenMs: 60_000, ...options });
  };

  const run = (url = server.url()) => testContext({ payload: { url } }).run(handler);
  const kinds = async (count: number): Promise<string[]> => {
    const outcomes: string[] = [];
    for (let n = 0; n < count; n += 1) outcomes.push((await run()).kind);
    return outcomes;
  };

  it('makes no call for a while after failures in a row, and puts its tasks off without a failure', async () => {
    make();
    expect(await kinds(4)).to.deep.equal(['failed', 'failed', 'snoozed', 'snoozed']);
    expect(server.seen).to.have.length(2);
    const outcome = await run();
    expect(outcome.kind === 'snoozed' && outcome.delayMs).to.be.within(1, 75_000);
  });

  it('tries again with one call, and goes on when that succeeds', async () => {
    make();
    await kinds(2);
    clock.tick(60_000);
    server.reply = json('well');
    expect(await kinds(3)).to.deep.equal(['succeeded', 'succeeded', 'succeeded']);
  });

  it('waits again when that one fails', async () => {
    make();
    await kinds(2);
    clock.tick(59_999);
    expect(await kinds(1)).to.deep.equal(['snoozed']);
    clock.tick(1);
    expect(await kinds(3)).to.deep.equal(['failed', 'snoozed', 'snoozed']);
    expect(server.seen).to.have.length(3);
  });

  it('waits again when that one is stopped, which tells nothing of the host', async () => {
    make();
    await kinds(2);
    clock.tick(60_000);
    server.reply = () => undefined;
    const context = testContext({ payload: { url: server.url() } });
    const trial = context.run(handler);
    await eventually('it is under way', () => server.seen.length === 3);
    context.interrupt('HOLDFAST_STOPPING');
    expect((await trial).kind).to.equal('released');
    expect(await kinds(1)).to.deep.equal(['snoozed']);
  });

  it('counts no answer against a host that refuses, limits or asks to wait', async () => {
    make();
    for (const status of [404, 429, 408, 425, 400]) {
      server.reply = answer(status);
      await run();
    }
    expect(server.seen).to.have.length(5);
    server.reply = 500;
    await kinds(1);
    server.reply = 404;
    await kinds(1);
    server.reply = 500;
    expect(await kinds(2)).to.deep.equal(['failed', 'failed']);
  });

  it('goes on calling other hosts', async () => {
    make();
    await kinds(2);
    const other = await WebServer.start(json('well'));
    try {
      expect((await run(other.url())).kind).to.equal('succeeded');
    } finally {
      await other.close();
    }
  });

  it('shares a client with other handlers, and leaves it open', async () => {
    const client = httpClient({ allowedHosts: ['127.0.0.1'], circuitFailures: 2 });
    handler = httpHandler(client);
    await kinds(2);
    await handler.close();
    expect(await client.request({ url: server.url() }).catch(({ code }: { code: string }) => code)).to.equal('HOLDFAST_HOST_RESTING');
    await client.close();
  });
});

forEachStore('A worker with an HTTP handler', (opening) => {
  let server: WebServer;
  let store: Store;
  let queue: Queue<{ call: HttpRequest }>;
  let worker: Worker<{ call: HttpRequest }>;
  let handler: HttpHandler;

  beforeEach(async () => {
    server = await WebServer.start();
    store = await opening.open();
    queue = new Queue(store, 'calls');
    handler = httpHandler({ allowedHosts: ['127.0.0.1'], circuitFailures: 3, circuitOpenMs: 200 });
    worker = new Worker(store, { queues: ['calls'], handlers: { call: handler }, pollInterval: { maxMs: 50 } });
    await worker.start();
  });

  afterEach(async () => {
    await worker.stop();
    await handler.close();
    await server.close();
  });

  const ended = (id: string) =>
    eventually('it has ended', async () => {
      const task = await queue.get(id);
      return task?.state === 'succeeded' || task?.state === 'dead' ? task : undefined;
    });

  it('keeps the answer as the result, and sends the same key in each attempt', async () => {
    server.reply = (response) =>
      server.seen.length < 3
        ? response.writeHead(503).end()
        : response.writeHead(200, { 'content-type': 'application/json' }).end('{"status":"REVIEW"}');
    const { id } = await queue.add('call', { url: server.url(), method: 'PUT', body: {} }, { backoff: { type: 'fixed', delayMs: 10 } });
    expect(await queue.result(id, { timeoutMs: 30_000 })).to.deep.equal({
      status: 200,
      headers: { 'content-type': 'application/json' },
      body: { status: 'REVIEW' },
      bodyDropped: false,
    });
    expect(server.seen.map(({ headers }) => headers['idempotency-key'])).to.deep.equal([id, id, id]);
    expect((await queue.get(id))?.failures).to.equal(2);
  });

  it('is done at once with a task that is refused, and says why without a secret', async () => {
    server.reply = 404;
    const { id } = await queue.add('call', { url: server.url('/hook?token=s3cret').replace('//', '//user:s3cret@') });
    const { state, failures, error } = await ended(id);
    expect([state, failures, error?.code, server.seen.length]).to.deep.equal(['dead', 1, 'HOLDFAST_REQUEST_REFUSED', 1]);
    expect(JSON.stringify(error)).to.include('was answered by 404').and.not.include('s3cret');
  });

  it('ends dead where a host answers by 500 for ever', async () => {
    server.reply = 500;
    const { id } = await queue.add('call', { url: server.url() }, { maxRetries: 5, backoff: { type: 'fixed', delayMs: 10 } });
    const { state, failures, error } = await ended(id);
    expect([state, failures, error?.code, server.seen.length]).to.deep.equal(['dead', 5, 'HOLDFAST_REQUEST_FAILED', 5]);
  });

  it('is done at once with a payload that is no request, and with one for the inside', async () => {
    for (const [payload, code] of [
      [{ url: 'nowhere' }, 'HOLDFAST_REQUEST_INVALID'],
      [{ url: 'http://169.254.169.254/latest/meta-data' }, 'HOLDFAST_ADDRESS_REFUSED'],
    ] as const) {
      const { id } = await queue.add('call', payload);
      const { state, error } = await ended(id);
      expect([state, error?.code]).to.deep.equal(['dead', code]);
    }
  });

  it('brings every task through an outage of its host, with no more failures than calls were made', async () => {
    let isDown = true;
    server.reply = (response) => response.writeHead(isDown ? 500 : 200).end();
    const added = await queue.addMany(
      Array.from({ length: 20 }, () => ({
        name: 'call' as const,
        payload: { url: server.url() },
        options: { maxRetries: 10, backoff: { type: 'fixed' as const, delayMs: 50 } },
      })),
    );
    await eventually('the outage has been met', () => server.seen.length >= 5);
    isDown = false;
    const tasks = await Promise.all(added.map(({ id }) => ended(id)));
    expect(tasks.map(({ state }) => state)).to.deep.equal(tasks.map(() => 'succeeded'));
    const endings = tasks.flatMap(({ attempts }) => attempts ?? []);
    expect(endings.filter(({ ending }) => ending === 'snoozed').map(({ error }) => error?.code)).to.include('HOLDFAST_HOST_RESTING');
    const failures = tasks.reduce((sum, task) => sum + task.failures, 0);
    expect(failures + tasks.length).to.equal(server.seen.length);
  });
});
