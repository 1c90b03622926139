import { SECOND } from '../../constants/limits';
import type { Clock } from '../../modules/time/clock';
import { Loop } from '../async/loop';
import type { InternalErrors } from '../observe/internalErrors';
import type { Batches } from './batches';
import type { Bulks } from './bulks';

/** Time between two looks for bulk actions whose process has ended. */
const LOOK_EVERY_MS = 10 * SECOND;

/** The parts of a Resumer. */
export interface ResumerParts {
  readonly bulks: Pick<Bulks, 'resume'>;
  readonly batches: Pick<Batches, 'resume' | 'leave'>;
  readonly internalErrors: InternalErrors;
  readonly clock: Clock;
}

/** Goes on with large bulk actions whose process has ended. It belongs to the opened store, so that every process does. */
export class Resumer {
  readonly #loop: Loop;
  readonly #stopping = new AbortController();
  readonly #batches: ResumerParts['batches'];

  constructor({ bulks, batches, internalErrors, clock }: ResumerParts) {
    this.#batches = batches;
    this.#loop = new Loop({
      clock,
      run: async () => {
        await batches.resume();
        await bulks.resume(this.#stopping.signal);
      },
      delayMs: () => LOOK_EVERY_MS,
      onError: (error) => internalErrors.note('bulk', error),
    });
  }

  start(): void {
    this.#loop.start();
  }

  /** Looks now. */
  look(): void {
    this.#loop.runNow();
  }

  /** Leaves an action under way to other processes, after its present part. Safe to call twice. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    await Promise.all([this.#batches.leave(), this.#loop.stop()]);
  }
}
