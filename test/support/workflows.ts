import { Queue } from '../../classes/queue/queue';
import type { Store } from '../../classes/store/store';
import { Worker } from '../../classes/worker/worker';
import type { TaskOptions } from '../../config/optionTypes';
import type { TaskView } from '../../modules/task/taskView';
import type { Handler, WorkerArguments } from '../../modules/worker/handlerTypes';
import type { TaskContext } from '../../modules/worker/taskContext';
import { eventually } from './eventually';
import type { Opening } from './stores';

type Options = Partial<WorkerArguments<Record<string, unknown>>>;

/** A queue of workflows, and a worker for them. */
export class Workflows {
  private constructor(
    readonly store: Store,
    readonly queue: Queue,
  ) {}

  static async on(opening: Opening): Promise<Workflows> {
    const store = await opening.open();
    return new Workflows(store, new Queue(store, 'orders'));
  }

  async serve(handler: Handler<unknown>, options: Options = {}): Promise<Worker> {
    const worker = new Worker(this.store, { queues: ['orders'], handlers: { work: handler }, pollInterval: { maxMs: 50 }, ...options });
    await worker.start();
    return worker;
  }

  /** Adds a workflow whose failures are tried again at once. */
  async add(options: TaskOptions = {}): Promise<string> {
    return (await this.queue.add('work', {}, { backoff: { type: 'fixed', delayMs: 0 }, maxRetries: 3, ...options })).id;
  }

  ended(id: string, state = 'succeeded'): Promise<true> {
    return eventually(`it is ${state}`, async () => (await this.queue.get(id))?.state === state);
  }

  asleep(id: string): Promise<NonNullable<TaskView['sleeps']>> {
    return eventually('it sleeps', async () => (await this.queue.get(id))?.sleeps);
  }

  /** Runs a function in a handler, and returns what it threw. */
  async thrownIn(run: (context: TaskContext) => unknown): Promise<unknown> {
    let thrown: unknown;
    const id = await this.add({ maxRetries: 1 });
    const worker = await this.serve((context) => Promise.resolve(run(context)).catch((error: unknown) => void (thrown = error)));
    await this.ended(id);
    await worker.stop();
    return thrown;
  }
}
