import { demoHandlers } from '../../modules/demo/demoHandlers';
import type { DemoTasks } from '../../modules/demo/demoHandlers';
import type { EventSource } from '../../modules/observe/eventSource';
import { logEvents } from '../../modules/observe/logEvents';
import { theLogger } from '../../modules/observe/logger';
import { untilDrained } from '../../modules/cli/untilDrained';
import { StopSignals } from '../async/stopSignals';
import type { StateCounts } from '../../modules/task/counts';
import { answerSignals } from './answerSignals';
import { IdleNote } from './idleNote';
import { IterationLog } from '../observe/iterationLog';
import type { Store } from '../store/store';
import { SERVES } from '../../constants/processMessages';
import { Worker } from '../worker/worker';

/** Worker of `node index.js`: logs, serves the demo queue and stops on a signal. */
export class DemoWorker {
  readonly #store: Store;
  readonly #queue: string;
  readonly #worker: Worker<DemoTasks>;
  readonly #iterations: IterationLog;
  readonly #signals: StopSignals;
  readonly #stopped: Promise<void>;
  #onStop: () => void = () => undefined;

  /** @param isDemo sums up the tasks that are made to fail, in place of a warning for each. */
  constructor(store: Store, queue: string, options: object, isDemo = false) {
    this.#store = store;
    this.#queue = queue;
    this.#worker = new Worker<DemoTasks>(store, { ...options, queues: [queue], handlers: demoHandlers });
    this.#iterations = new IterationLog(store.events, theLogger(), store.parts.clock);
    logEvents(isDemo ? withoutDead(store.events) : store.events);
    new IdleNote(store, queue, (counts) => theLogger().info(idleText(counts, isDemo)));
    this.#stopped = new Promise((resolve) => (this.#onStop = resolve));
    this.#signals = new StopSignals(store.parts.clock, { onStop: this.#onStop, onHaste: () => void this.#worker.abandon() });
  }

  /**
   * Works until a signal comes, or until the queue is drained, then closes the store. Returns the exit code.
   *
   * Listens to signals until the store is closed, because npm sends the first one twice and its copy must not kill the process.
   */
  async run({ drain }: { readonly drain: boolean }): Promise<number> {
    this.#signals.listen();
    const endAnswers = answerSignals(this.#store);
    try {
      await this.#work(drain);
    } finally {
      await this.#store.close();
      this.#signals.end();
      endAnswers();
    }
    return 0;
  }

  async #work(drain: boolean): Promise<void> {
    this.#onOrphaned(this.#onStop);
    await this.#worker.start();
    tellSupervisor();
    const drained = drain && untilDrained(this.#store.parts.tasks, this.#queue, this.#store.parts.clock, () => this.#signals.hasCome);
    await (drained ? Promise.race([this.#stopped, drained]) : this.#stopped);
    await this.#worker.stop();
    await this.#iterations.flush();
  }

  /** Stops the worker when its supervisor has died. */
  #onOrphaned(stop: () => void): void {
    if (!process.connected) return;
    process.once('disconnect', stop);
    // A referenced channel would keep the process alive.
    process.channel?.unref();
  }
}

/** The events of a store but for the tasks that are given up: of those in the demo most are made to. */
const withoutDead = (events: EventSource): EventSource => ({
  on: (name, listener) => (name === 'task-dead' ? () => undefined : events.on(name, listener)),
});

function idleText({ succeeded, dead }: StateCounts, isDemo: boolean): string {
  const failed = isDemo && dead > 0 ? `, ${dead} failed three times and are kept as dead, most of them made to; npx holdfast stats counts them` : '';
  return `Idle, waiting for tasks; ${succeeded} have succeeded${isDemo ? failed : `, ${dead} are dead`}. Ctrl-C stops the worker`;
}

/** Reports to the supervisor that the worker serves. A failure to send means that the supervisor is gone. */
export function tellSupervisor(): void {
  if (process.connected) process.send?.(SERVES, undefined, undefined, () => undefined);
}
