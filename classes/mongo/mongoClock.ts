import { SECOND } from '../../constants/limits';
import type { Clock } from '../../modules/time/clock';
import type { StoreTime } from '../../modules/task/dueAt';
import type { LimitedDatabase } from './limitedDatabase';

/** Maximum age of a sample. A step of the clock of the server is not noticed before. */
const SAMPLE_EVERY_MS = 5 * SECOND;

/** The server tells its time in whole milliseconds. */
const RESOLUTION_MS = 1;

interface Sample {
  readonly takenAt: number;
  /** Offset of the time of the server from the monotonic clock of this process. */
  readonly offsetMs: number;
  readonly uncertaintyMs: number;
}

/**
 * Estimates the clock of the server from here, by the round trip of a `hello` (F. Cristian, "Probabilistic clock synchronization", 1989):
 * the server read its clock somewhere between question and answer.
 */
export class MongoClock {
  readonly #database: Pick<LimitedDatabase, 'command'>;
  readonly #clock: Clock;
  #sample: Sample | undefined;
  #sampling: Promise<Sample> | undefined;

  /** @param database limits its commands: all calls wait for the same answer. */
  constructor(database: Pick<LimitedDatabase, 'command'>, clock: Clock) {
    this.#database = database;
    this.#clock = clock;
  }

  /** Returns the bounds of the server's time now. An old sample is renewed in passing. */
  async now(): Promise<StoreTime> {
    const monotonic = this.#clock.monotonic();
    const sample = this.#sample ?? (await this.#take());
    // The old sample serves until the next try.
    if (monotonic - sample.takenAt > SAMPLE_EVERY_MS) this.#take().catch(() => undefined);
    const middleMs = this.#clock.monotonic() + sample.offsetMs;
    return { earliestMs: Math.floor(middleMs - sample.uncertaintyMs), latestMs: Math.ceil(middleMs + sample.uncertaintyMs) };
  }

  /** Forgets the sample, as when another server has become primary. */
  forget(): void {
    this.#sample = undefined;
  }

  #take(): Promise<Sample> {
    return (this.#sampling ??= this.#ask().finally(() => (this.#sampling = undefined)));
  }

  async #ask(): Promise<Sample> {
    const sentAt = this.#clock.monotonic();
    const { localTime } = (await this.#database.command({ hello: 1 })) as { localTime: Date };
    const answeredAt = this.#clock.monotonic();
    const uncertaintyMs = (answeredAt - sentAt) / 2 + RESOLUTION_MS;
    this.#sample = { takenAt: answeredAt, uncertaintyMs, offsetMs: localTime.getTime() + RESOLUTION_MS / 2 - (sentAt + answeredAt) / 2 };
    return this.#sample;
  }
}
