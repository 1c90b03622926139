import { expect } from 'chai';
import { newToken } from '../../classes/server/server';
import { Queue } from '../../classes/queue/queue';
import type { Store } from '../../classes/store/store';
import { Scheduler } from '../../classes/schedule/scheduler';
import type { HoldfastEvents } from '../../constants/events';
import { eventually } from '../support/eventually';
import { forEachStore } from '../support/stores';
import { Servers } from './client';

type Act = HoldfastEvents['admin-acted'];

forEachStore('What people do by the admin API', (opening) => {
  const servers = new Servers(opening);
  afterEach(() => servers.close());

  const told = (store: Store): Act[] => {
    const acts: Act[] = [];
    store.events.on('admin-acted', (act) => void acts.push(act));
    return acts;
  };

  it('is told with who did it, on what, and only if it was done', async () => {
    const { token, hash } = newToken();
    const client = await servers.start({ tokens: [{ name: 'ann', hash, actions: ['read', 'admin'] }] });
    const headers = { authorization: `Bearer ${token}` };
    const acts = told(client.store);
    const { id } = await new Queue(client.store, 'mail').add('welcome', 1, { delayMs: 60_000 });
    await new Scheduler(client.store).upsert('nightly', { queue: 'mail', cron: '0 3 * * *' });
    for (const path of ['queues/mail/tasks/none/retry', `queues/mail/tasks/${id}/redrive`, 'schedules/none/run-now', 'processes/none/drain'])
      expect((await client.post(`/v1/admin/${path}`, {}, { headers })).status, path).to.be.at.least(400);
    for (const path of [`queues/mail/tasks/${id}/run-now`, `queues/mail/tasks/${id}/copy`, 'queues/mail/pause', 'schedules/nightly/pause'])
      expect((await client.post(`/v1/admin/${path}`, {}, { headers })).status, path).to.be.below(300);
    await client.get('/v1/admin/overview', { headers });
    await eventually('four are told', () => acts.length >= 4);
    expect(acts).to.deep.equal([
      { action: 'run-now', on: 'task', id, queue: 'mail', by: 'ann' },
      { action: 'copy', on: 'task', id, queue: 'mail', by: 'ann' },
      { action: 'pause', on: 'queue', id: 'mail', queue: null, by: 'ann' },
      { action: 'pause', on: 'schedule', id: 'nightly', queue: null, by: 'ann' },
    ]);
  });

  it('is refused where it would add a task to a queue of messages', async () => {
    const client = await servers.start({ allowWrites: true });
    const acts = told(client.store);
    for (const [queue, fifo] of [
      ['plain', false],
      ['ordered', true],
    ] as const) {
      expect((await client.put(`/v1/queues/${queue}`, { attributes: { fifo } })).status).to.equal(201);
      const refused = await client.post(`/v1/admin/queues/${queue}/tasks`, { name: 'welcome', payload: 1 });
      expect([refused.status, refused.body['code']]).to.deep.equal([409, 'queue_of_broker']);
      expect(refused.text).to.include('Send a message instead');
    }
    expect(acts).to.deep.equal([]);
  });

  it('is told without a name where everybody may do everything', async () => {
    const client = await servers.start({ allowWrites: true });
    const acts = told(client.store);
    await client.post('/v1/admin/queues/mail/tasks', { name: 'welcome', payload: 1 });
    await eventually('it is told', () => acts.length === 1);
    expect(acts).to.deep.equal([{ action: 'add', on: 'queue', id: 'mail', queue: null, by: null }]);
  });
});
