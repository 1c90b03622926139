import { PermanentError, Queue, Worker } from '../../index';
import type { Store } from '../../index';
import { specOf } from './sizeFilling';

/** Queues among which the tasks are shared out. */
export const TOOL_QUEUES = 100;

/** One in so many finished tasks is dead. */
const DEAD_EVERY = 50;

const MAX_CONCURRENCY = 2_000;

/** Tasks that are made at once. */
const PIECE = 10_000;

export const toolQueue = (index: number): string => `tool-${index}`;

/** Adds as many finished tasks as waiting ones, in all queues. */
export async function fillQueues(store: Store, tasks: number): Promise<void> {
  await addAll(store, tasks);
  await finishAll(store, tasks);
  await addAll(store, tasks);
}

/** Returns the id of a task that has ended. */
export async function finishedIdIn(store: Store): Promise<string> {
  const { tasks } = await new Queue(store, toolQueue(1)).list({ states: ['succeeded'], limit: 1 });
  const [task] = tasks;
  if (!task) throw new Error('no task has ended');
  return task.id;
}

async function addAll(store: Store, tasks: number): Promise<void> {
  const queues = Array.from({ length: TOOL_QUEUES }, (_, index) => new Queue(store, toolQueue(index)));
  const each = Math.ceil(tasks / TOOL_QUEUES);
  for (const queue of queues)
    for (let done = 0; done < each; done += PIECE)
      await queue.addMany(Array.from({ length: Math.min(PIECE, each - done) }, (_, index) => specOf(done + index)));
}

async function finishAll(store: Store, tasks: number): Promise<void> {
  const all = Math.ceil(tasks / TOOL_QUEUES) * TOOL_QUEUES;
  let finished = 0;
  let ended: () => void = () => undefined;
  const allEnded = new Promise<void>((resolve) => (ended = resolve));
  const unsubscribe = store.events.on('iteration', ({ tally }) => {
    finished += tally.succeeded + tally.dead;
    if (finished >= all) ended();
  });
  const handler = ({ payload }: { payload: unknown }): number => {
    const { index } = payload as { index: number };
    if (index % DEAD_EVERY === 0) throw new PermanentError(`the account ${index} has no address`);
    return index;
  };
  const { name } = specOf(0);
  const worker = new Worker(store, { queues: ['tool-*'], maxConcurrency: MAX_CONCURRENCY, handlers: { [name]: handler } });
  await worker.start();
  await allEnded;
  await worker.stop();
  unsubscribe();
}
