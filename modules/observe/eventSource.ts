import type { EventName, HoldfastEvents } from '../../constants/events';

/** A listener of an event. Its return value is ignored; if it returns a promise that rejects, `listener-failed` is emitted. */
export type Listener<Name extends EventName> = (payload: HoldfastEvents[Name]) => unknown;

/** Ends a subscription. Safe to call twice. */
export type Unsubscribe = () => void;

/** A source of events that listeners subscribe to. */
export interface EventSource {
  /** Calls the listener at each event of this name, until unsubscribed. */
  on<Name extends EventName>(name: Name, listener: Listener<Name>): Unsubscribe;
}

/** The target that classes emit their events to. */
export interface EventSink {
  /** Tells whether an event has listeners. An event without listeners need not be built. */
  hears(name: EventName): boolean;
  /** Calls every listener of an event. Never throws. */
  emit<Name extends EventName>(name: Name, payload: HoldfastEvents[Name]): void;
}
