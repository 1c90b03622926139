import type { DueRequest, DueSchedules, ScheduleStore } from '../../modules/ports/scheduleStore';
import { NEVER_ATTENDED, noteLook } from '../../modules/schedule/attendance';
import type { Attendance, Note } from '../../modules/schedule/attendance';
import type { FinishedState } from '../../constants/states';
import type { Namespace } from '../../modules/ports/namespace';
import type { Schedule } from '../../modules/schedule/schedule';
import type { ReferenceTables } from './referenceTables';

/** The specification of the schedule port. */
export class ReferenceSchedules implements ScheduleStore {
  readonly #schedules: Map<string, Schedule>;
  readonly #attendance: Map<string, Attendance>;
  readonly #now: () => number;
  readonly #namespace: Namespace;

  /** @param tables the schedules of the database by their inside names, shared by all who open it. */
  constructor({ schedules, attendance }: Pick<ReferenceTables, 'schedules' | 'attendance'>, now: () => number, namespace: Namespace) {
    this.#schedules = schedules;
    this.#attendance = attendance;
    this.#now = now;
    this.#namespace = namespace;
  }

  now(): Promise<number> {
    return Promise.resolve(this.#now());
  }

  list(limit: number, after = ''): Promise<Schedule[]> {
    const later = this.#own().filter(({ id }) => id > after);
    return Promise.resolve(later.sort((one, other) => (one.id < other.id ? -1 : 1)).slice(0, limit));
  }

  find(id: string): Promise<Schedule | null> {
    return Promise.resolve(this.#schedules.get(this.#namespace.inside(id)) ?? null);
  }

  put(schedule: Schedule): Promise<boolean> {
    const { id, rev, seed, lastTaskId } = schedule;
    const stored = this.#schedules.get(this.#namespace.inside(id));
    if ((stored?.rev ?? 0) !== rev || (stored?.seed ?? seed) !== seed) return Promise.resolve(false);
    const lastOutcome = stored?.lastOutcome?.taskId === lastTaskId ? (stored?.lastOutcome ?? null) : null;
    this.#schedules.set(this.#namespace.inside(id), { ...schedule, rev: rev + 1, lastOutcome });
    return Promise.resolve(true);
  }

  remove(id: string): Promise<boolean> {
    return Promise.resolve(this.#schedules.delete(this.#namespace.inside(id)));
  }

  claimDue({ declared, limit, holdMs }: DueRequest): Promise<DueSchedules> {
    const nowMs = this.#now();
    const wakes = this.#own()
      .filter((schedule) => !schedule.declared || declared.includes(schedule.id))
      .flatMap((schedule) => (schedule.wakeMs === null ? [] : [{ schedule, wakeMs: schedule.wakeMs }]))
      .sort((one, other) => one.wakeMs - other.wakeMs);
    const due = wakes.filter(({ wakeMs }) => wakeMs <= nowMs);
    const schedules = due.slice(0, limit).map(({ schedule }) => ({ ...schedule, rev: schedule.rev + 1, wakeMs: nowMs + holdMs }));
    for (const schedule of schedules) this.#schedules.set(this.#namespace.inside(schedule.id), schedule);
    const nextWakeMs = wakes.find(({ wakeMs }) => wakeMs > nowMs)?.wakeMs ?? null;
    return Promise.resolve({ schedules, nowMs, nextWakeMs, isMoreDue: due.length > limit });
  }

  attend(of: readonly string[], note: Omit<Note, 'nowMs'>): Promise<Attendance[]> {
    const noted = of.map((name) => noteLook(this.#attendanceOf(name), { ...note, nowMs: this.#now() }));
    of.forEach((name, index) => this.#attendance.set(this.#namespace.inside(name), noted[index] ?? NEVER_ATTENDED));
    return Promise.resolve(noted);
  }

  attendance(of: string): Promise<Attendance> {
    return Promise.resolve(this.#attendanceOf(of));
  }

  noteOutcome(taskId: string, state: FinishedState): Promise<void> {
    for (const [stored, schedule] of this.#schedules) {
      if (schedule.lastTaskId !== taskId) continue;
      this.#schedules.set(stored, { ...schedule, lastOutcome: { taskId, state, at: new Date(this.#now()) } });
    }
    return Promise.resolve();
  }

  #attendanceOf(name: string): Attendance {
    return this.#attendance.get(this.#namespace.inside(name)) ?? NEVER_ATTENDED;
  }

  #own(): Schedule[] {
    return [...this.#schedules].flatMap(([stored, schedule]) => (this.#namespace.owns(stored) ? schedule : []));
  }
}
