import { createServer } from 'node:http';
import type { RequestListener, Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { once } from 'node:events';
import { expect } from 'chai';
import { tasksOf, testContext, testStore } from '../../classes/testing/testing';
import type { Store } from '../../index';
import { apiOf } from '../../examples/challenges/workers/challengeApi';
import type { ChallengeApi } from '../../examples/challenges/workers/challengeApi';
import { closeSubmission, produceClosings } from '../../examples/challenges/workers/closeSubmissions';
import { produceResets, resetChallenge } from '../../examples/challenges/workers/resetChallenges';

const SOON_MS = 200;

/** A service that answers as a test says, and the client for it. */
class Answering {
  readonly requests: { readonly method: string; readonly url: string; readonly body: string; readonly key: unknown; readonly token: unknown }[] = [];
  readonly #server: Server;
  api!: ChallengeApi;

  constructor(answer: RequestListener) {
    this.#server = createServer((request, response) => {
      let body = '';
      request.setEncoding('utf8').on('data', (text: string) => (body += text));
      request.on('end', () => {
        const { method = '', url = '', headers } = request;
        this.requests.push({ method, url: decodeURIComponent(url), body, key: headers['idempotency-key'], token: headers.authorization });
        answer(request, response);
      });
    });
  }

  async open(): Promise<this> {
    await once(this.#server.listen(0, '127.0.0.1'), 'listening');
    const { port } = this.#server.address() as AddressInfo;
    this.api = apiOf({ CHALLENGES_URL: `http://127.0.0.1:${port}`, CHALLENGES_TOKEN: 't' }, { timeoutMs: SOON_MS });
    return this;
  }

  stopListening(): Promise<void> {
    this.#server.closeAllConnections();
    return new Promise((resolve) => this.#server.close(() => resolve()));
  }

  async close(): Promise<void> {
    await this.stopListening();
    await this.api.client.close();
  }
}

const json =
  (status: number, content: unknown): RequestListener =>
  (_request, response) =>
    void response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify({ success: status < 300, status, content }));

const challenge = { id: 17, title: 'Challenge', projectSource: 'web', status: 'SUBMISSION', subEndAt: '2026-05-01T12:00:00.000Z' };
const closing = { id: 17, title: 'Challenge', projectSource: 'web', subEndAt: challenge.subEndAt };

describe('closeSubmissions', () => {
  let service: Answering;
  let store: Store;

  const answering = async (answer: RequestListener): Promise<Answering> => (service = await new Answering(answer).open());

  const close = (handler = closeSubmission(service.api)) => testContext({ payload: closing }).run(handler);

  beforeEach(async () => {
    store = await testStore();
  });

  afterEach(async () => {
    await service.close();
    await store.close();
  });

  describe('as a producer', () => {
    it('finds all pages, and adds one task for each challenge, however often it runs', async () => {
      const pages = [[1, 2, 3], [4, 5], []].map((ids) => ids.map((id) => ({ ...challenge, id })));
      let page = 0;
      await answering((request, response) => json(200, pages[page++ % 3])(request, response));
      expect([await produceClosings(service.api, store), await produceClosings(service.api, store)]).to.deep.equal([5, 0]);
      expect(service.requests.slice(0, 3).map(({ url }) => /id>(\d+)/.exec(url)?.[1])).to.deep.equal(['0', '3', '5']);
      const tasks = await tasksOf(store);
      expect(tasks.map(({ payload }) => (payload as { id: number }).id)).to.deep.equal([1, 2, 3, 4, 5]);
    });

    it('asks by the instant of its call', async () => {
      await answering(json(200, []));
      const before = new Date().toISOString();
      await produceClosings(service.api, store);
      const [, asked = ''] = /status=SUBMISSION&subEndAt<([^&]+)&/.exec(service.requests[0]?.url ?? '') ?? [];
      expect(asked >= before && asked <= new Date().toISOString(), asked).to.equal(true);
    });

    it('adds a new task for an end that was moved while the first one waits', async () => {
      let subEndAt = challenge.subEndAt;
      await answering((request, response) => json(200, request.url?.includes('id%3E0') ? [{ ...challenge, subEndAt }] : [])(request, response));
      await produceClosings(service.api, store);
      subEndAt = '2026-05-02T12:00:00.000Z';
      expect(await produceClosings(service.api, store)).to.equal(1);
    });

    it('adds nothing where a page cannot be had, and says so', async () => {
      await answering((request, response) => json(request.url?.includes('id%3E0') ? 200 : 500, [challenge])(request, response));
      const failed = await produceClosings(service.api, store).catch((error: { readonly code?: string }) => error.code);
      expect([failed, await tasksOf(store)]).to.deep.equal(['HOLDFAST_REQUEST_FAILED', []]);
    });
  });

  describe('as a consumer', () => {
    it('closes the challenge under its condition, with all that the service asks for and the same key in each attempt', async () => {
      await answering(json(200, { ...challenge, status: 'REVIEW' }));
      const context = testContext({ payload: closing });
      expect(await context.run(closeSubmission(service.api))).to.include({ kind: 'succeeded', result: '"closed"' });
      const [{ method, url, body, key, token } = {} as never] = service.requests;
      expect([method, url]).to.deep.equal(['PUT', `/challenges/17?filter=status=SUBMISSION&subEndAt=${challenge.subEndAt}`]);
      expect(JSON.parse(body)).to.deep.equal({ title: 'Challenge', projectSource: 'web', status: 'REVIEW' });
      expect([key, token]).to.deep.equal([context.id, 'Bearer t']);
    });

    it('leaves alone what was closed, moved or cancelled meanwhile (409)', async () => {
      await answering(json(409, { ...challenge, status: 'CANCELLED' }));
      const outcome = await close();
      expect(outcome.kind).to.equal('succeeded');
      expect(outcome).to.have.property('result').that.includes('left alone: it is in CANCELLED');
    });

    it('is dead at once where the challenge is unknown (404), or the PUT is refused (400, 401)', async () => {
      let status = 404;
      await answering((request, response) => json(status, 'no')(request, response));
      for (status of [404, 400, 401]) expect(await close()).to.deep.include({ kind: 'failed', retry: 'never' }, String(status));
    });

    for (const [fault, answer] of [
      ['fails (500)', json(500, 'out of order')],
      ['is slow, or holds the connection open without an answer', () => undefined],
      ['breaks the connection', (_request, response) => void response.destroy()],
      ['answers with something else than JSON', (_request, response) => void response.end('<html>Be right back</html>')],
    ] as readonly (readonly [string, RequestListener])[]) {
      it(`is tried again where the service ${fault}`, async () => {
        await answering(answer);
        expect(await close()).to.deep.include({ kind: 'failed', retry: 'backoff' });
      });
    }

    it('is tried again where the service is down', async () => {
      await (await answering(json(200, challenge))).stopListening();
      expect(await close()).to.deep.include({ kind: 'failed', retry: 'backoff' });
    });

    it('is put off without a failure while the service has failed too often in a row', async () => {
      await answering(json(500, 'out of order'));
      for (let times = 0; times < 5; times += 1) await close();
      expect((await close()).kind).to.equal('snoozed');
    });
  });
});

describe('resetChallenges', () => {
  it('adds a task for each test challenge in review, and moves it back under its condition', async () => {
    const store = await testStore();
    const status = (url = ''): string => (url === '/challenges/3' ? 'SUBMISSION' : 'REVIEW');
    const service = await new Answering((request, response) => json(200, { ...challenge, status: status(request.url) })(request, response)).open();
    expect(await produceResets(service.api, store)).to.equal(1);
    const context = testContext({ payload: { ...closing, id: 3 } });
    expect(await context.run(resetChallenge(service.api))).to.include({ result: '"reset"' });
    expect(service.requests.at(-1)).to.include({ method: 'PUT', url: `/challenges/3?filter=status=REVIEW&subEndAt=${challenge.subEndAt}` });
    expect((JSON.parse(service.requests.at(-1)?.body ?? '') as { subEndAt: string }).subEndAt > new Date().toISOString()).to.equal(true);
    await service.close();
    await store.close();
  });
});
