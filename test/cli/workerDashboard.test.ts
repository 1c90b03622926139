import { createServer } from 'node:net';
import { expect } from 'chai';
import { DASHBOARD_PORT } from '../../constants/serverLimits';
import { endChildren, endOf, RUNNER, startNode } from '../fixtures/children';
import type { Child } from '../fixtures/children';
import { Client } from '../server/client';
import { eventually } from '../support/eventually';
import { forSqliteFirst } from '../support/stores';

const addressOf = async (child: Child): Promise<string> => {
  const [, address] = await eventually('the address of the dashboard', () => /Dashboard: (http:\S+)\//.exec(child.out + child.err));
  return address ?? '';
};

forSqliteFirst('The dashboard beside a worker', (opening) => {
  afterEach(endChildren);

  it('is printed, shows the queue of the demo, allows writes, and ends with its worker', async () => {
    const child = startNode(RUNNER, ['--demo', '--url', opening.url]);
    const client = new Client(await addressOf(child));
    expect((await client.get('/v1/admin/session')).body).to.deep.include({ canWrite: true, user: null });
    const row = await eventually('the queue', async () => (await client.get('/v1/admin/queues/demo')).body);
    expect(row).to.include({ name: 'demo', processes: 1 });
    expect((await client.post('/v1/admin/queues/demo/pause')).body).to.deep.equal({ name: 'demo', isPaused: true });
    const stream = await new Promise<NodeJS.ReadableStream>((resolve) => client.begin('GET', '/v1/admin/stream', {}, resolve));
    const ended = new Promise((resolve) => stream.resume().once('end', resolve));
    child.kill('SIGTERM');
    expect(await endOf(child)).to.deep.equal({ code: 0, signal: null });
    await ended;
  });

  it('takes the next free port beside another one, and none at all if it is not wanted', async () => {
    const first = startNode(RUNNER, ['--url', opening.url]);
    const second = startNode(RUNNER, ['--url', opening.url]);
    const without = startNode(RUNNER, ['--url', opening.url, '--no-dashboard']);
    const addresses = await Promise.all([addressOf(first), addressOf(second)]);
    expect(new Set(addresses)).to.have.lengthOf(2);
    for (const address of addresses) expect((await new Client(address).get('/v1/admin/overview')).status).to.equal(200);
    await eventually('the worker without one', () => / serves demo/.test(without.out + without.err));
    for (const child of [first, second, without]) child.kill('SIGTERM');
    for (const child of [first, second, without]) expect(await endOf(child)).to.deep.equal({ code: 0, signal: null });
    expect(without.out + without.err).to.not.include('Dashboard');
  });

  it('passes over a port that another program has', async () => {
    const taken = createServer().listen(DASHBOARD_PORT, '127.0.0.1');
    // Another test may have it.
    await new Promise((resolve) => taken.once('listening', resolve).once('error', resolve));
    const child = startNode(RUNNER, ['--url', opening.url]);
    expect(Number(new URL(await addressOf(child)).port)).to.not.equal(DASHBOARD_PORT);
    child.kill('SIGTERM');
    expect((await endOf(child)).code).to.equal(0);
    await new Promise((resolve) => (taken.listening ? taken.close(resolve) : resolve(undefined)));
  });
});
