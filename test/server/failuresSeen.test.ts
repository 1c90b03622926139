import { expect } from 'chai';
import { Queue } from '../../classes/queue/queue';
import type { Store } from '../../classes/store/store';
import { Worker } from '../../classes/worker/worker';
import { newToken } from '../../modules/server/tokens';
import { forEachStore } from '../support/stores';
import { Servers } from './client';

interface Shown {
  readonly group: string;
  readonly count: number;
  readonly message: string;
  readonly sample: { readonly id: string; readonly queue: string };
  readonly names: readonly object[];
  readonly recent: readonly object[];
  readonly firstAt: string;
  readonly lastAt: string;
}

/** Has tasks fail for one cause, a task of a queue after the other, and returns their ids. */
async function failEach(store: Store, queues: readonly string[]): Promise<string[]> {
  const ids: string[] = [];
  for (const [at, queue] of queues.entries()) {
    const { id } = await new Queue(store, queue).add('send', null, { maxRetries: 1 });
    const fail = (): never => fault(`No address for user ${at} of ${JSON.stringify(queue)}`);
    const worker = new Worker(store, { queues: [queue], handlers: { send: fail } });
    await worker.drain();
    await worker.stop();
    await store.parts.statisticsWriter?.flush();
    ids.push(id);
  }
  return ids;
}

function fault(message: string): never {
  throw new Error(message);
}

forEachStore('A group of failures of several queues', (opening) => {
  const servers = new Servers(opening);
  afterEach(() => servers.close());

  const start = async () => {
    const made = { all: newToken(), mail: newToken(), other: newToken() };
    const queuesOf = { all: '', mail: 'mail', other: 'other' };
    const names = ['all', 'mail', 'other'] as const;
    const client = await servers.start({ tokens: names.map((name) => ({ name, hash: made[name].hash, actions: ['read'], queues: queuesOf[name] })) });
    const get = async (path: string, name: keyof typeof made) => client.get(path, { headers: { authorization: `Bearer ${made[name].token}` } });
    const listed = async (name: keyof typeof made): Promise<Shown[]> => (await get('/v1/admin/failures', name)).body['groups'] as unknown as Shown[];
    return { store: client.store, get, listed };
  };

  it('is shown to whoever may see one of the queues, with the sample, the counts and the times of these alone', async () => {
    const { store, get, listed } = await start();
    const ids = await failEach(store, ['mail.a', 'mail.b', 'reports', 'reports']);
    const [whole] = await listed('all');
    expect(whole).to.deep.include({ count: 4, sample: { id: ids[3], queue: 'reports', name: 'send' } });
    const [seen, ...others] = await listed('mail');
    expect(others).to.deep.equal([]);
    expect(seen).to.deep.include({ group: whole?.group, count: 2, sample: { id: ids[1], queue: 'mail.b', name: 'send' } });
    expect(seen?.message).to.equal('No address for user 1 of "mail.b"');
    expect(seen?.names).to.deep.equal(['mail.a', 'mail.b'].map((queue) => ({ queue, name: 'send', count: 1 })));
    expect(seen?.recent).to.deep.equal([]);
    expect(seen?.firstAt).to.equal(whole?.firstAt);
    expect(seen && whole && seen.lastAt < whole.lastAt).to.equal(true);
    expect(JSON.stringify(seen)).to.not.include('reports');
    expect((await get(`/v1/admin/failures/${whole?.group ?? ''}`, 'mail')).body).to.deep.equal(seen);
  });

  it('is shown whole where all of its queues may be seen, and not at all where none may', async () => {
    const { store, get, listed } = await start();
    await failEach(store, ['mail.a', 'mail.b']);
    const [whole] = await listed('all');
    expect(await listed('mail')).to.deep.equal([whole]);
    expect(await listed('other')).to.deep.equal([]);
    expect((await get(`/v1/admin/failures/${whole?.group ?? ''}`, 'other')).status).to.equal(404);
  });

  it('does not take the place of another on a page', async () => {
    const { store, get } = await start();
    await failEach(store, ['mail.a']);
    const worker = new Worker(store, { queues: ['reports'], handlers: { print: () => fault('no paper') } });
    await new Queue(store, 'reports').add('print', null, { maxRetries: 1 });
    await worker.drain();
    await worker.stop();
    await store.parts.statisticsWriter?.flush();
    const { body } = await get('/v1/admin/failures?limit=1', 'mail');
    expect((body['groups'] as unknown as Shown[]).map(({ sample }) => sample.queue)).to.deep.equal(['mail.a']);
  });
});
