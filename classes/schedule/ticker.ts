import { SECOND } from '../../constants/limits';
import type { FinishedState } from '../../constants/states';
import type { Random } from '../../modules/time/clock';
import { isOccurrenceId } from '../../modules/schedule/schedule';
import type { Unsubscribe } from '../../modules/observe/eventSource';
import { Loop } from '../async/loop';
import { Firer } from './firer';
import type { FirerParts } from './firer';

/** The longest time between two looks: so late a schedule is seen that another process has stored. */
const LOOK_AT_LEAST_MS = 2 * SECOND;

/** The shortest time between two looks, and what is added to spread those of several processes. */
const LOOK_AT_MOST_MS = 5;
const SPREAD_MS = 15;

const SCHEDULES_AT_ONCE = 100;

/** What the ticker rests on. */
export interface TickerParts extends FirerParts {
  readonly random: Random;
}

/**
 * Fires schedules. Every process with a worker has one, and none leads.
 *
 * An occurrence is taken by a compare-and-set that moves the schedule on and notes the occurrence as pending: one process alone takes it, and decides alone
 * what was missed. Then its task is added, under an id that follows from schedule and occurrence, and the note is taken away. Where a process dies in
 * between, another one finds the note and adds the task again, which is idempotent: nothing is lost, and nothing is doubled.
 */
export class Ticker {
  readonly #parts: TickerParts;
  readonly #firer: Firer;
  readonly #declared = new Set<string>();
  readonly #loop: Loop;
  #unsubscribe: Unsubscribe = () => undefined;
  /** The wait after the last look. */
  #waitMs = LOOK_AT_LEAST_MS;
  #state: 'idle' | 'started' | 'stopped' = 'idle';

  constructor(parts: TickerParts) {
    this.#parts = parts;
    this.#firer = new Firer(parts);
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

  /** Has this process fire a schedule that stands in its code. */
  declare(id: string): void {
    this.#declared.add(id);
    this.look();
  }

  /** Has this process no longer fire it. */
  forget(id: string): void {
    this.#declared.delete(id);
  }

  /** Notes that a task succeeded, where it is of a schedule. Called for every task, for which no event need be put together if nobody hears it. */
  noteSuccess(taskId: string): void {
    if (this.#state === 'started') this.#noteOutcome(taskId, 'succeeded');
  }

  /** Looks now. */
  look(): void {
    this.#loop.runNow();
  }

  async #lookOnce(): Promise<void> {
    this.#waitMs = LOOK_AT_LEAST_MS;
    const { schedules, nowMs, nextWakeMs } = await this.#parts.schedules.due([...this.#declared], SCHEDULES_AT_ONCE);
    const wakes = await Promise.all(schedules.map((schedule) => this.#firer.fire(schedule, nowMs)));
    const next = [...wakes, nextWakeMs].filter((wake) => typeof wake === 'number');
    // Behind a full page others may be due; where nothing was moved on, it would be the same page again.
    const isMoreDue = schedules.length === SCHEDULES_AT_ONCE && wakes.some((wake) => wake !== 'stuck');
    this.#waitMs = isMoreDue ? 0 : Math.min(LOOK_AT_LEAST_MS, ...next.map((wake) => wake - nowMs));
  }

  #noteOutcome(taskId: string, state: FinishedState): void {
    if (!isOccurrenceId(taskId)) return;
    // An outcome that could not be noted is shown as unknown.
    this.#parts.schedules.noteOutcome(taskId, state).catch((error: unknown) => this.#parts.internalErrors.note('tick', error));
  }
}
