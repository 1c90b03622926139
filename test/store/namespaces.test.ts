import { expect } from 'chai';
import { Queue } from '../../classes/queue/queue';
import { openStore } from '../../classes/store/openStore';
import type { Store } from '../../classes/store/store';
import { Worker } from '../../classes/worker/worker';
import { eventually, refusalOf } from '../support/eventually';
import { forEachStore, forReference } from '../support/stores';
import type { Opening } from '../support/stores';

function namespaces(opening: Opening): void {
  let staging: Store;
  let production: Store;
  let unnamed: Store;

  beforeEach(async () => {
    staging = await opening.open({ namespace: 'staging' });
    production = await opening.open({ namespace: 'production' });
    unnamed = await opening.open();
  });

  const queueOf = (store: Store): Queue => new Queue(store, 'mail');

  it('each run their own tasks, whose queue has its plain name', async () => {
    const ran: string[] = [];
    for (const [where, store] of Object.entries({ staging, production, unnamed })) {
      await queueOf(store).add('work', where);
      const handlers = {
        work: ({ payload, queue }: { payload: unknown; queue: string }) => void ran.push(`${where} ran ${String(payload)} of ${queue}`),
      };
      await new Worker(store, { queues: ['mail'], handlers }).start();
    }
    await eventually('all have run', () => ran.length === 3);
    expect(ran.sort()).to.deep.equal(['production ran production of mail', 'staging ran staging of mail', 'unnamed ran unnamed of mail']);
  });

  it('each see, count and change their own tasks alone', async () => {
    const { id } = await queueOf(staging).add('work', 1);
    expect(await queueOf(staging).get(id)).to.include({ queue: 'mail', state: 'waiting' });
    for (const store of [production, unnamed]) {
      expect(await queueOf(store).get(id)).to.equal(null);
      expect((await queueOf(store).list()).tasks).to.deep.equal([]);
      expect(await queueOf(store).cancel(id)).to.equal(false);
      expect(await store.parts.tasks.counts(['waiting'])).to.deep.equal({});
    }
    expect(Object.keys(await staging.parts.tasks.counts(['waiting']))).to.deep.equal(['mail']);
    expect(await queueOf(staging).cancel(id)).to.equal(true);
  });

  it('may each have a live task of one unique key', async () => {
    const added = await Promise.all([staging, production, unnamed].map((store) => queueOf(store).add('work', 1, { uniqueKey: 'one' })));
    expect(added.map((answer) => answer.added)).to.deep.equal([true, true, true]);
    expect(await queueOf(staging).add('work', 1, { uniqueKey: 'one' })).to.deep.equal({ id: added[0]?.id, added: false });
  });

  it('are paused each by itself', async () => {
    await queueOf(staging).pause();
    expect([...(await staging.parts.settings.paused())]).to.deep.equal(['mail']);
    for (const store of [production, unnamed]) expect([...(await store.parts.settings.paused())]).to.deep.equal([]);
  });

  it('refuse a namespace that could be taken for another', async () => {
    for (const namespace of ['', 'a\u001fb', 'x'.repeat(65)]) {
      expect(await refusalOf(() => openStore({ url: opening.url, namespace }))).to.include({
        code: 'HOLDFAST_OPTION_INVALID',
        field: 'store.namespace',
      });
    }
  });
}

forEachStore('Two environments in one database', namespaces);
forReference('Two environments in one database', namespaces);
