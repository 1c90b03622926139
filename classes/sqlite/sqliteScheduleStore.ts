import type { FinishedState } from '../../constants/states';
import type { Namespace } from '../../modules/ports/namespace';
import type { Clock } from '../../modules/time/clock';
import type { Schedule } from '../../modules/schedule/schedule';
import { rowOfSchedule, SCHEDULE_STATEMENTS, scheduleOfRow } from '../../modules/sqlite/scheduleRows';
import type { ScheduleRow } from '../../modules/sqlite/scheduleRows';
import type { DueSchedules, ScheduleStore } from '../../modules/ports/scheduleStore';
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

  list(): Promise<Schedule[]> {
    return this.#connection.read(() => this.#schedules(SCHEDULE_STATEMENTS.list, this.#namespace.name));
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

  due(declared: readonly string[], limit: number): Promise<DueSchedules> {
    return this.#connection.read(() => {
      const nowMs = this.#now();
      const firable = [this.#namespace.name, JSON.stringify(declared.map(this.#namespace.inside))];
      const schedules = this.#schedules(SCHEDULE_STATEMENTS.due, ...firable, nowMs, limit);
      const next = this.#connection.prepare(SCHEDULE_STATEMENTS.nextWake).get(...firable, nowMs) as { wake_at: number | null };
      return { schedules, nowMs, nextWakeMs: next.wake_at };
    });
  }

  async noteOutcome(taskId: string, state: FinishedState): Promise<void> {
    await this.#write(SCHEDULE_STATEMENTS.noteOutcome, taskId, state, this.#now());
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
