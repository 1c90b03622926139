import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import fc from 'fast-check';
import Fastify from 'fastify';
import type { FastifyInstance } from 'fastify';
import { OPENAPI_PATH } from '../../docs/brokerPage';
import { brokerPlugin } from '../../classes/server/server';
import { openStore } from '../../classes/store/openStore';
import type { Store } from '../../classes/store/store';
import type { HoldfastEvents } from '../../constants/events';
import { requestsOf } from './requests';
import type { Document, Sent } from './requests';

const REQUESTS = Number(process.env['FUZZ_REQUESTS'] ?? 30_000);

describe('Requests that the document allows, and others', () => {
  let store: Store;
  let app: FastifyInstance;
  const bugs: HoldfastEvents['internal-error'][] = [];

  beforeEach(async () => {
    store = await openStore('sqlite::memory:');
    store.events.on('internal-error', (bug) => void bugs.push(bug));
    app = Fastify();
    await app.register(brokerPlugin, { store, createQueues: true, allowWrites: true });
  });

  afterEach(async () => {
    await app.close();
    await store.close();
  });

  it('are answered without a fault of the server, and a refusal has a code', async () => {
    const statuses = new Map<string, Set<number>>();
    const check = async ({ operationId, method, url, headers, payload, isOfOne }: Sent): Promise<void> => {
      const request = { method: method as 'POST', url, headers: { host: 'localhost', ...headers }, ...(payload === undefined ? {} : { payload }) };
      const answer = await app.inject(request);
      expect(answer.statusCode, answer.body).to.be.lessThan(500);
      if (answer.statusCode >= 400 && answer.statusCode !== 404) expect(answer.headers['content-type']).to.include('application/problem+json');
      if (!isOfOne) statuses.set(operationId, (statuses.get(operationId) ?? new Set()).add(answer.statusCode));
    };
    const document = JSON.parse(readFileSync(OPENAPI_PATH, 'utf8')) as Document;
    await fc.assert(fc.asyncProperty(requestsOf(document), check), { numRuns: REQUESTS, endOnFailure: true });
    expect(bugs).to.deep.equal([]);
    const neverGood = [...statuses].filter(([, seen]) => ![...seen].some((status) => status < 300)).map(([operationId]) => operationId);
    expect(neverGood).to.deep.equal([]);
  }).timeout(0);
});
