import { setTimeout as wait } from 'node:timers/promises';
import { expect } from 'chai';
import { Queue } from '../../classes/queue/queue';
import { Worker } from '../../classes/worker/worker';
import { eventually } from '../support/eventually';
import { forEachStore } from '../support/stores';
import type { Opening } from '../support/stores';

const HOUR = 3_600_000;
const LATER_MS = 2_000;
const PRIORITIES = Array.from({ length: 10 }, (_, priority) => priority);

/** Tasks of each priority come so often that the worker never waits, and hears no hints. */
const EVERY_MS = 20;
const EACH = 2;
const PAST_EVERY_MS = 150;
const PAST_FOR_MS = 3_500;
const BUSY_FOR_MS = 6_500;

interface Given {
  readonly priority: number;
  readonly addedMs: number;
  readonly isPast: boolean;
}

/** Lets a worker work on busy priorities, to which tasks of the past are added. Returns all in the order in which they began. */
async function begunAmongBusyPriorities(opening: Opening): Promise<Given[]> {
  const begun: Given[] = [];
  const note = ({ payload }: { payload: Given }): void => void begun.push(payload);
  await new Worker<{ note: Given }>(await opening.open(), { queues: ['mail'], maxConcurrency: 20, handlers: { note } }).start();
  const queue = new Queue<{ note: Given }>(await opening.open(), 'mail');
  const beganAt = performance.now();
  const passedMs = (): number => performance.now() - beganAt;
  let [added, past] = [0, 0];
  const taskOf = (priority: number, isPast: boolean) => {
    const runAt = isPast ? { runAt: new Date(Date.now() - HOUR) } : {};
    return { name: 'note', payload: { priority, isPast, addedMs: passedMs() }, options: { priority, ...runAt } } as const;
  };
  while (passedMs() < BUSY_FOR_MS) {
    const tasks = PRIORITIES.flatMap((priority) => Array.from({ length: EACH }, () => taskOf(priority, false)));
    if (passedMs() < PAST_FOR_MS && passedMs() >= past * PAST_EVERY_MS) tasks.push(taskOf(past++ % PRIORITIES.length, true));
    added += tasks.length;
    await Promise.all([queue.addMany(tasks), wait(EVERY_MS)]);
  }
  await eventually('all began', () => begun.length === added);
  return begun;
}

forEachStore('A task whose runAt has passed', (opening) => {
  it('begins before those of its priority that are added two seconds later, however busy all priorities are', async () => {
    const begun = await begunAmongBusyPriorities(opening);
    const late = begun.filter(({ isPast, priority, addedMs }, place) => {
      const before = begun.slice(0, place);
      return isPast && before.some((other) => other.priority === priority && other.addedMs > addedMs + LATER_MS);
    });
    expect(late).to.deep.equal([]);
  });
});
