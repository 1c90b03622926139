import { expect } from 'chai';
import { TestClock } from '../../classes/testing/testClock';
import { Queue } from '../../classes/queue/queue';
import { Worker } from '../../classes/worker/worker';
import type { Database } from '../../modules/ports/database';
import type { TaskStore } from '../../modules/ports/taskStore';
import { forReference } from '../support/stores';

const SILENT: ReadonlySet<PropertyKey> = new Set<keyof TaskStore>(['insert', 'claim', 'held', 'renew', 'settle', 'expired', 'nextDueMs']);

/** A database that answers no call of the lease port once it is silent. */
function silenced(database: Database, isSilent: () => boolean): Database {
  const tasks = new Proxy(database.tasks, {
    get: (target, key) => {
      const verb: unknown = Reflect.get(target, key, target);
      if (typeof verb !== 'function') return verb;
      return (...given: unknown[]): unknown => (isSilent() && SILENT.has(key) ? new Promise(() => undefined) : Reflect.apply(verb, target, given));
    },
  });
  return { ...database, tasks, close: () => (isSilent() ? new Promise(() => undefined) : database.close()) };
}

forReference('Closing a store whose database does not answer', (opening) => {
  it('takes the grace period, a second, and twice the limit of a call, and no more', async () => {
    const clock = new TestClock();
    let isSilent = false;
    const store = opening.storeOn(
      silenced(await opening.database({ clock }), () => isSilent),
      { callTimeoutMs: 500 },
      { clock },
    );
    const worker = new Worker(store, { queues: ['q'], gracePeriodMs: 2_000, handlers: { work: () => new Promise(() => undefined) } });
    await new Queue(store, 'q').add('work', {});
    const began = new Promise((resolve) => store.events.on('task-started', resolve));
    await worker.start();
    await clock.advance(1_000);
    await began;
    isSilent = true;
    let isClosed = false;
    const closed = store.close().then(() => (isClosed = true));
    await clock.advance(2_000 + 1_000 + 500 - 1);
    expect(isClosed).to.equal(false);
    await clock.advance(1 + 2 * 500);
    await closed;
  });
});
