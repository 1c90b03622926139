import { HOUR, MINUTE, SECOND } from '../../constants/limits';
import type { Clock } from '../../modules/time/clock';
import { decideFiring, withoutPending } from '../../modules/schedule/firing';
import type { Look } from '../../modules/schedule/firing';
import { awake } from '../../modules/schedule/replan';
import { isHoldfastError, isUnanswered } from '../../modules/errors/holdfastError';
import type { Schedule } from '../../modules/schedule/schedule';
import { scheduledTask } from '../../modules/schedule/scheduledTask';
import type { NewTask } from '../../modules/task/task';
import { taskError } from '../../modules/errors/taskError';
import { isLastTaskLive } from './isLastTaskLive';
import type { Emitter } from '../observe/emitter';
import type { InternalErrors } from '../observe/internalErrors';
import type { ScheduleStore } from '../../modules/ports/scheduleStore';
import type { Inserted, TaskStore } from '../../modules/ports/taskStore';

/** Delay of a schedule that failed, so that those after it have their turn. */
const FAILED_MS = 2 * SECOND;

/** Time in which a process adds the task of an occurrence that it took. Later another process may have added it, and it may have run and been removed. */
const ADD_WITHIN_MS = MINUTE;

/** Time after which a failure that goes on is told again. */
const TELL_EVERY_MS = HOUR;

/** What is the same for all schedules that were claimed together, except the absence. */
export type LookAtPart = Omit<Look, 'isLastLive'>;

interface Told {
  /** The occurrence that failed. */
  readonly at: number | null;
  readonly toldMs: number;
}

/** Parts of a firer. */
export interface FirerParts {
  readonly schedules: ScheduleStore;
  readonly tasks: TaskStore;
  readonly insert: (task: NewTask) => Promise<Inserted>;
  readonly events: Emitter;
  readonly internalErrors: InternalErrors;
  readonly clock: Clock;
}

/** Fires a due schedule: takes its occurrences, adds their tasks, and clears them from the pending ones. */
export class Firer {
  readonly #parts: FirerParts;
  /** The failures that were told, by schedule. */
  readonly #failed = new Map<string, Told>();

  constructor(parts: FirerParts) {
    this.#parts = parts;
  }

  /** Fires a schedule. Returns the time of the next look, null for never, or `stuck` if the store refused to move the schedule on. Never rejects. */
  async fire(schedule: Schedule, look: LookAtPart): Promise<number | null | 'stuck'> {
    try {
      return await this.#fire(schedule, look);
    } catch (error) {
      this.#tellFailure(schedule, error);
      return isUnanswered(error) ? 'stuck' : this.#putOff(schedule, look.nowMs + FAILED_MS);
    }
  }

  /** Puts a failed schedule off. If it was already taken, the write does nothing, and the schedule becomes due again by itself. */
  async #putOff(schedule: Schedule, wakeMs: number): Promise<number | 'stuck'> {
    try {
      await this.#parts.schedules.put({ ...schedule, wakeMs });
      return wakeMs;
    } catch (error) {
      this.#parts.internalErrors.note('tick', error);
      return 'stuck';
    }
  }

  /** Emits `schedule-failed` once for each occurrence, because the same failure comes with every look, and again after an hour. */
  #tellFailure({ id, nextMs, pending }: Schedule, error: unknown): void {
    if (!isHoldfastError(error)) return this.#parts.internalErrors.note('tick', error);
    if (isUnanswered(error) || isHoldfastError(error, 'HOLDFAST_STORE_CLOSED')) return;
    const [at, nowMs] = [pending[0] ?? nextMs, this.#parts.clock.monotonic()];
    const told = this.#failed.get(id);
    if (told?.at === at && nowMs - told.toldMs < TELL_EVERY_MS) return;
    this.#failed.set(id, { at, toldMs: nowMs });
    this.#parts.events.emit('schedule-failed', { schedule: id, error: taskError(error) });
  }

  async #fire(schedule: Schedule, look: LookAtPart): Promise<number | null> {
    const { schedules, events, clock } = this.#parts;
    const isLastLive = await isLastTaskLive(this.#parts.tasks, schedule);
    const firing = decideFiring(schedule, { ...look, isLastLive });
    if (!firing) return this.#rest(schedule);
    const takenAt = clock.monotonic();
    if (!(await schedules.put(firing.schedule))) return look.nowMs;
    const { id, plan } = schedule;
    if (firing.skipped) events.emit('schedule-skipped', { schedule: id, queue: plan.queue, reason: firing.skipped });
    if (firing.fire.length === 0) return firing.schedule.wakeMs;
    const tasks = firing.fire.map((at) => scheduledTask(schedule, at));
    if (clock.monotonic() - takenAt > ADD_WITHIN_MS) return null;
    const added = await Promise.all(tasks.map((task) => this.#parts.insert(task)));
    added.forEach((answer, index) => this.#tell(schedule, answer, firing.fire[index] ?? 0));
    this.#failed.delete(id);
    return this.#clear({ ...firing.schedule, rev: schedule.rev + 1 }, firing.fire);
  }

  /** Ends the hold of a schedule that is not due, as when it was paused meanwhile. */
  async #rest(schedule: Schedule): Promise<number | null> {
    const resting = awake(schedule);
    await this.#parts.schedules.put(resting);
    return resting.wakeMs;
  }

  /** Clears the pending occurrences whose tasks are in the store, and keeps what others have written since. Returns the time of the next look. */
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
}
