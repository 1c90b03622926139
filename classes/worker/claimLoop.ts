import { DAY } from '../../constants/limits';
import type { WorkerOptions } from '../../config/optionTypes';
import type { TurnRule } from '../../modules/flow/fairShares';
import { turnRule } from '../../modules/flow/turnRule';
import type { Task } from '../../modules/task/task';
import { hintOf } from '../../modules/ports/hint';
import { callRetryDelay } from '../../modules/time/callRetryDelay';
import type { Clock } from '../../modules/time/clock';
import type { Condition } from '../async/condition';
import { Idleness } from '../idle/idleness';
import type { IdlenessParts } from '../idle/idleness';
import type { WakeReason } from '../idle/waitGroup';
import type { Claimer } from '../lease/claimer';
import type { Recorder } from '../lease/recorder';
import type { InternalErrors } from '../observe/internalErrors';
import type { ClaimTimes } from './attempt';
import type { Slots } from './slots';

/** The reasons to wake of which other processes may hear at the same moment. */
const RACES: ReadonlySet<WakeReason> = new Set(['hint', 'due']);

/** The parts of a ClaimLoop. */
export interface ClaimLoopParts extends IdlenessParts {
  readonly claimer: Claimer;
  readonly recorder: Pick<Recorder, 'idle'>;
  readonly internalErrors: InternalErrors;
  readonly clock: Clock;
}

/** The worker that a claim loop claims for. */
export interface Claimant {
  readonly id: string;
  readonly options: Pick<WorkerOptions, 'queues' | 'queueOrder' | 'queueWeights' | 'leaseMs' | 'pollInterval'>;
  readonly slots: Slots;
  /** Signals every slot that becomes free, and the end of the worker. */
  readonly changes: Condition;
  /** Tells whether the worker is stopping. Nothing is claimed any more. */
  readonly isStopping: () => boolean;
  /** Puts the tasks of one claim into slots. */
  readonly take: (tasks: readonly Task[], times: ClaimTimes) => void;
}

/** Claims tasks for one worker: fills its slots, and idles while nothing is due. */
export class ClaimLoop {
  readonly #parts: ClaimLoopParts;
  readonly #claimant: Claimant;
  readonly #idleness: Idleness;
  readonly #rule: TurnRule;
  #takesNothing = false;

  constructor(parts: ClaimLoopParts, claimant: Claimant) {
    this.#parts = parts;
    this.#claimant = claimant;
    this.#rule = turnRule(claimant.options);
    this.#idleness = new Idleness(parts, claimant.options, claimant.isStopping);
  }

  /** Claims and idles until the worker stops. Never rejects. */
  async run(): Promise<void> {
    const { changes, isStopping } = this.#claimant;
    const { clock, random, wakeups } = this.#parts;
    let emptyClaims = 0;
    let failedClaims = 0;
    let wokenBy: WakeReason | null = null;
    while (!isStopping()) {
      try {
        const claimed = await this.#claimIntoRoom();
        emptyClaims = claimed > 0 ? 0 : emptyClaims + 1;
        failedClaims = 0;
        if (wokenBy) wakeups.noteClaim(claimed, RACES.has(wokenBy));
        wokenBy = claimed > 0 ? null : await this.#idleness.wait(emptyClaims);
      } catch (error) {
        this.#parts.internalErrors.note('claim', error);
        failedClaims += 1;
        await changes.until(isStopping, clock, callRetryDelay(failedClaims, random));
      }
    }
  }

  /** Claims nothing more, although the worker goes on. Returns false if it was told before. */
  takeNothing(): boolean {
    const isNew = !this.#takesNothing;
    this.#takesNothing = true;
    return isNew;
  }

  /** Ends the wait of an idle worker that is stopping. */
  wake(): void {
    this.#idleness.end();
  }

  /**
   * Claims until nothing is due and nothing runs, or the worker stops.
   *
   * @throws the error of the store.
   */
  async drain(): Promise<void> {
    try {
      await this.#drain();
    } catch (error) {
      await this.#untilEmpty();
      throw error;
    }
  }

  async #drain(): Promise<void> {
    const { changes, isStopping, slots } = this.#claimant;
    while (!isStopping()) {
      if ((await this.#claimIntoRoom()) > 0) continue;
      if (!slots.isEmpty) {
        await changes.next();
        continue;
      }
      // An outcome that is not yet written may make its task due again, or hand follow-ups over.
      await this.#parts.recorder.idle();
      if ((await this.#claimIntoRoom()) > 0 || !slots.isEmpty) continue;
      if (!this.#parts.claimer.knowsSuspect) return;
      await this.#parts.claimer.lookAgain(changes.next());
    }
  }

  /** Waits for the attempts that run, unless the worker stops, which waits for them itself. */
  async #untilEmpty(): Promise<void> {
    const { changes, isStopping, slots } = this.#claimant;
    while (!isStopping() && !slots.isEmpty) await changes.next();
    await this.#parts.recorder.idle();
  }

  /** Returns the number of claimed tasks. */
  async #claimIntoRoom(): Promise<number> {
    await this.#untilRoom();
    return this.#claim();
  }

  /** Waits for free slots. Slots that become free in the same turn of the event loop are filled by one claim. */
  async #untilRoom(): Promise<void> {
    const { clock, claimer } = this.#parts;
    const { slots, changes, isStopping } = this.#claimant;
    while (!isStopping() && (!slots.wantsMore || claimer.isBlocked || this.#takesNothing)) {
      // A process that takes nothing more lives on until it is stopped: the timer keeps it alive.
      if (this.#takesNothing) await changes.until(isStopping, clock, DAY);
      else await (claimer.isBlocked ? claimer.lookAgain(changes.next()) : changes.next());
      await new Promise<void>((resolve) => clock.soon(resolve));
    }
  }

  async #claim(): Promise<number> {
    const { id: workerId, options, slots, isStopping, take } = this.#claimant;
    if (isStopping()) return 0;
    const limit = slots.room;
    const { tasks, sentAt } = await this.#parts.claimer.claim({ ...this.#rule, queues: options.queues, limit, workerId, leaseMs: options.leaseMs });
    if (tasks.length === 0) return 0;
    if (tasks.length >= limit) this.#passOn(tasks);
    take(tasks, { sentAt, answeredAt: this.#parts.clock.monotonic() });
    return tasks.length;
  }

  /** Wakes the next worker after a claim that filled the room of this one: there may be more. */
  #passOn(tasks: readonly Task[]): void {
    const { wakeups } = this.#parts;
    if (!wakeups.isAwaited) return;
    for (const queue of new Set(tasks.map((task) => task.queue))) wakeups.tell(hintOf(queue));
  }
}
