import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { endChildren, endOf, RUNNER, runToEnd, startNode } from '../fixtures/children';
import type { Child } from '../fixtures/children';
import { eventually } from '../support/eventually';
import { forEachStore, forSqlite } from '../support/stores';
import { Client } from './client';

const start = (url: string, ...flags: string[]): Child => startNode(RUNNER, ['server', '--port', '0', '--url', url, ...flags]);

const clientOf = async (child: Child): Promise<Client> => {
  const [, address] = await eventually('the server listens', () => /listens on (http:\S+)/.exec(child.out + child.err));
  return new Client(address ?? '');
};

forEachStore('npx holdfast server', (opening) => {
  afterEach(endChildren);

  it('serves messages, shows them in the terminal, and ends at SIGTERM with its long polls answered', async () => {
    const child = start(opening.url, '--create-queues');
    const client = await clientOf(child);
    expect((await client.post('/v1/queues/orders/messages', { body: 'hello' })).status).to.equal(201);
    expect((await runToEnd(['queues', '--url', opening.url])).out).to.match(/│ orders +│ +1 │ +0 │ +0 │ +0 │/);
    expect((await runToEnd(['queues', 'orders', '--url', opening.url])).out).to.match(/waiting .*application\/json │ hello +│/);
    const json = JSON.parse((await runToEnd(['queues', '--json', '--url', opening.url])).out) as { queue: { name: string } }[];
    expect(json.map(({ queue }) => queue.name)).to.deep.equal(['orders']);
    await client.post('/v1/queues/orders/purge');
    const poll = client.post('/v1/queues/orders/receive', { waitSeconds: 20 });
    await client.get('/livez');
    child.kill('SIGTERM');
    expect((await poll).body).to.deep.equal({ messages: [] });
    expect(await endOf(child)).to.deep.equal({ code: 0, signal: null });
  });

  it('says when it begins to stop at SIGTERM, and when it has stopped', async () => {
    const child = start(opening.url);
    await clientOf(child);
    child.kill('SIGTERM');
    expect(await endOf(child)).to.deep.equal({ code: 0, signal: null });
    expect(child.out).to.match(/listens on .*\n.*The broker stops: .*\n.*The broker has stopped\n/);
  });
});

forSqlite('npx holdfast server, by its flags', (opening) => {
  let folder: string;
  beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'holdfast-server-'))));
  afterEach(async () => {
    await endChildren();
    rmSync(folder, { recursive: true, force: true });
  });

  const file = (name: string, content: unknown): string => {
    const path = join(folder, name);
    writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content));
    return path;
  };

  it('makes the queues of a file, and knows the tokens of another', async () => {
    const made = await runToEnd(['token', '--actions', 'read', '--name', 'reader']);
    const token = /hft_\S+/.exec(made.err)?.[0] ?? '';
    const queues = file('queues.json', { queues: [{ name: 'orders', attributes: { visibilityTimeoutSeconds: 61 } }] });
    const client = await clientOf(start(opening.url, '--queues-file', queues, '--tokens-file', file('tokens.json', made.out)));
    expect((await client.get('/v1/queues/orders')).status).to.equal(401);
    const shown = await client.get('/v1/queues/orders', { headers: { authorization: `Bearer ${token}` } });
    expect(shown.body['attributes']).to.include({ visibilityTimeoutSeconds: 61 });
  });

  it('ends with a sentence when its port is in use, an address is open or a file is wrong', async () => {
    const { url } = await clientOf(start(opening.url));
    const port = new URL(url).port;
    const wrong = async (...flags: string[]) => runToEnd(['server', '--url', opening.url, ...flags]);
    const taken = await wrong('--port', port);
    expect([taken.code, taken.err])
      .to.deep.equal([69, taken.err])
      .and.to.satisfy(() => taken.err.includes('HOLDFAST_PORT_TAKEN'));
    const open = await wrong('--host', '0.0.0.0');
    expect([open.code, open.err.includes('HOLDFAST_SERVER_OPEN')]).to.deep.equal([2, true]);
    const secret = file('tokens.json', '{"tokens": [{"name": "a", "hash": "not a hash but a secret"}]}');
    const badToken = await wrong('--tokens-file', secret);
    expect([badToken.code, badToken.err.includes('tokens[0].hash'), badToken.err.includes('secret')]).to.deep.equal([2, true, false]);
    const badQueue = await wrong('--queues-file', file('queues.json', { queues: [{ name: 'a b' }] }));
    expect([badQueue.code, badQueue.err.includes('queues.0.name') || badQueue.err.includes('queues[0].name')]).to.deep.equal([2, true]);
  });
});
