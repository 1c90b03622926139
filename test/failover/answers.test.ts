import { expect } from 'chai';
import { openStore } from '../../classes/store/openStore';
import { Queue } from '../../classes/queue/queue';
import { eventually } from '../support/eventually';
import type { Load, LoadOptions } from './load';
import { onReplicaSet } from './ownSet';
import { Proxy } from './proxy';
import type { Fault, Kind } from './proxy';

/** Short leases, so that heartbeats are sent. A process looks for an unanswered claim for a third of this. */
const LEASE_MS = 3_000;

/** Each case: title, request, fault and load. A claim of several tasks is an update, a claim of one a findAndModify. */
const BREAKS: readonly [string, Kind, Fault, Partial<LoadOptions>][] = [
  ['an insert whose reply is cut off', 'insert', 'cut', {}],
  ['an insert that never left', 'insert', 'drop', {}],
  ['a claim of many whose reply is cut off', 'claim', 'cut', { maxConcurrency: 8 }],
  ['a claim of one whose reply is cut off', 'claim', 'halve', { maxConcurrency: 1, backlog: 20 }],
  ['a claim whose reply never comes', 'claim', 'swallow', { leaseMs: 9_000 }],
  ['an outcome whose reply is cut off', 'settle', 'cut', {}],
  ['an outcome whose reply never comes', 'settle', 'swallow', {}],
  ['an outcome that never left', 'settle', 'drop', {}],
  ['a heartbeat whose reply is cut off', 'renew', 'cut', { taskMs: 1_200, backlog: 1 }],
];

onReplicaSet('Workers under load behind a network that breaks at', (own) => {
  let proxies: Proxy[];

  const openProxy = async (): Promise<Proxy> => {
    const proxy = await Proxy.to((await own.primary()).port);
    proxies.push(proxy);
    return proxy;
  };

  /** Starts two stores, each behind a network of its own. */
  const startLoad = async (options: Partial<LoadOptions>): Promise<Load> => {
    const name = own.freshName();
    const networks = [await openProxy(), await openProxy()];
    return own.loadOn(
      networks.map((network) => ({ url: network.uri(name), callTimeoutMs: 1_000 })),
      { leaseMs: LEASE_MS, ...options },
    );
  };

  beforeEach(() => {
    proxies = [];
  });

  afterEach(async () => {
    for (const proxy of proxies) await proxy.close();
  });

  for (const [title, kind, fault, options] of BREAKS) {
    it(`${title} lose nothing and run nothing twice`, async () => {
      const load = await startLoad(options);
      // Twice, because the first claim may have found nothing. A reply that never comes takes long enough once.
      const times = fault === 'swallow' ? 1 : 2;
      proxies[0]?.breakAt(kind, fault, times);
      await eventually('it broke', () => proxies[0]?.struck === times);
      await load.everyWorkerClaims(performance.now(), title);
      await load.finish();
      expect([load.countOf('store-error'), load.countOf('lease-swept')]).to.deep.equal([0, 0]);
    });
  }

  it('nothing, but carries nothing for a while, go on when it does', async () => {
    const load = await startLoad({ leaseMs: 30_000 });
    for (const proxy of proxies) proxy.block();
    await eventually('the store is lost', () => load.countOf('store-lost') === 2);
    const healedAt = performance.now();
    for (const proxy of proxies) proxy.unblock();
    await load.everyWorkerClaims(healedAt, 'a network that carried nothing');
    await load.finish();
  });

  it('all connections for good, and carries new ones, go on over new ones', async () => {
    const load = await startLoad({ leaseMs: 30_000 });
    for (const proxy of proxies) proxy.block();
    await eventually('the store is lost', () => load.countOf('store-lost') === 2);
    const healedAt = performance.now();
    for (const proxy of proxies) proxy.unblockNewOnes();
    await load.everyWorkerClaims(healedAt, 'a network that forgot its connections');
    await load.finish();
  });

  it('an add, twice, add one task', async () => {
    const network = await openProxy();
    const store = await openStore({ url: network.uri(own.freshName()) });
    try {
      network.breakAt('insert', 'cut', 2);
      const queue = new Queue(store, 'mail');
      const { id } = await queue.add('work', {});
      expect(network.struck).to.equal(2);
      expect((await queue.list()).tasks.map((task) => task.id)).to.deep.equal([id]);
    } finally {
      await store.close();
    }
  });
});
