import type { FinishedState } from '../../constants/states';
import type { Namespace } from '../../modules/ports/namespace';
import type { Clock } from '../../modules/time/clock';
import type { Schedule } from '../../modules/schedule/schedule';
import { noteLook } from '../../modules/schedule/attendance';
import type { Attendance, Note } from '../../modules/schedule/attendance';
import { attendanceOfRow, rowOfSchedule, SCHEDULE_STATEMENTS, scheduleOfRow } from '../../modules/sqlite/scheduleRows';
import type { AttendanceRow, ScheduleRow } from '../../modules/sqlite/scheduleRows';
import type { DueRequest, DueSchedules, ScheduleStore } from '../../modules/ports/scheduleStore';
import type { SqliteConnection } from './sqliteConnection';

/** The port of schedules on a SQLite file. */
export class SqliteScheduleStore implements ScheduleStore {
  readonly #connection: SqliteConnection;
  readonly #clock: Clock;
  readonly #namespace: Namespace;

  constructor(connection: SqliteConnection, clock: Clock, namespace: Namespace) {
    this.#connection = connection;
    this.#clock = clock;
    this.#namespace = namespace;
  }

  now(): Promise<number> {
    return Promise.resolve(this.#now());
  }

  list(limit: number, after = ''): Promise<Schedule[]> {
    const { name, inside } = this.#namespace;
    return this.#connection.read(() => this.#schedules(SCHEDULE_STATEMENTS.list, name, inside(after), limit));
  }

  find(id: string): Promise<Schedule | null> {
    return this.#connection.read(() => this.#schedules(SCHEDULE_STATEMENTS.find, this.#namespace.inside(id))[0] ?? null);
  }

  put(schedule: Schedule): Promise<boolean> {
    const statement = schedule.rev === 0 ? SCHEDULE_STATEMENTS.insert : SCHEDULE_STATEMENTS.replace;
    return this.#write(statement, ...rowOfSchedule(schedule, this.#namespace));
  }

  remove(id: string): Promise<boolean> {
    return this.#write(SCHEDULE_STATEMENTS.remove, this.#namespace.inside(id));
  }

  async claimDue({ declared, limit, holdMs }: DueRequest): Promise<DueSchedules> {
    const firable = [this.#namespace.name, JSON.stringify(declared.map(this.#namespace.inside))];
    const isDue = await this.#connection.read(() => this.#connection.prepare(SCHEDULE_STATEMENTS.isDue).get(...firable, this.#now()) !== undefined);
    // A look in vain does not wait for the lock of the file.
    return isDue
      ? this.#connection.write(() => this.#claimed(firable, limit, holdMs))
      : this.#connection.read(() => this.#looked(firable, this.#now(), []));
  }

  async attend(of: readonly string[], note: Omit<Note, 'nowMs'>): Promise<Attendance[]> {
    const known = await this.#connection.read(() => of.map((name) => this.#attendanceOf(name)));
    const isCurrent = known.every((each) => noteLook(each, { ...note, nowMs: this.#now() }) === each);
    return isCurrent ? known : this.#connection.write(() => of.map((name) => this.#attend(name, note)));
  }

  attendance(of: string): Promise<Attendance> {
    return this.#connection.read(() => this.#attendanceOf(of));
  }

  async noteOutcome(taskId: string, state: FinishedState): Promise<void> {
    await this.#write(SCHEDULE_STATEMENTS.noteOutcome, taskId, state, this.#now());
  }

  #claimed(firable: readonly string[], limit: number, holdMs: number): DueSchedules {
    const nowMs = this.#now();
    const schedules = this.#schedules(SCHEDULE_STATEMENTS.claimDue, ...firable, nowMs, limit, nowMs + holdMs);
    return { ...this.#looked(firable, nowMs, schedules), isMoreDue: schedules.length === limit };
  }

  #looked(firable: readonly string[], nowMs: number, schedules: readonly Schedule[]): DueSchedules {
    const next = this.#connection.prepare(SCHEDULE_STATEMENTS.nextWake).get(...firable, nowMs) as { wake_at: number | null };
    return { schedules, isMoreDue: false, nowMs, nextWakeMs: next.wake_at };
  }

  #attend(name: string, note: Omit<Note, 'nowMs'>): Attendance {
    const before = this.#attendanceOf(name);
    const noted = noteLook(before, { ...note, nowMs: this.#now() });
    const { lookedMs, away } = noted;
    const row = [this.#namespace.inside(name), lookedMs, away?.fromMs ?? null, away?.toMs ?? null];
    if (noted !== before) this.#connection.prepare(SCHEDULE_STATEMENTS.attend).run(...row);
    return noted;
  }

  #attendanceOf(name: string): Attendance {
    const row: unknown = this.#connection.prepare(SCHEDULE_STATEMENTS.attendance).get(this.#namespace.inside(name));
    return attendanceOfRow(row as AttendanceRow | undefined);
  }

  #schedules(sql: string, ...given: (string | number)[]): Schedule[] {
    const rows = this.#connection.prepare(sql).all(...given) as unknown as ScheduleRow[];
    return rows.map((row) => scheduleOfRow(row, this.#namespace));
  }

  #write(sql: string, ...given: (string | number | null)[]): Promise<boolean> {
    return this.#connection.write(() => Number(this.#connection.prepare(sql).run(...given).changes) > 0);
  }

  #now(): number {
    return Math.floor(this.#clock.now());
  }
}
