import type { Clock, Random } from '../../../modules/time/clock';
import type { Owner, VirtualTime } from './virtualTime';

/** Maximum drift of a clock: far more than that of any machine, and well within the margin of a lease, which is a tenth. */
const DRIFT = 0.01;

/** Maximum error of a wall clock. */
const WALL_OFFSET_MS = 3_600_000;

/** One operating-system process: its clocks, its status, and the events that it owns in virtual time. */
export class SimulatedProcess implements Owner {
  readonly name: string;
  readonly random: Random;
  status: Owner['status'] = 'running';
  /** The end of its last pause. Until its timers have caught up, it cannot have noticed. */
  resumedAt = -Infinity;
  readonly clock: Clock;
  readonly #time: VirtualTime;
  readonly #bornAt: number;
  readonly #rate: number;

  constructor(name: string, time: VirtualTime, random: Random) {
    this.name = name;
    this.random = random;
    this.#time = time;
    this.#bornAt = time.now;
    this.#rate = 1 + (random() * 2 - 1) * DRIFT;
    const wallOffsetMs = (random() * 2 - 1) * WALL_OFFSET_MS;
    const startMs = random() * 1e6;
    this.clock = {
      now: () => Math.floor(time.now + wallOffsetMs),
      monotonic: () => startMs + (time.now - this.#bornAt) * this.#rate,
      after: (delayMs, callback) => time.after(delayMs / this.#rate, this, callback),
      soon: (callback) => void time.after(0, this, callback),
    };
  }

  /** Suspends the process. Its clocks go on. */
  pause(): void {
    if (this.status === 'running') this.status = 'paused';
  }

  resume(): void {
    if (this.status !== 'paused') return;
    this.status = 'running';
    this.resumedAt = this.#time.now;
    this.#time.release(this);
  }

  /** Ends the process. Nothing that it waits for ever happens. */
  kill(): void {
    this.status = 'dead';
  }
}
