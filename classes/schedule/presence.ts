import { ABSENT_MS, NOTE_EVERY_MS, STANDSTILL_MS } from '../../modules/schedule/attendance';
import type { Absence, Attendance } from '../../modules/schedule/attendance';
import type { ScheduleStore } from '../../modules/ports/scheduleStore';
import type { Schedule } from '../../modules/schedule/schedule';
import type { Clock } from '../../modules/time/clock';

/** Returns the last time in which no process was up that could fire a schedule, or null. */
export type AwayOf = (schedule: Pick<Schedule, 'id' | 'declared'>) => Absence | null;

/** The name under which looks at the schedules are noted that no code declares. */
export const UNDECLARED = '';

/** Returns the name under which looks at a schedule are noted. */
export const attendedAs = ({ id, declared }: Pick<Schedule, 'id' | 'declared'>): string => (declared ? id : UNDECLARED);

/**
 * Notes in the store that this process is up, every two seconds, and knows when none was.
 *
 * A process that stood still for a moment, or waited for a slow answer, was up all the same: it counts nothing since its last look as an absence, unless
 * a call has failed.
 */
export class Presence {
  readonly #schedules: Pick<ScheduleStore, 'attend'>;
  readonly #clock: Clock;
  #known = new Map<string, Attendance>();
  #lookedAt: { readonly monotonicMs: number; readonly wallMs: number } | null = null;

  constructor(schedules: Pick<ScheduleStore, 'attend'>, clock: Clock) {
    this.#schedules = schedules;
    this.#clock = clock;
  }

  /** Notes a look at the declared schedules of this process and at those that no code declares. */
  async look(declared: readonly string[]): Promise<AwayOf> {
    const names = [UNDECLARED, ...declared];
    const sinceMs = this.#sinceMs();
    if (sinceMs >= NOTE_EVERY_MS || names.some((name) => !this.#known.has(name))) await this.#note(names, sinceMs);
    return (schedule) => this.#known.get(attendedAs(schedule))?.away ?? null;
  }

  /** Notes that the store did not answer. Until it does, this process counts as not up. */
  lose(): void {
    this.#lookedAt = null;
  }

  async #note(names: readonly string[], sinceMs: number): Promise<void> {
    const absentMs = sinceMs <= STANDSTILL_MS ? STANDSTILL_MS : ABSENT_MS;
    const noted = await this.#schedules.attend(names, { everyMs: NOTE_EVERY_MS / 2, absentMs });
    this.#known = new Map(names.flatMap((name, index) => (noted[index] ? [[name, noted[index]]] : [])));
    this.#lookedAt = { monotonicMs: this.#clock.monotonic(), wallMs: this.#clock.now() };
  }

  /** Returns the time since the last note. A monotonic clock stands still while the machine sleeps. */
  #sinceMs(): number {
    if (!this.#lookedAt) return Infinity;
    const { monotonicMs, wallMs } = this.#lookedAt;
    return Math.max(this.#clock.monotonic() - monotonicMs, this.#clock.now() - wallMs);
  }
}
