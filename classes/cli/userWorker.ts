import type { LoadedTasks } from '../../modules/cli/loadTasks';
import { untilIdle } from '../../modules/cli/untilIdle';
import { logEvents } from '../../modules/observe/logEvents';
import { theLogger } from '../../modules/observe/logger';
import type { WorkerArguments } from '../../modules/worker/handlerTypes';
import { StopSignals } from '../async/stopSignals';
import { answerSignals } from '../demo/answerSignals';
import { tellSupervisor } from '../demo/demoWorker';
import type { AnyEvent } from '../events/eventHub';
import { EventHub } from '../events/eventHub';
import { IterationLog } from '../observe/iterationLog';
import type { Store } from '../store/store';
import { Worker } from '../worker/worker';

/** What a UserWorker runs. */
export interface UserWork extends LoadedTasks {
  /** The options of the worker that has the handlers, its queues included. */
  readonly options: WorkerArguments<Record<string, unknown>>;
  readonly once: boolean;
}

/** The worker of `holdfast worker`: runs the handlers and events of a module until a signal comes, or until nothing is due. */
export class UserWorker {
  readonly #store: Store;
  readonly #work: UserWork;
  readonly #worker: Worker | undefined;
  readonly #hub: EventHub;
  readonly #iterations: IterationLog;
  readonly #signals: StopSignals;
  readonly #stopped: Promise<void>;
  #onStop: () => void = () => undefined;

  /** @throws HOLDFAST_OPTION_… if the module exports what no worker and no hub takes. */
  constructor(store: Store, work: UserWork) {
    this.#store = store;
    this.#work = work;
    this.#worker = Object.keys(work.handlers).length > 0 ? new Worker(store, work.options) : undefined;
    // Before whatever logs that a worker has stopped, so that its last line does not come after that.
    this.#iterations = new IterationLog(store.events, theLogger(), store.parts.clock);
    this.#hub = new EventHub(store, work.events as readonly AnyEvent[], { signals: false });
    // The events of a store are logged by the hub, if it has any.
    if (work.events.length === 0) logEvents(store.events);
    this.#stopped = new Promise((resolve) => (this.#onStop = resolve));
    this.#signals = new StopSignals(store.parts.clock, { onStop: this.#onStop, onHaste: () => this.#makeHaste() });
  }

  /** Works, then closes the store. */
  async run(): Promise<void> {
    this.#signals.listen();
    const endAnswers = answerSignals(this.#store);
    try {
      await this.#run();
    } finally {
      await this.#store.close();
      this.#signals.end();
      endAnswers();
    }
  }

  async #run(): Promise<void> {
    if (process.connected) {
      // The supervisor has died.
      process.once('disconnect', this.#onStop);
      process.channel?.unref();
    }
    await Promise.all([this.#worker?.start(), this.#hub.start()]);
    tellSupervisor();
    const { tasks, settings, clock } = this.#store.parts;
    const idle = this.#work.once && untilIdle({ tasks, settings }, this.#queues, clock, () => this.#signals.hasCome);
    await (idle ? Promise.race([this.#stopped, idle]) : this.#stopped);
    await Promise.all([this.#worker?.stop(), this.#hub.stop()]);
    await this.#iterations.flush();
  }

  get #queues(): string[] {
    const ofEvents = (this.#work.events as readonly AnyEvent[]).map(({ name }) => name);
    return [...(this.#worker ? this.#work.options.queues : []), ...ofEvents];
  }

  #makeHaste(): void {
    void this.#worker?.abandon();
    for (const event of this.#work.events as readonly AnyEvent[]) void event.abandon();
  }
}
