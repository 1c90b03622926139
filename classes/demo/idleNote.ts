import { SECOND } from '../../constants/limits';
import { LIVE_STATES, TASK_STATES } from '../../constants/states';
import { emptyCounts } from '../../modules/task/counts';
import type { StateCounts } from '../../modules/task/counts';
import { doubling } from '../../modules/time/doubling';
import type { Cancel } from '../../modules/time/clock';
import type { Store } from '../store/store';

/** Bounds of the time from the last work to the next count: a queue whose tasks are delayed is counted less and less often. */
const LOOK_MIN_MS = SECOND;
const LOOK_MAX_MS = 30 * SECOND;

/** Tells once, whenever a queue has nothing waiting or running any more, how its tasks stand. */
export class IdleNote {
  readonly #store: Store;
  readonly #queue: string;
  readonly #onIdle: (counts: StateCounts) => void;
  #looks = 0;
  #cancel: Cancel = () => undefined;
  #isOver = false;

  constructor(store: Store, queue: string, onIdle: (counts: StateCounts) => void) {
    this.#store = store;
    this.#queue = queue;
    this.#onIdle = onIdle;
    store.events.on('worker-started', () => this.#arm(0));
    store.events.on('iteration', () => this.#arm(0));
    store.events.on('worker-stopping', () => this.end());
  }

  end(): void {
    this.#isOver = true;
    this.#cancel();
  }

  #arm(looks: number): void {
    this.#looks = looks;
    this.#cancel();
    if (!this.#isOver) this.#cancel = this.#store.parts.clock.after(doubling(LOOK_MIN_MS, looks, LOOK_MAX_MS), () => void this.#look(), 'idle');
  }

  async #look(): Promise<void> {
    const looks = this.#looks;
    // A count that fails is an outage, which is told elsewhere.
    const all = await this.#store.parts.tasks.counts(TASK_STATES).catch(() => null);
    const counts = all?.[this.#queue] ?? emptyCounts();
    const isIdle = all !== null && LIVE_STATES.every((state) => counts[state] === 0);
    if (isIdle && !this.#isOver) this.#onIdle(counts);
    else this.#arm(looks + 1);
  }
}
