import { types } from 'node:util';
import { EVENT_TABLE } from '../../constants/events';
import type { EventName, HoldfastEvents } from '../../constants/events';
import { describeValue, HoldfastError } from '../../modules/errors/holdfastError';
import type { EventSource, Listener, Unsubscribe } from '../../modules/observe/eventSource';
import { taskError } from '../../modules/errors/taskError';
import { asMicrotask } from '../../modules/time/clock';

/**
 * The events of a store. Classes emit them; logging, metrics and traces subscribe.
 *
 * A listener that throws, or returns a promise that rejects, is reported by `listener-failed` and affects nothing else.
 *
 * @example
 * const off = store.events.on('task-dead', ({ task, error }) => console.error(task.id, error.message));
 */
export class Emitter implements EventSource {
  readonly #announced = new Map<EventName, unknown[]>();
  readonly #listeners = new Map<EventName, Set<{ readonly listener: Listener<never> }>>();

  /**
   * Calls the listener at each event of this name, until unsubscribed. A listener that is subscribed twice is called twice.
   *
   * @returns a function that ends the subscription.
   * @throws HOLDFAST_OPTION_INVALID if there is no event of this name.
   * @example
   * const off = store.events.on('lease-lost', ({ task, reason }) => metrics.count('lease_lost', { queue: task.queue, reason }));
   * off();
   */
  on<Name extends EventName>(name: Name, listener: Listener<Name>): Unsubscribe {
    checkName(name);
    const subscriptions = this.#listeners.get(name) ?? new Set();
    const subscription = { listener };
    this.#listeners.set(name, subscriptions.add(subscription));
    for (const payload of (this.#announced.get(name) ?? []) as HoldfastEvents[Name][]) {
      asMicrotask(() => subscriptions.has(subscription) && this.#call(name, listener, payload));
    }
    return () => void subscriptions.delete(subscription);
  }

  /** Tells whether an event has listeners. An event without listeners need not be built. @internal */
  hears(name: EventName): boolean {
    return (this.#listeners.get(name)?.size ?? 0) > 0;
  }

  /** Calls every listener of an event. Never throws. @internal */
  emit<Name extends EventName>(name: Name, payload: HoldfastEvents[Name]): void {
    const subscriptions = this.#listeners.get(name);
    if (!subscriptions || subscriptions.size === 0) return;
    // A listener that subscribes during this event is first called at the next one.
    for (const subscription of [...subscriptions]) {
      if (subscriptions.has(subscription)) this.#call(name, subscription.listener as Listener<Name>, payload);
    }
  }

  /** Emits an event that listeners of later are told as well: one of the opening of a store, which nobody can listen to before. @internal */
  announce<Name extends EventName>(name: Name, payload: HoldfastEvents[Name]): void {
    this.#announced.set(name, [...(this.#announced.get(name) ?? []), payload]);
    this.emit(name, payload);
  }

  #call<Name extends EventName>(name: Name, listener: Listener<Name>, payload: HoldfastEvents[Name]): void {
    try {
      const answer = listener(payload);
      if (types.isPromise(answer)) answer.catch((thrown: unknown) => this.#report(name, thrown));
    } catch (thrown) {
      this.#report(name, thrown);
    }
  }

  #report(event: EventName, thrown: unknown): void {
    // A failing listener of this event could only be reported to itself.
    if (event !== 'listener-failed') this.emit('listener-failed', { event, error: taskError(thrown) });
  }
}

/** A listener of a misspelt event would silently never be called. */
function checkName(name: string): void {
  if (Object.hasOwn(EVENT_TABLE, name)) return;
  const expected = `one of ${Object.keys(EVENT_TABLE).join(', ')}`;
  throw new HoldfastError('HOLDFAST_OPTION_INVALID', { field: 'event', expected, got: describeValue(name) });
}
