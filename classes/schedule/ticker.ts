import { SECOND } from '../../constants/limits';
import type { FinishedState } from '../../constants/states';
import type { Random } from '../../modules/time/clock';
import { isOccurrenceId } from '../../modules/schedule/schedule';
import type { DueSchedules } from '../../modules/ports/scheduleStore';
import type { Unsubscribe } from '../../modules/observe/eventSource';
import { Loop } from '../async/loop';
import { nextHoldMs, SHORTEST_HOLD_MS } from '../../modules/schedule/nextHoldMs';
import { Firer } from './firer';
import type { FirerParts } from './firer';
import { Presence } from './presence';

/** Longest time between two looks. A schedule stored by another process is seen this late. */
const LOOK_AT_LEAST_MS = 2 * SECOND;

/** Shortest time between two looks, and the random part that spreads the looks of several processes. */
const LOOK_AT_MOST_MS = 5;
const SPREAD_MS = 15;

/** Schedules that a process claims at once. Each part costs a few turns at the lock of a file: with parts of 100, 10,000 took 1.7 times as long. */
const SCHEDULES_AT_ONCE = 400;

/** Parts of a ticker. */
export interface TickerParts extends FirerParts {
  readonly random: Random;
}

/**
 * Fires schedules. Every process with a worker has one, and none leads.
 *
 * Processes claim due schedules in parts, so that no two work at the same ones. A process then takes an occurrence by a compare-and-set that moves the
 * schedule on and records the occurrence as pending, and that decides what was missed. Then it adds the task, whose id follows from schedule and
 * occurrence, and clears the pending occurrence. If it dies in between, another process finds the schedule due again, and adds the task again. This is
 * idempotent, so nothing is lost or doubled.
 */
export class Ticker {
  readonly #parts: TickerParts;
  readonly #firer: Firer;
  readonly #presence: Presence;
  readonly #declared = new Set<string>();
  readonly #loop: Loop;
  #unsubscribe: Unsubscribe = () => undefined;
  /** The wait after the last look. */
  #waitMs = LOOK_AT_LEAST_MS;
  #holdMs = SHORTEST_HOLD_MS;
  #state: 'idle' | 'started' | 'stopped' = 'idle';

  constructor(parts: TickerParts) {
    this.#parts = parts;
    this.#firer = new Firer(parts);
    this.#presence = new Presence(parts.schedules, parts.clock);
    this.#loop = new Loop({
      clock: parts.clock,
      run: () => this.#lookOnce(),
      delayMs: () => Math.max(LOOK_AT_MOST_MS, this.#waitMs) + parts.random() * SPREAD_MS,
      onError: (error) => parts.internalErrors.note('tick', error),
    });
  }

  /** Begins to fire. Safe to call twice. */
  start(): void {
    if (this.#state !== 'idle') return;
    this.#state = 'started';
    this.#unsubscribe = this.#parts.events.on('task-dead', ({ task }) => this.#noteOutcome(task.id, 'dead'));
    this.#loop.start();
    this.look();
  }

  /** Stops, and lets a look under way end. Safe to call twice. */
  stop(): Promise<void> {
    this.#state = 'stopped';
    this.#unsubscribe();
    return this.#loop.stop();
  }

  /** Makes this process fire a schedule declared in its code. */
  declare(id: string): void {
    this.#declared.add(id);
    this.look();
  }

  /** Undoes `declare`. */
  forget(id: string): void {
    this.#declared.delete(id);
  }

  /** Records that a task of a schedule succeeded. It is called directly for every task, because an event for each would be slow. */
  noteSuccess(taskId: string): void {
    if (this.#state === 'started') this.#noteOutcome(taskId, 'succeeded');
  }

  /** Looks now. */
  look(): void {
    this.#loop.runNow();
  }

  async #lookOnce(): Promise<void> {
    this.#waitMs = LOOK_AT_LEAST_MS;
    const [startedAt, holdMs] = [this.#parts.clock.monotonic(), this.#holdMs];
    const { schedules, nowMs, nextWakeMs, isMoreDue } = await this.#claim(holdMs);
    // Without a schedule nothing can be missed, and nothing is noted.
    if (schedules.length === 0 && nextWakeMs === null) return;
    const awayOf = await this.#whilePresent(() => this.#presence.look([...this.#declared]));
    const wakes = await Promise.all(schedules.map((schedule) => this.#firer.fire(schedule, { nowMs, holdMs, away: awayOf(schedule) })));
    this.#holdMs = nextHoldMs(this.#parts.clock.monotonic() - startedAt);
    const next = [...wakes, nextWakeMs].filter((wake) => typeof wake === 'number');
    // If nothing could be written, more would only be held in vain.
    const goesOn = isMoreDue && (wakes.length === 0 || wakes.some((wake) => wake !== 'stuck'));
    this.#waitMs = goesOn ? 0 : Math.min(LOOK_AT_LEAST_MS, ...next.map((wake) => wake - nowMs));
  }

  #claim(holdMs: number): Promise<DueSchedules> {
    return this.#whilePresent(() => this.#parts.schedules.claimDue({ declared: [...this.#declared], limit: SCHEDULES_AT_ONCE, holdMs }));
  }

  async #whilePresent<T>(run: () => Promise<T>): Promise<T> {
    try {
      return await run();
    } catch (error) {
      this.#presence.lose();
      throw error;
    }
  }

  #noteOutcome(taskId: string, state: FinishedState): void {
    if (!isOccurrenceId(taskId)) return;
    // An outcome that could not be recorded is shown as unknown.
    this.#parts.schedules.noteOutcome(taskId, state).catch((error: unknown) => this.#parts.internalErrors.note('tick', error));
  }
}
