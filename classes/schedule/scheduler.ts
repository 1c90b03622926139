import { randomUUID } from 'node:crypto';
import { nameOption } from '../../config/options';
import { countOption } from '../../config/eventOptions';
import type { ScheduleOptions } from '../../config/optionTypes';
import { absenceOf } from '../../modules/schedule/attendance';
import { checkOptions } from '../../modules/options/checkOptions';
import { nextOf, nextTimes } from '../../modules/schedule/occurrences';
import { readPlan } from '../../modules/schedule/readPlan';
import { awake, firstPlan, replan } from '../../modules/schedule/replan';
import type { Replanned } from '../../modules/schedule/replan';
import { occurrenceId } from '../../modules/schedule/schedule';
import type { Schedule, SchedulePlan } from '../../modules/schedule/schedule';
import { isSamePlan } from '../../modules/schedule/schedulePlan';
import { turnOfLoop } from '../../modules/time/inTurns';
import { schedulePages } from '../../modules/ports/schedulePages';
import { viewSchedule } from '../../modules/schedule/scheduleView';
import type { ScheduleView } from '../../modules/schedule/scheduleView';
import { plannedTask } from '../../modules/schedule/scheduledTask';
import type { NewTask } from '../../modules/task/task';
import type { Store } from '../store/store';
import { partsOf } from '../store/storeParts';
import type { StoreParts } from '../store/storeParts';
import { isLastTaskLive } from './isLastTaskLive';
import { attendedAs } from './presence';
import { tickerOf } from './tickerOf';
import type { TickerOfParts } from './tickerOf';

/** Options of `upsert`: see `scheduleOptions` in `config/eventOptions`. */
export type ScheduleArguments = Partial<ScheduleOptions> & { readonly queue: string };

/** The next dates of a schedule. */
export interface Upcoming {
  readonly paused: boolean;
  readonly times: readonly Date[];
}

/** Returns the schedule to write for a stored one or none, or null to write nothing. */
type Decision = (stored: Schedule | null) => Schedule | null | Promise<Schedule>;

/** The parts of a Scheduler. */
type SchedulerParts = Pick<StoreParts, 'schedules' | 'inserter'> & TickerOfParts;

/**
 * The schedules of a store. Every process with a worker fires them.
 *
 * @example
 * const scheduler = new Scheduler(store);
 * await scheduler.upsert('nightly', { queue: 'reports', cron: '0 2 * * *', timeZone: 'Europe/Berlin' });
 */
export class Scheduler {
  readonly #parts: SchedulerParts;

  /**
   * Starts nothing.
   *
   * @throws HOLDFAST_OPTION_INVALID if `store` is not an opened Store.
   */
  constructor(store: Store) {
    this.#parts = partsOf(store);
  }

  /**
   * Stores a schedule, or changes the one with this id. With the same timing it keeps its next occurrence. Another timing begins now, and what was due before fires with the new payload.
   *
   * @throws HOLDFAST_OPTION_…, HOLDFAST_PAYLOAD_…, HOLDFAST_SCHEDULE_NEVER before anything is written, or HOLDFAST_STORE_….
   * @example
   * await scheduler.upsert('cleaning', { queue: 'cleaning', everyMs: 3_600_000, overlap: 'skip' });
   */
  async upsert(id: string, options: ScheduleArguments): Promise<ScheduleView> {
    checkOptions(nameOption, id, 'id');
    return this.#upsert(id, readPlan(options), false);
  }

  /** Stores a schedule declared in code. It fires only in processes that declare it. @internal */
  async declare(id: string, options: ScheduleArguments): Promise<ScheduleView> {
    const view = await this.#upsert(id, readPlan(options), true);
    tickerOf(this.#parts).declare(id);
    return view;
  }

  /** Removes a schedule that code no longer declares. A schedule stored by `upsert` stays. @internal */
  async retract(id: string): Promise<void> {
    tickerOf(this.#parts).forget(id);
    const stored = await this.#parts.schedules.find(id);
    if (stored?.declared) await this.#parts.schedules.remove(id);
  }

  /**
   * Returns all schedules by id.
   *
   * @example
   * for (const { id, nextAt, lastOutcome } of await scheduler.list()) console.log(id, nextAt, lastOutcome?.state);
   */
  async list(): Promise<ScheduleView[]> {
    const views: ScheduleView[] = [];
    for await (const page of schedulePages(this.#parts.schedules)) {
      views.push(...page.map(viewSchedule));
      await turnOfLoop(this.#parts.clock);
    }
    return views;
  }

  /**
   * Returns a schedule, or null.
   *
   * @throws HOLDFAST_OPTION_INVALID if the id is invalid, or HOLDFAST_STORE_….
   * @example
   * const nightly = await scheduler.get('nightly');
   */
  async get(id: string): Promise<ScheduleView | null> {
    const schedule = await this.#find(id);
    return schedule && viewSchedule(schedule);
  }

  /**
   * Removes a schedule. Its tasks stay. Returns false if it does not exist.
   *
   * @throws HOLDFAST_OPTION_INVALID if the id is invalid, or HOLDFAST_STORE_….
   * @example
   * await scheduler.remove('nightly');
   */
  async remove(id: string): Promise<boolean> {
    checkOptions(nameOption, id, 'id');
    return this.#parts.schedules.remove(id);
  }

  /**
   * Pauses a schedule until `resume`. Returns false if it does not exist.
   *
   * @throws HOLDFAST_OPTION_INVALID if the id is invalid, or HOLDFAST_STORE_….
   * @example
   * await scheduler.pause('nightly');
   */
  pause(id: string): Promise<boolean> {
    return this.#change(id, (stored) => stored && awake({ ...stored, paused: true }));
  }

  /**
   * Ends a pause. Occurrences during the pause are skipped. Returns false if the schedule does not exist.
   *
   * @throws HOLDFAST_OPTION_INVALID if the id is invalid, or HOLDFAST_STORE_….
   * @example
   * await scheduler.resume('nightly');
   */
  async resume(id: string): Promise<boolean> {
    const nowMs = await this.#parts.schedules.now();
    return this.#change(id, (stored) => {
      if (!stored) return null;
      return stored.paused ? awake({ ...stored, paused: false, nextMs: nextOf(stored.plan.timing)(nowMs) }) : stored;
    });
  }

  /**
   * Adds a task of a schedule now. Returns the id of the task, or null if the schedule does not exist.
   *
   * @throws HOLDFAST_OPTION_INVALID if the id is invalid, or HOLDFAST_STORE_….
   * @example
   * const id = await scheduler.runNow('nightly');
   */
  async runNow(id: string): Promise<string | null> {
    const nowMs = await this.#parts.schedules.now();
    const taskId = occurrenceId(randomUUID(), nowMs);
    let task: NewTask | undefined;
    await this.#change(id, (stored) => {
      task = stored ? { ...plannedTask(stored.plan), id: taskId } : undefined;
      return stored && { ...stored, lastMs: nowMs, lastTaskId: taskId };
    });
    if (!task) return null;
    await this.#parts.inserter.add(task);
    return taskId;
  }

  /**
   * Returns the next dates at which a schedule fires; none while it is paused.
   *
   * @param count the maximum number of dates, 1 to 1000.
   * @throws HOLDFAST_OPTION_INVALID if the id is invalid or the count is out of range, or HOLDFAST_STORE_….
   * @example
   * const dates = await scheduler.next('nightly', 5);
   */
  async next(id: string, count = 1): Promise<Date[]> {
    checkOptions(countOption, count, 'count');
    const upcoming = await this.upcoming(id, count);
    return upcoming && !upcoming.paused ? [...upcoming.times] : [];
  }

  /** Returns the next dates of a schedule; of a paused one those at which it would fire if it were resumed now. Null if there is none. @internal */
  async upcoming(id: string, count: number): Promise<Upcoming | null> {
    const schedule = await this.#find(id);
    if (!schedule) return null;
    const { paused, nextMs, plan } = schedule;
    const afterMs = paused ? await this.#parts.schedules.now() : nextMs === null ? null : nextMs - 1;
    const times = afterMs === null ? [] : nextTimes(plan.timing, afterMs, count);
    return { paused, times: times.map((at) => new Date(at)) };
  }

  async #upsert(id: string, makePlan: (nowMs: number) => SchedulePlan, declared: boolean): Promise<ScheduleView> {
    const nowMs = await this.#parts.schedules.now();
    const plan = makePlan(nowMs);
    let written: Schedule | undefined;
    let skipped: Replanned['skipped'] = null;
    await this.#change(id, async (stored) => {
      if (stored && stored.declared === declared && isSamePlan(stored.plan, plan)) return (written = stored);
      const wanted = { plan, declared };
      if (!stored) return (written = firstPlan(id, wanted, nowMs));
      const isLastLive = await isLastTaskLive(this.#parts.tasks, stored);
      const away = absenceOf(await this.#parts.schedules.attendance(attendedAs(stored)), nowMs);
      ({ schedule: written, skipped } = replan(stored, wanted, { nowMs, isLastLive, away, holdMs: 0 }));
      return written;
    });
    if (skipped) this.#parts.events.emit('schedule-skipped', { schedule: id, queue: plan.queue, reason: skipped });
    tickerOf(this.#parts).look();
    return viewSchedule(written as Schedule);
  }

  async #find(id: string): Promise<Schedule | null> {
    checkOptions(nameOption, id, 'id');
    return this.#parts.schedules.find(id);
  }

  /** Reads, decides and writes. If the schedule has changed since it was read, starts over. Returns whether the schedule exists now. */
  async #change(id: string, decide: Decision): Promise<boolean> {
    for (;;) {
      const stored = await this.#find(id);
      const wanted = await decide(stored);
      if (!wanted || wanted === stored) return wanted !== null;
      if (await this.#parts.schedules.put(wanted)) return true;
    }
  }
}
