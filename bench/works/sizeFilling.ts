import { PermanentError, Queue, Scheduler, Worker } from '../../index';
import type { Store, TaskOptions, TaskSpec } from '../../index';
import { chunks, inFlight } from '../systems/common';

/** The queue whose calls are measured. */
export const QUEUE = 'size';

/** The name and the tag of a few of the oldest tasks. */
export const RARE = 'rare';
const RARE_TASKS = 10;

/** One in so many finished tasks is dead, and one cancelled. */
const DEAD_EVERY = 50;
const CANCELLED_EVERY = 50;

/** Schedules beside the tasks: one for so many of them. */
const TASKS_A_SCHEDULE = 100;
const SCHEDULES_AT_ONCE = 200;

/** Tasks that are made at once, so that a million need not fit into memory. */
const PIECE = 10_000;

const MAX_CONCURRENCY = 2_000;
const CANCELS_AT_ONCE = 200;
const TEXT = 'x'.repeat(80);

/** The ids of schedules, from the first one. */
export const scheduleId = (index: number): string => `schedule-${index}`;

/** Makes a task of the benchmark. */
export const specOf = (index: number, options: TaskOptions = {}): TaskSpec<Record<string, unknown>> => ({
  name: QUEUE,
  payload: { index, text: TEXT },
  options: { maxRetries: 1, ...options },
});

/** Adds as many finished tasks as waiting ones, and schedules, by what the library itself does. */
export async function fillSize(store: Store, tasks: number): Promise<void> {
  const queue = new Queue(store, QUEUE);
  await queue.addMany(Array.from({ length: RARE_TASKS }, (_, index) => ({ ...specOf(index, { tags: [RARE] }), name: RARE })));
  const cancelled = Math.ceil(tasks / CANCELLED_EVERY);
  await addAll(queue, tasks - cancelled);
  await finishAll(store, [QUEUE], tasks - cancelled + RARE_TASKS);
  await cancelAll(queue, cancelled);
  await addAll(queue, tasks);
  const scheduler = new Scheduler(store);
  const indexes = Array.from({ length: Math.ceil(tasks / TASKS_A_SCHEDULE) }, (_, index) => index);
  await inFlight(indexes, SCHEDULES_AT_ONCE, (index) => scheduler.upsert(scheduleId(index), { queue: 'scheduled', cron: '0 3 * * *' }));
}

/** Adds waiting tasks, a piece at a time. */
export async function addAll(queue: Queue, tasks: number): Promise<void> {
  for (let done = 0; done < tasks; done += PIECE)
    await queue.addMany(Array.from({ length: Math.min(PIECE, tasks - done) }, (_, index) => specOf(done + index)));
}

/** Runs tasks until so many have ended: most succeed, some are dead. */
export async function finishAll(store: Store, queues: readonly string[], tasks: number): Promise<void> {
  let finished = 0;
  let ended: () => void = () => undefined;
  const allEnded = new Promise<void>((resolve) => (ended = resolve));
  const unsubscribe = store.events.on('iteration', ({ tally }) => {
    finished += tally.succeeded + tally.dead;
    if (finished >= tasks) ended();
  });
  const handler = ({ payload }: { payload: unknown }): number => {
    const { index } = payload as { index: number };
    if (index % DEAD_EVERY === 0) throw new PermanentError('meant to be dead');
    return index;
  };
  const worker = new Worker(store, { queues, maxConcurrency: MAX_CONCURRENCY, handlers: { [QUEUE]: handler, [RARE]: handler } });
  await worker.start();
  await allEnded;
  await worker.stop();
  unsubscribe();
}

async function cancelAll(queue: Queue, tasks: number): Promise<void> {
  await addAll(queue, tasks);
  const ids: string[] = [];
  for (let after: string | null | undefined; after !== null;) {
    const page = await queue.list({ states: ['waiting'], limit: 1_000, ...(after === undefined ? {} : { after }) });
    ids.push(...page.tasks.map(({ id }) => id));
    after = page.next;
  }
  for (const some of chunks(ids, CANCELS_AT_ONCE)) await Promise.all(some.map((id) => queue.cancel(id)));
}
