import { MINUTE, SECOND } from '../../constants/limits';
import type { Clock } from '../../modules/time/clock';
import { decideFiring, mayGoOn, withoutPending } from '../../modules/schedule/firing';
import { isHoldfastError, isUnanswered } from '../../modules/errors/holdfastError';
import type { Schedule } from '../../modules/schedule/schedule';
import { scheduledTask } from '../../modules/schedule/scheduledTask';
import type { NewTask } from '../../modules/task/task';
import { taskError } from '../../modules/errors/taskError';
import type { Emitter } from '../observe/emitter';
import type { InternalErrors } from '../observe/internalErrors';
import type { ScheduleStore } from '../../modules/ports/scheduleStore';
import type { Inserted, TaskStore } from '../../modules/ports/taskStore';

/** One that fails waits so long, so that those behind it have their turn. */
const FAILED_MS = 2 * SECOND;

/** A process that was away so long since it took an occurrence leaves it to another: its task may have been added, run and forgotten since. */
const ADD_WITHIN_MS = MINUTE;

/** What it works with. */
export interface FirerParts {
  readonly schedules: ScheduleStore;
  readonly tasks: TaskStore;
  readonly insert: (task: NewTask) => Promise<Inserted>;
  readonly events: Emitter;
  readonly internalErrors: InternalErrors;
  readonly clock: Clock;
}

/** Fires a schedule whose time has come: takes its occurrences, adds their tasks, and takes the note of them away. */
export class Firer {
  readonly #parts: FirerParts;
  readonly #failed = new Set<string>();

  constructor(parts: FirerParts) {
    this.#parts = parts;
  }

  /** Never rejects; returns when to look at it again, null for never, or that the store did not let it be moved on. */
  async fire(schedule: Schedule, nowMs: number): Promise<number | null | 'stuck'> {
    try {
      return await this.#fire(schedule, nowMs);
    } catch (error) {
      this.#tellFailure(schedule.id, error);
      return isUnanswered(error) ? 'stuck' : this.#putOff(schedule, nowMs + FAILED_MS);
    }
  }

  /** Leaves one alone that was taken before it failed: it comes again by itself. */
  async #putOff(schedule: Schedule, wakeMs: number): Promise<number | 'stuck'> {
    try {
      await this.#parts.schedules.put({ ...schedule, wakeMs });
      return wakeMs;
    } catch (error) {
      this.#parts.internalErrors.note('tick', error);
      return 'stuck';
    }
  }

  /** A schedule that cannot be fired is told once, as its failure comes again with every look. */
  #tellFailure(schedule: string, error: unknown): void {
    if (!isHoldfastError(error)) return this.#parts.internalErrors.note('tick', error);
    if (isUnanswered(error) || isHoldfastError(error, 'HOLDFAST_STORE_CLOSED') || this.#failed.has(schedule)) return;
    this.#failed.add(schedule);
    this.#parts.events.emit('schedule-failed', { schedule, error: taskError(error) });
  }

  async #fire(schedule: Schedule, nowMs: number): Promise<number | null> {
    const { schedules, events, clock } = this.#parts;
    const isLastLive = await this.#isLastLive(schedule);
    const firing = decideFiring(schedule, { nowMs, isLastLive });
    if (!firing) return null;
    const takenAt = clock.monotonic();
    if (!(await schedules.put(firing.schedule))) return nowMs;
    const { id, plan } = schedule;
    if (firing.skipped) events.emit('schedule-skipped', { schedule: id, queue: plan.queue, reason: firing.skipped });
    if (firing.fire.length === 0) return firing.schedule.wakeMs;
    const tasks = firing.fire.map((at) => scheduledTask(schedule, at));
    if (clock.monotonic() - takenAt > ADD_WITHIN_MS) return null;
    const added = await Promise.all(tasks.map((task) => this.#parts.insert(task)));
    added.forEach((answer, index) => this.#tell(schedule, answer, firing.fire[index] ?? 0));
    return this.#clear({ ...firing.schedule, rev: schedule.rev + 1 }, firing.fire);
  }

  /** Takes away the note of occurrences whose tasks are in the store; what others have written since stays. Returns when to look again. */
  async #clear(taken: Schedule, added: readonly number[]): Promise<number | null> {
    const { schedules } = this.#parts;
    for (let stored: Schedule | null = taken; stored?.seed === taken.seed; stored = await schedules.find(taken.id)) {
      const cleared = withoutPending(stored, added);
      if (cleared === stored || (await schedules.put(cleared))) return cleared.wakeMs;
    }
    return null;
  }

  #tell({ id, plan }: Schedule, answer: Inserted, atMs: number): void {
    this.#parts.events.emit('schedule-fired', { schedule: id, queue: plan.queue, id: answer.id, at: new Date(atMs) });
  }

  async #isLastLive(schedule: Schedule): Promise<boolean> {
    const tasks = await Promise.all(mayGoOn(schedule).map((id) => this.#parts.tasks.find(id)));
    return tasks.some((task) => task?.state === 'waiting' || task?.state === 'running');
  }
}
