import type { Clock } from '../../modules/time/clock';

/** A value, and how old it is. */
export interface Aged<T> {
  readonly value: T;
  readonly ageMs: number;
}

/** The share of time that reads may take, and the longest time that a value is kept on account of it. */
const SHARE = 0.02;
const KEPT_MOST_MS = 20_000;

/**
 * A value that is read again when it is too old. Whoever asks while it is being read gets the same answer. The longer a read takes, the longer its value is
 * kept, so that looking again and again costs the store little.
 */
export class Remembered<T> {
  readonly #read: () => Promise<T>;
  readonly #keptMs: number;
  readonly #clock: Pick<Clock, 'monotonic'>;
  readonly #keptMostMs: number;
  #known: { readonly value: T; readonly readAt: number; readonly keptMs: number } | undefined;
  #isStale = false;
  #reading: Promise<Aged<T>> | undefined;

  constructor(read: () => Promise<T>, keptMs: number, clock: Pick<Clock, 'monotonic'>, keptMostMs = KEPT_MOST_MS) {
    this.#read = read;
    this.#keptMs = keptMs;
    this.#clock = clock;
    this.#keptMostMs = keptMostMs;
  }

  /** What was read last, however old it is. */
  get last(): Aged<T> | undefined {
    return this.#known && { value: this.#known.value, ageMs: this.#clock.monotonic() - this.#known.readAt };
  }

  /** Has the next reader read it again, if reading is cheap. */
  forget(): void {
    this.#isStale = true;
  }

  /**
   * Returns the value, read again if it is too old.
   *
   * @throws the error of the read.
   */
  read(): Promise<Aged<T>> {
    const { last } = this;
    const keptMs = this.#known?.keptMs ?? 0;
    if (last && last.ageMs < keptMs && !(this.#isStale && keptMs === this.#keptMs)) return Promise.resolve(last);
    return (this.#reading ??= this.#readNow().finally(() => (this.#reading = undefined)));
  }

  async #readNow(): Promise<Aged<T>> {
    this.#isStale = false;
    const startedAt = this.#clock.monotonic();
    const value = await this.#read();
    const readAt = this.#clock.monotonic();
    this.#known = { value, readAt, keptMs: Math.max(this.#keptMs, Math.min(this.#keptMostMs, (readAt - startedAt) / SHARE)) };
    return { value, ageMs: 0 };
  }
}
