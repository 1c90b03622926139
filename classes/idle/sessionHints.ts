import { SECOND } from '../../constants/limits';
import { hintOf } from '../../modules/ports/hint';
import { isInTransaction } from '../../modules/store/givenSession';
import { doubling } from '../../modules/time/doubling';
import type { Clock } from '../../modules/time/clock';
import type { Wakeups } from './wakeups';

/** Time between two looks at a transaction of the caller's, which read only a field: at first, and at most. */
const LOOK_SOON_MS = 1;
const LOOK_MOST_MS = SECOND / 20;

/**
 * Wakes workers of this process for the tasks that were added in a transaction of the caller's, when it is over.
 *
 * No database tells its own process of the end. If the transaction was rolled back, the hint costs one look.
 */
export class SessionHints {
  readonly #wakeups: Pick<Wakeups, 'hint'>;
  readonly #clock: Clock;
  readonly #queuesOf = new Map<unknown, Set<string>>();

  constructor(wakeups: Pick<Wakeups, 'hint'>, clock: Clock) {
    this.#wakeups = wakeups;
    this.#clock = clock;
  }

  /** Notes that tasks of these queues were added in a transaction that is still open. */
  follow(session: unknown, queues: readonly string[]): void {
    let followed = this.#queuesOf.get(session);
    if (!followed) {
      this.#queuesOf.set(session, (followed = new Set()));
      this.#lookAt(session, 0);
    }
    for (const queue of queues) followed.add(queue);
  }

  #lookAt(session: unknown, looks: number): void {
    this.#clock.after(
      doubling(LOOK_SOON_MS, looks, LOOK_MOST_MS),
      () => {
        if (isInTransaction(session)) return this.#lookAt(session, looks + 1);
        const queues = this.#queuesOf.get(session) ?? [];
        this.#queuesOf.delete(session);
        // The look also finds when delayed tasks are due.
        for (const queue of queues) this.#wakeups.hint(hintOf(queue));
      },
      'idle',
    );
  }
}
