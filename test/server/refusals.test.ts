import { connect } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import { expect } from 'chai';
import { openStore } from '../../classes/store/openStore';
import { startServer } from '../../classes/server/server';
import { refusalOf } from '../support/eventually';
import { awayDatabase } from '../support/awayDatabase';
import { forSqlite } from '../support/stores';
import { Client, Servers } from './client';
import type { Answer } from './client';

const QUEUE = '/v1/queues/orders';
const JSON_TYPE = { 'content-type': 'application/json' };

const codeOf = ({ status, body }: Answer): [number, string, string | undefined] => [status, body['code'] ?? '', body['pointer']];

/** Sends bytes, slowly if there are several parts, and returns all that comes back until the connection ends. */
async function raw(client: Client, parts: readonly string[], pauseMs = 0): Promise<string> {
  const socket = connect(Number(new URL(client.url).port), '127.0.0.1');
  let text = '';
  socket.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
  const ended = new Promise<void>((resolve) => socket.on('close', () => resolve()));
  socket.on('error', () => undefined);
  for (const part of parts) {
    socket.write(part);
    await wait(pauseMs);
  }
  await ended;
  return text;
}

const NESTED = `${'['.repeat(100_000)}${']'.repeat(100_000)}`;
const DEEPEST = `/body${'/0'.repeat(64)}`;

const REFUSALS: readonly (readonly [string, string, string, string, number, string, string])[] = [
  ['an unknown field', 'POST', `${QUEUE}/messages`, '{"body":1,"priority":2}', 400, 'unknown_field', '/priority'],
  [
    'an unknown field of an entry',
    'POST',
    `${QUEUE}/messages`,
    '{"messages":[{"body":1},{"body":1,"a/b":2}]}',
    400,
    'unknown_field',
    '/messages/1/a~1b',
  ],
  ['__proto__ as a field', 'POST', `${QUEUE}/messages`, '{"body":1,"__proto__":{}}', 400, 'unknown_field', '/__proto__'],
  ['a message without a body', 'POST', `${QUEUE}/messages`, '{"attributes":{}}', 400, 'invalid_request', '/body'],
  ['a body twice', 'POST', `${QUEUE}/messages`, '{"body":1,"bodyBase64":""}', 400, 'invalid_request', '/bodyBase64'],
  ['bytes that are no base64', 'POST', `${QUEUE}/messages`, '{"bodyBase64":"a$"}', 400, 'invalid_request', '/bodyBase64'],
  ['a number as text', 'POST', `${QUEUE}/messages`, '{"body":1,"delaySeconds":"5"}', 400, 'invalid_request', '/delaySeconds'],
  ['an operator in place of a receipt', 'POST', `${QUEUE}/ack`, '{"receipt":{"$ne":""}}', 400, 'invalid_request', '/receipt'],
  ['a receipt that is none', 'POST', `${QUEUE}/ack`, '{"receipt":"a"}', 400, 'receipt_invalid', '/receipt'],
  [
    'too many messages',
    'POST',
    `${QUEUE}/messages`,
    `{"messages":[${Array(101).fill('{"body":1}').join(',')}]}`,
    400,
    'invalid_request',
    '/messages',
  ],
  ['no messages', 'POST', `${QUEUE}/messages`, '{"messages":[]}', 400, 'invalid_request', '/messages'],
  ['too many at once', 'POST', `${QUEUE}/receive`, '{"max":101}', 400, 'invalid_request', '/max'],
  ['a wait that is too long', 'POST', `${QUEUE}/receive`, '{"waitSeconds":21}', 400, 'invalid_request', '/waitSeconds'],
  ['an array in place of an object', 'POST', `${QUEUE}/receive`, '[]', 400, 'invalid_request', ''],
  ['what is no JSON', 'POST', `${QUEUE}/receive`, '{', 400, 'body_not_json', ''],
  ['a body nested too deeply', 'POST', `${QUEUE}/messages`, `{"body":${NESTED}}`, 400, 'body_too_deep', DEEPEST],
  ['a name with a slash', 'GET', '/v1/queues/a%2Fb', '', 400, 'invalid_request', '/queue'],
  ['a name that leaves its folder', 'GET', '/v1/queues/..%2f..%2fetc', '', 400, 'invalid_request', '/queue'],
  ['a name with a line break', 'GET', '/v1/queues/a%0d%0ab', '', 400, 'invalid_request', '/queue'],
  ['an unknown parameter', 'GET', `${QUEUE}/messages?max=1`, '', 400, 'unknown_field', '/max'],
  ['a parameter twice', 'GET', `${QUEUE}/messages?limit=1&limit=2`, '', 400, 'invalid_request', '/limit'],
  ['an unknown state', 'GET', `${QUEUE}/messages?state=lost`, '', 400, 'invalid_request', '/state'],
  ['an attribute that is none', 'PUT', QUEUE, '{"attributes":{"colour":true}}', 400, 'unknown_field', '/attributes/colour'],
];

forSqlite('What the broker refuses over HTTP', (opening) => {
  const servers = new Servers(opening);
  afterEach(() => servers.close());

  for (const [what, method, path, body, status, code, pointer] of REFUSALS) {
    it(`refuses ${what}`, async () => {
      const client = await servers.start({ queues: [{ name: 'orders' }] });
      const answer = await client.call(method, path, body === '' ? {} : { body, headers: JSON_TYPE });
      expect(codeOf(answer)).to.deep.equal([status, code, pointer]);
      expect(answer.headers['content-type']).to.equal('application/problem+json; charset=utf-8');
      expect(answer.body['type']).to.equal(`urn:holdfast:problem:${code}`);
      expect(answer.body['requestId']).to.be.a('string');
    });
  }

  it('refuses another content type than JSON where no message is sent', async () => {
    const client = await servers.start();
    const answer = await client.call('POST', `${QUEUE}/receive`, { body: 'max=1', headers: { 'content-type': 'text/plain' } });
    expect(codeOf(answer).slice(0, 2)).to.deep.equal([415, 'content_type_unsupported']);
  });

  it('refuses an idempotency key that cannot be one', async () => {
    const client = await servers.start();
    for (const key of ['', 'a b', 'a'.repeat(256)]) {
      const answer = await client.post(`${QUEUE}/messages`, { body: 1 }, { headers: { 'idempotency-key': key } });
      expect(codeOf(answer)).to.deep.equal([400, 'invalid_request', '/idempotency-key']);
    }
  });

  it('refuses a request that is too large before it has come', async () => {
    const client = await servers.start();
    const head = `POST ${QUEUE}/receive HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ncontent-length: 99999999\r\nconnection: close\r\n\r\n`;
    expect(await raw(client, [head]))
      .to.match(/^HTTP\/1\.1 413 /)
      .and.include('"code":"request_too_large"');
  });

  it('refuses headers that are too large, and what is no HTTP', async () => {
    const client = await servers.start();
    expect(await raw(client, [`GET / HTTP/1.1\r\nhost: localhost\r\nx: ${'a'.repeat(20_000)}\r\n\r\n`])).to.include('"code":"headers_too_large"');
    expect(await raw(client, ['hello\r\n\r\n'])).to.include('"code":"malformed_request"');
  });

  it('waits for slow headers and slow bodies no longer than it says', async () => {
    const client = await servers.start({ headersTimeoutMs: 200, requestTimeoutMs: 400 });
    const line = 'GET /livez HTTP/1.1\r\n';
    expect(await raw(client, [line])).to.include('"code":"request_timeout"');
    const head = `POST ${QUEUE}/receive HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ncontent-length: 10\r\n\r\n{`;
    expect(await raw(client, [head])).to.include('"code":"request_timeout"');
    expect((await client.get('/livez')).status).to.equal(200);
  });

  it('answers what is no route with a coded fault', async () => {
    const client = await servers.start();
    expect(codeOf(await client.get('/v2/queues')).slice(0, 2)).to.deep.equal([404, 'route_unknown']);
  });

  it('says what to do when the store is away, and a long poll answers without messages', async () => {
    const client = await servers.start();
    await client.put(QUEUE);
    await client.store.close();
    const sent = await client.post(`${QUEUE}/messages`, { body: 1 });
    expect([sent.status, sent.body['code'], sent.headers['retry-after']]).to.deep.equal([503, 'store_unavailable', '1']);
    expect((await client.get('/readyz')).status).to.equal(503);
    expect((await client.get('/livez')).status).to.equal(200);
  });

  it('says of a read that the store has not answered that nothing was changed, and nothing of sends', async () => {
    const held = awayDatabase(await opening.database(), ['search', 'settings']);
    const server = await startServer({ store: opening.storeOn(held.database), port: 0, allowWrites: true });
    const client = new Client(server.url);
    held.isAway = true;
    const read = await client.get('/v1/admin/tasks');
    expect([read.status, read.body['code'], read.body['detail']]).to.deep.equal([
      503,
      'store_unavailable',
      'The store did not answer in time. Nothing was changed: ask again later.',
    ]);
    const written = await client.post('/v1/admin/queues/a/pause');
    expect(written.body['detail']).to.include('may have carried out the call');
    await server.close();
  });

  it('tells that a port is in use', async () => {
    const store = await openStore('sqlite::memory:');
    const client = await servers.start();
    const port = Number(new URL(client.url).port);
    const error = await refusalOf(() => startServer({ store, port }));
    await store.close();
    expect(error).to.include({ code: 'HOLDFAST_PORT_TAKEN' });
    expect(error.message).to.include(`127.0.0.1:${port}`);
  });
});
