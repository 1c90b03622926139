import { AsyncLocalStorage, AsyncResource } from 'node:async_hooks';
import type { TaskContext } from '../../modules/worker/taskContext';

const calls = new AsyncLocalStorage<Call | undefined>();

/** A destroy hook would cost a finalizer for each task. */
const NO_DESTROY_HOOK = { requireManualDestroy: true };

/**
 * One call of a handler, with an async context of its own: what a handler enters there, the next one does not see.
 *
 * The contexts of a worker's calls are copies of the context in which they were made.
 */
export class Call extends AsyncResource {
  /** The task of the call; undefined for a batch. */
  readonly context: TaskContext | undefined;
  /** The handler waits for the end of its own worker or store, so nobody waits for the handler meanwhile. */
  waitsForStop = false;

  constructor(context: TaskContext | undefined) {
    super('HoldfastCall', NO_DESTROY_HOOK);
    this.context = context;
  }

  /** Calls the handler. */
  enter<Given, T>(handler: (given: Given) => T, given: Given): T {
    return this.runInAsyncScope(() => callWithin(this, handler, given));
  }
}

/** The async context is that of the call alone, so nothing has to be restored after it. */
function callWithin<Given, T>(call: Call, handler: (given: Given) => T, given: Given): T {
  calls.enterWith(call);
  return handler(given);
}

/** Returns the call of the handler in which this code runs; undefined elsewhere. */
export const currentCall = (): Call | undefined => calls.getStore();

/** Runs a function as if no handler had called it. */
export const outsideCalls = <T>(run: () => T): T => calls.run(undefined, run);
