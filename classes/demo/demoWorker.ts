import { SECOND } from '../../constants/limits';
import { demoHandlers } from '../../modules/demo/demoHandlers';
import type { DemoTasks } from '../../modules/demo/demoHandlers';
import { logEvents } from '../../modules/observe/logEvents';
import { logger } from '../../modules/observe/logger';
import { untilDrained } from '../../modules/cli/untilDrained';
import { IterationLog } from '../observe/iterationLog';
import type { Store } from '../store/store';
import { SERVES } from '../../constants/processMessages';
import { Worker } from '../worker/worker';

/** A terminal and npm send the first signal twice, so that only a later one is a second one. */
const SECOND_SIGNAL_AFTER_MS = SECOND;

/** The worker of `node index.js`: it logs, serves the demo queue and stops on a signal. */
export class DemoWorker {
  readonly #store: Store;
  readonly #queue: string;
  readonly #worker: Worker<DemoTasks>;
  readonly #iterations: IterationLog;
  #signalledAt: number | undefined;
  #stopped: Promise<void> | undefined;

  constructor(store: Store, queue: string, options: object) {
    this.#store = store;
    this.#queue = queue;
    this.#worker = new Worker<DemoTasks>(store, { ...options, queues: [queue], handlers: demoHandlers });
    this.#iterations = new IterationLog(store.events, logger, store.parts.clock);
    logEvents(store.events);
  }

  /** Works until a signal comes, or until nothing is left to do; returns the exit code. */
  async run({ drain }: { readonly drain: boolean }): Promise<number> {
    const signalled = new Promise<void>((resolve) => {
      this.#onSignals(resolve);
      this.#onOrphaned(resolve);
    });
    await this.#worker.start();
    tellSupervisor();
    const isOver = (): boolean => this.#signalledAt !== undefined;
    const drained = drain && untilDrained(this.#store.parts.tasks, this.#queue, this.#store.parts.clock, isOver);
    await (drained ? Promise.race([signalled, drained]) : signalled);
    await (this.#stopped ??= this.#worker.stop());
    await this.#iterations.flush();
    return 0;
  }

  #onSignals(onFirst: () => void): void {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) {
      process.on(signal, () => {
        const now = this.#store.parts.clock.monotonic();
        if (this.#signalledAt === undefined) {
          this.#signalledAt = now;
          onFirst();
        } else if (now - this.#signalledAt > SECOND_SIGNAL_AFTER_MS) {
          void this.#worker.abandon();
        }
      });
    }
  }

  /** A worker process does not outlive the supervisor that runs it. */
  #onOrphaned(stop: () => void): void {
    if (!process.connected) return;
    process.once('disconnect', stop);
    // To listen on the channel would keep the process alive.
    process.channel?.unref();
  }
}

/** A supervisor that has gone meanwhile needs no word. */
function tellSupervisor(): void {
  if (process.connected) process.send?.(SERVES, undefined, undefined, () => undefined);
}
