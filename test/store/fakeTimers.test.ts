import { expect } from 'chai';
import sinon from 'sinon';
import { Queue } from '../../classes/queue/queue';
import { Worker } from '../../classes/worker/worker';
import { forEachStore, forSqlite } from '../support/stores';

/** The timers that a driver of MongoDB can do without on an open connection. It needs `queueMicrotask`, which Jest replaces as well unless told not to. */
const FAKED = ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval'] as const;

forEachStore('Under fake timers of the user', (opening) => {
  it('a task is added and read on an open store', async () => {
    const store = await opening.open();
    const queue = new Queue(store, 'mail');
    const timers = sinon.useFakeTimers({ toFake: [...FAKED], shouldClearNativeTimers: true });
    try {
      const { id } = await queue.add('welcome', {});
      await queue.addMany([{ name: 'welcome', payload: {} }]);
      expect(await queue.get(id)).to.include({ state: 'waiting' });
    } finally {
      timers.restore();
    }
  });
});

forSqlite('Under all the fake timers of Sinon', (opening) => {
  it('a store is opened, used and closed', async () => {
    const timers = sinon.useFakeTimers();
    try {
      const store = await opening.open();
      const queue = new Queue(store, 'mail');
      const { id } = await queue.add('welcome', {});
      await new Worker(store, { queues: ['mail'], handlers: { welcome: () => 'sent' } }).drain();
      expect(await queue.get(id)).to.include({ state: 'succeeded', result: 'sent' });
      await store.close();
    } finally {
      timers.restore();
    }
  });
});
