import type { RecordStore } from '../../modules/ports/recordStore';
import { rowText } from '../../modules/statistics/counts';
import { floorTo, keyOfRow, ROWS } from '../../modules/statistics/statisticsRows';
import type { Clock } from '../../modules/time/clock';
import { Loop } from '../async/loop';
import type { InternalErrors } from '../observe/internalErrors';
import type { FailureBook } from './failureBook';
import { Roller } from './roller';
import type { TaskCounter } from './taskCounter';

/** The parts of a StatisticsWriter. */
export interface StatisticsWriterParts {
  /** The id of this process. */
  readonly processId: string;
  readonly records: Pick<RecordStore, 'read' | 'write' | 'list'>;
  readonly storeNow: () => Promise<number>;
  readonly counter: TaskCounter;
  readonly failureBook: FailureBook;
  readonly internalErrors: InternalErrors;
  readonly clock: Clock;
}

/** Writes what was counted in this process, a row every ten seconds in which there was something. It belongs to the opened store. */
export class StatisticsWriter {
  readonly #parts: StatisticsWriterParts;
  readonly #roller: Roller;
  readonly #loop: Loop;
  #rows = 0;
  /** The row whose write was not answered: it may be there. */
  #unsure: { readonly key: string; readonly value: string } | null = null;
  /** When a row was last written, by the clock of the store and by that of this process. */
  #writtenMs = -1;
  #writtenAt = 0;

  constructor(parts: StatisticsWriterParts) {
    this.#parts = parts;
    this.#roller = new Roller(parts);
    this.#loop = new Loop({
      clock: parts.clock,
      run: () => this.flush(),
      delayMs: () => ROWS.seconds.ms,
      onError: (error) => parts.internalErrors.note('statistics', error),
    });
  }

  start(): void {
    this.#loop.start();
  }

  /** Writes what is left, and stops. Safe to call twice. */
  async stop(): Promise<void> {
    if (this.#loop.isStopped) return;
    await this.#loop.stop();
    await Promise.all([this.#write(), this.#parts.failureBook.flush()]).catch((error: unknown) =>
      this.#parts.internalErrors.note('statistics', error),
    );
  }

  /**
   * Writes what was counted, and adds up the rows of all processes where it is time.
   *
   * @throws the error of the store.
   */
  async flush(): Promise<void> {
    await this.#write();
    await this.#parts.failureBook.flush();
    const nowMs = this.#writtenMs + this.#parts.clock.monotonic() - this.#writtenAt;
    if (this.#writtenMs >= 0 && this.#roller.isDue(this.#writtenMs, nowMs)) await this.#roller.roll(await this.#parts.storeNow());
  }

  async #write(): Promise<void> {
    const { counter, records, storeNow } = this.#parts;
    if (this.#unsure && (await records.read('statistics', this.#unsure.key))) this.#unsure = null;
    if (!this.#unsure && counter.isEmpty) return;
    const atMs = await storeNow();
    // A row that was not written is written as one of now: its minute may have been added up meanwhile.
    const value = this.#unsure?.value ?? rowText(counter.take());
    const key = keyOfRow('seconds', floorTo(ROWS.seconds.ms, atMs), `:${this.#parts.processId}:${(this.#rows += 1)}`);
    this.#unsure = { key, value };
    await records.write({ kind: 'statistics', key, value, rev: 0, keepMs: ROWS.seconds.keepMs });
    this.#unsure = null;
    [this.#writtenMs, this.#writtenAt] = [atMs, this.#parts.clock.monotonic()];
  }
}
