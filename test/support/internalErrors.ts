import { Emitter } from '../../classes/observe/emitter';
import { InternalErrors } from '../../classes/observe/internalErrors';
import type { HoldfastEvents } from '../../constants/events';
import type { Clock } from '../../modules/time/clock';

/** The internal errors of parts without a store, and the bugs that they report. */
export function internalErrorsFor(clock: Clock, isOfStore: (error: unknown) => boolean = () => false) {
  const events = new Emitter();
  const bugs: HoldfastEvents['internal-error'][] = [];
  events.on('internal-error', (bug) => bugs.push(bug));
  return { internalErrors: new InternalErrors({ events, clock, isOfStore }), bugs };
}
