import { setTimeout as wait } from 'node:timers/promises';
import { expect } from 'chai';
import type { HoldfastEvents } from '../../constants/events';
import { DAY, HOUR } from '../../constants/limits';
import { isSuspension } from '../../modules/worker/suspension';
import { forEachStore, forReference } from '../support/stores';
import type { Opening } from '../support/stores';
import { Workflows } from '../support/workflows';

const suite = (opening: Opening): void => {
  let flows: Workflows;

  beforeEach(async () => {
    flows = await Workflows.on(opening);
  });

  it('that is swallowed lets its handler add nothing any more', async () => {
    let thrown: unknown;
    await flows.serve(async ({ sleepFor, add }) => {
      await sleepFor('long', 3_600_000).catch(() => undefined);
      try {
        add('letters', 'write', {});
      } catch (error) {
        thrown = error;
      }
    });
    await flows.asleep(await flows.add());
    expect(isSuspension(thrown)).to.equal(true);
  });

  it('gives the slot back, counts no failure, shows what the task sleeps on, and goes on after it', async () => {
    const id = await flows.add({ maxRetries: 1 });
    const told: HoldfastEvents['task-suspended'][] = [];
    flows.store.events.on('task-suspended', (event) => told.push(event));
    const ran: string[] = [];
    const worker = await flows.serve(async ({ step, sleepFor, attempt }) => {
      await step('before', () => void ran.push(`before ${attempt}`));
      await sleepFor('a nap', 300);
      ran.push(`after ${attempt}`);
    });
    const sleeps = await flows.asleep(id);
    const task = await flows.queue.get(id);
    expect(sleeps).to.deep.equal({ kind: 'sleep', name: 'a nap', until: task?.availableAt });
    expect(worker.running).to.equal(0);
    expect(task).to.include({ state: 'waiting', failures: 0, attempt: 1 });
    await flows.ended(id);
    const done = await flows.queue.get(id);
    expect(done).to.include({ failures: 0, attempt: 2, sleeps: null });
    expect(done?.attempts.map(({ ending, on }) => [ending, on?.name])).to.deep.equal([['suspended', 'a nap'], ['succeeded', undefined]]); // prettier-ignore
    expect(ran).to.deep.equal(['before 1', 'after 2']);
    expect(told.map(({ on, task: ref }) => [on, ref.id])).to.deep.equal([[{ kind: 'sleep', name: 'a nap' }, id]]);
  });

  it('ends no earlier than its time, from its first call, also when an attempt fails meanwhile', async () => {
    const id = await flows.add();
    const at: number[] = [];
    await flows.serve(async ({ sleepFor, attempt }) => {
      at.push(Date.now());
      if (attempt === 2) throw new Error('an attempt in between');
      await sleepFor('nap', 400);
    });
    await flows.asleep(id);
    await flows.queue.retry(id);
    await flows.ended(id);
    expect(at).to.have.length(4);
    expect((at.at(-1) as number) - (at[0] as number)).to.be.at.least(390);
  });

  it('lasts for months, and until a date', async () => {
    const ids = [await flows.add(), await flows.add()];
    const date = new Date(Date.now() + 200 * DAY);
    await flows.serve(({ id, sleepFor, sleepUntil }) => (id === ids[0] ? sleepFor('long', 200 * DAY) : sleepUntil('long', date)));
    for (const id of ids) expect((await flows.asleep(id)).until?.getTime()).to.be.within(date.getTime() - HOUR, date.getTime() + HOUR);
    expect(await flows.queue.cancel(ids[0] as string)).to.equal(true);
  });

  it('is over at once where its time has passed', async () => {
    const id = await flows.add();
    await flows.serve(async ({ sleepFor, sleepUntil }) => {
      await sleepFor('none', 0);
      await sleepUntil('past', new Date(Date.now() - 1_000));
    });
    await flows.ended(id);
    expect((await flows.queue.get(id))?.attempt).to.equal(1);
  });

  it('sleeps all the same when the handler swallows its suspension', async () => {
    const id = await flows.add({ maxRetries: 1 });
    const caught: unknown[] = [];
    await flows.serve(async ({ sleepFor, step, snooze, progress, attempt }) => {
      const note = (error: unknown): void => void caught.push(isSuspension(error));
      await sleepFor('nap', 200).catch(note);
      if (attempt > 1) return;
      await step('unreached', () => caught.push('ran')).catch(note);
      await progress(1).catch(note);
      try {
        snooze(0);
      } catch (error) {
        note(error);
      }
      throw new Error('instead');
    });
    await flows.asleep(id);
    expect(caught).to.deep.equal([true, true, true, true]);
    await flows.ended(id);
    expect(await flows.queue.get(id)).to.include({ attempt: 2, failures: 0 });
  });

  it('waits for the steps beside it, and for the earlier of two ends', async () => {
    const id = await flows.add();
    const ran: string[] = [];
    await flows.serve(async ({ step, sleepFor }) => {
      await Promise.all([step('beside', async () => void (await wait(100), ran.push('beside'))), sleepFor('long', 500), sleepFor('short', 250)]);
    });
    await flows.asleep(id);
    expect(ran).to.deep.equal(['beside']);
    expect((await flows.queue.get(id))?.sleeps).to.include({ name: 'short' });
    await flows.ended(id);
    expect(ran).to.deep.equal(['beside']);
    expect((await flows.queue.get(id))?.attempt).to.equal(3);
  });

  it('refuses times that are none', async () => {
    const error = await flows.thrownIn(({ sleepFor }) => sleepFor('bad', -1));
    expect(error).to.include({ code: 'HOLDFAST_OPTION_INVALID', field: 'ms' });
  });
};

forEachStore('A sleep', suite);
forReference('A sleep', suite);
