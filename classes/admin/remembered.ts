import type { Clock } from '../../modules/time/clock';

/** A value, and how old it is. */
export interface Aged<T> {
  readonly value: T;
  readonly ageMs: number;
}

/** A value that is read again when it is too old. Whoever asks while it is being read gets the same answer. */
export class Remembered<T> {
  readonly #read: () => Promise<T>;
  readonly #keptMs: number;
  readonly #clock: Pick<Clock, 'monotonic'>;
  #known: { readonly value: T; readonly readAt: number } | undefined;
  #isStale = false;
  #reading: Promise<Aged<T>> | undefined;

  constructor(read: () => Promise<T>, keptMs: number, clock: Pick<Clock, 'monotonic'>) {
    this.#read = read;
    this.#keptMs = keptMs;
    this.#clock = clock;
  }

  /** What was read last, however old it is. */
  get last(): Aged<T> | undefined {
    return this.#known && { value: this.#known.value, ageMs: this.#clock.monotonic() - this.#known.readAt };
  }

  /** Has the next reader read it again. */
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
    if (last && !this.#isStale && last.ageMs < this.#keptMs) return Promise.resolve(last);
    return (this.#reading ??= this.#readNow().finally(() => (this.#reading = undefined)));
  }

  async #readNow(): Promise<Aged<T>> {
    this.#isStale = false;
    const value = await this.#read();
    this.#known = { value, readAt: this.#clock.monotonic() };
    return { value, ageMs: 0 };
  }
}
