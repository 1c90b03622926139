import type { EventName, HoldfastEvents } from '../../constants/events';

/** What is called at an event; what it returns is dropped, a promise that rejects is told by `listener-failed`. */
export type Listener<Name extends EventName> = (payload: HoldfastEvents[Name]) => unknown;

/** Ends a subscription; safe to call twice. */
export type Unsubscribe = () => void;

/** Where listeners subscribe. */
export interface EventSource {
  /** Calls the listener at each event of this name, until unsubscribed. */
  on<Name extends EventName>(name: Name, listener: Listener<Name>): Unsubscribe;
}

/** What classes tell their events to. */
export interface EventSink {
  /** Whether anybody listens: an event that nobody hears need not be put together. */
  hears(name: EventName): boolean;
  /** Tells every listener of an event. Never throws. */
  emit<Name extends EventName>(name: Name, payload: HoldfastEvents[Name]): void;
}
