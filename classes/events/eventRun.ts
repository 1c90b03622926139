import type { EventName, HoldfastEvents } from '../../constants/events';
import { HOOK_EVENTS } from '../../modules/events/eventPlan';
import type { EventHooks, EventPlan } from '../../modules/events/eventPlan';
import { processEvent } from '../../modules/events/processEvent';
import type { Listener, Unsubscribe } from '../../modules/observe/eventSource';
import type { Store } from '../store/store';
import { inPlaceOfCurrent } from '../worker/currentTask';
import { Worker } from '../worker/worker';
import { Trimmer } from './trimmer';

/** The processing of one declared event on a store: its worker, its trims and its hooks. */
export class EventRun {
  readonly #worker: Worker;
  readonly #trimmer: Trimmer;
  readonly #hooks: readonly Unsubscribe[];

  /** Begins to call the hooks; processes nothing before `start`. */
  constructor(store: Store, plan: EventPlan) {
    const { name, backoffs, worker: options, last } = plan;
    const handler = processEvent(plan, { events: store.events, workerId: () => this.#worker.id, within: inPlaceOfCurrent });
    this.#worker = new Worker(store, { ...options, queues: [name], backoffs, handlers: { [name]: handler } });
    this.#trimmer = new Trimmer(store.parts, name, last);
    this.#hooks = (Object.keys(HOOK_EVENTS) as (keyof EventHooks)[]).flatMap((hook) => hookOf(store, plan, hook));
  }

  /** The number of events that are processed now. */
  get running(): number {
    return this.#worker.running;
  }

  async start(): Promise<void> {
    await this.#worker.start();
    this.#trimmer.start();
  }

  /** Lets events that are processed end within the grace period, then trims for the last time. */
  async stop(): Promise<void> {
    await this.#worker.stop();
    await this.#trimmer.stop();
    for (const unsubscribe of this.#hooks) unsubscribe();
  }

  /** Stops without waiting for events that are processed. */
  abandon(): Promise<void> {
    return this.#worker.abandon();
  }
}

function hookOf(store: Store, { name, hooks }: EventPlan, hook: keyof EventHooks): Unsubscribe[] {
  const call = hooks[hook] as ((told: object) => unknown) | undefined;
  return call ? [store.events.on(HOOK_EVENTS[hook], listenTo(name, call))] : [];
}

/** Passes on the events of one queue. A hook that throws is reported as `listener-failed`. */
const listenTo =
  (queue: string, call: (told: object) => unknown): Listener<EventName> =>
  (told: HoldfastEvents[EventName]) =>
    'task' in told && told.task.queue === queue ? call(told) : undefined;
