import { SingleBar } from 'cli-progress';
import { seedOptions } from '../../config/demoOptions';
import type { SeedOptions } from '../../config/demoOptions';
import { BATCH_TASKS } from '../../constants/limits';
import { TASK_STATES } from '../../constants/states';
import type { DemoTasks } from '../../modules/demo/demoHandlers';
import { demoTasks } from '../../modules/demo/demoTasks';
import { defaultsOf } from '../../modules/options/resolveOptions';
import { Queue } from '../queue/queue';
import type { TaskSpec } from '../../modules/task/taskSpec';
import type { Store } from '../store/store';

/** Number of tasks from which a terminal shows a progress bar. */
const LONG = 2 * BATCH_TASKS;

/** Adds demo tasks to a queue. */
export class Seeding {
  readonly #store: Store;
  readonly #queue: Queue<DemoTasks>;
  #added = 0;

  constructor(store: Store, queue: string) {
    this.#store = store;
    this.#queue = new Queue<DemoTasks>(store, queue);
    store.events.on('task-added', ({ count, queue: to }) => (this.#added += to === queue ? count : 0));
  }

  /** The number of tasks that the store has acknowledged, also where it failed later. */
  get added(): number {
    return this.#added;
  }

  /** Adds tasks and returns their number. */
  async add(options: SeedOptions): Promise<number> {
    const bar = process.stderr.isTTY && options.count >= LONG ? new SingleBar({ stream: process.stderr, clearOnComplete: true }) : undefined;
    bar?.start(options.count, 0);
    try {
      await this.#addAll(options, (count) => bar?.increment(count));
    } finally {
      bar?.stop();
    }
    return options.count;
  }

  async #addAll(options: SeedOptions, onAdded: (count: number) => void): Promise<void> {
    let batch: TaskSpec<DemoTasks>[] = [];
    for await (const task of demoTasks(options)) {
      batch.push(task);
      if (batch.length < BATCH_TASKS) continue;
      await this.#queue.addMany(batch);
      onAdded(batch.length);
      batch = [];
    }
    await this.#queue.addMany(batch);
  }

  /** Adds the default tasks if the store has no tasks at all. Returns whether it did. */
  async fillIfEmpty(): Promise<boolean> {
    const counts = await this.#store.parts.tasks.counts(TASK_STATES);
    if (Object.keys(counts).length > 0) return false;
    await this.add(defaultsOf(seedOptions));
    return true;
  }
}
