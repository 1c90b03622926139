import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import fc from 'fast-check';
import Fastify from 'fastify';
import type { FastifyInstance } from 'fastify';
import { OPENAPI_PATH } from '../../docs/brokerPage';
import { Broker } from '../../classes/broker/broker';
import { brokerPlugin } from '../../classes/server/server';
import { openStore } from '../../classes/store/openStore';
import type { HoldfastEvents } from '../../constants/events';
import { isLongRun } from '../support/hooks';
import { requestsOf } from './requests';
import type { Document, Sent } from './requests';

const REQUESTS = isLongRun ? 30_000 : 10_000;

/** Each round begins with a store of its own, because one of its requests most likely deletes the queues. */
const REQUESTS_A_ROUND = 500;

const QUEUES = ['orders', 'mail'];

/** A server on a store in memory whose queues have messages and a dead-letter queue. */
interface Round {
  readonly app: FastifyInstance;
  readonly bugs: readonly HoldfastEvents['internal-error'][];
  close(): Promise<void>;
}

async function startRound(): Promise<Round> {
  const store = await openStore('sqlite::memory:');
  const bugs: HoldfastEvents['internal-error'][] = [];
  store.events.on('internal-error', (bug) => void bugs.push(bug));
  const app = Fastify();
  await app.register(brokerPlugin, { store, createQueues: true, allowWrites: true });
  const broker = new Broker(store);
  for (const queue of QUEUES) {
    await broker.createQueue(`${queue}.dlq`);
    await broker.createQueue(queue, { maxReceiveCount: 3, deadLetterQueue: `${queue}.dlq` });
    await broker.send(queue, { body: 'a message' });
  }
  const close = async (): Promise<void> => {
    await app.close();
    await broker.close();
    await store.close();
  };
  return { app, bugs, close };
}

describe('Requests that the document allows, and others', () => {
  it('are answered without a fault of the server, and a refusal has a code', async () => {
    const statuses = new Map<string, Set<number>>();
    const check = async ({ app }: Round, { operationId, method, url, headers, payload, isOfOne }: Sent): Promise<void> => {
      const request = { method: method as 'POST', url, headers: { host: 'localhost', ...headers }, ...(payload === undefined ? {} : { payload }) };
      const answer = await app.inject(request);
      expect(answer.statusCode, answer.body).to.be.lessThan(500);
      if (answer.statusCode >= 400 && answer.statusCode !== 404) expect(answer.headers['content-type']).to.include('application/problem+json');
      // A body that is good in all its parts is rare; a question needs none.
      if (!isOfOne && method === 'GET') statuses.set(operationId, (statuses.get(operationId) ?? new Set()).add(answer.statusCode));
    };
    const requests = requestsOf(JSON.parse(readFileSync(OPENAPI_PATH, 'utf8')) as Document);
    for (let sent = 0; sent < REQUESTS; sent += REQUESTS_A_ROUND) {
      const round = await startRound();
      const property = fc.asyncProperty(requests, (request) => check(round, request));
      await fc.assert(property, { numRuns: REQUESTS_A_ROUND, endOnFailure: true }).finally(() => round.close());
      expect(round.bugs).to.deep.equal([]);
    }
    const neverGood = [...statuses].filter(([, seen]) => ![...seen].some((status) => status < 300)).map(([operationId]) => operationId);
    expect(neverGood).to.deep.equal([]);
  }).timeout(0);
});
