import { setTimeout as wait } from 'node:timers/promises';
import { expect } from 'chai';
import { Queue } from '../../classes/queue/queue';
import type { Store } from '../../classes/store/store';
import { Worker } from '../../classes/worker/worker';
import type { Handler } from '../../modules/worker/handlerTypes';
import { eventually } from '../support/eventually';
import { forEachStore } from '../support/stores';

const AHEAD_MS = 2_000;

forEachStore('A deadline', (opening) => {
  let store: Store;
  let queue: Queue;
  let deadline: Date;

  beforeEach(async () => {
    store = await opening.open();
    queue = new Queue(store, 'mail');
    deadline = new Date(Date.now() + AHEAD_MS);
  });

  const serve = async (handler: Handler<unknown>): Promise<void> => {
    await new Worker(store, { queues: ['mail'], handlers: { work: handler }, pollInterval: { maxMs: 100 } }).start();
  };

  const untilPast = (): Promise<void> => wait(Math.max(0, deadline.getTime() - Date.now()) + 200);

  const state = async (id: string): Promise<string | undefined> => (await queue.get(id))?.state;

  it('does not end a task that failed before it and is tried again after it', async () => {
    const { id } = await queue.add('work', {}, { deadline, backoff: { type: 'fixed', delayMs: AHEAD_MS + 500 } });
    await serve(({ attempt }) => {
      if (attempt === 1) throw new Error('the mail server said 451');
      return 'sent';
    });
    await eventually('it has ended', async () => !['waiting', 'running'].includes((await state(id)) ?? ''));
    expect(await queue.get(id)).to.include({ state: 'succeeded', failures: 1, result: 'sent' });
  });

  it('does not end a task that snoozed over it', async () => {
    const { id } = await queue.add('work', {}, { deadline });
    await serve(({ attempt, snooze }) => (attempt === 1 ? snooze(AHEAD_MS + 500) : 'sent'));
    await eventually('it has ended', async () => !['waiting', 'running'].includes((await state(id)) ?? ''));
    expect(await queue.get(id)).to.include({ state: 'succeeded', result: 'sent' });
  });

  it('ends a task that was given back before it began, and not the same again where it is redriven', async () => {
    const { id } = await queue.add('work', {}, { deadline });
    const [task] = (await store.parts.claimer.claim({ queues: ['mail'], limit: 1, workerId: 'none', leaseMs: 30_000 })).tasks;
    const token = task?.lease?.token ?? '';
    await store.parts.settler.giveBack({ id, queue: 'mail', guard: { token }, change: { state: 'waiting', delayMs: 0 }, by: token });
    await untilPast();
    await serve(() => 'sent');
    await eventually('it is dead', async () => (await state(id)) === 'dead');
    expect((await queue.get(id))?.error?.code).to.equal('HOLDFAST_DEADLINE_PASSED');
    expect(await queue.redrive(id)).to.equal(1);
    await eventually('it has succeeded', async () => (await state(id)) === 'succeeded');
  });
});
