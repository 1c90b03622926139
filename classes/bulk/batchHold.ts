import { DAY, SECOND } from '../../constants/limits';
import { batchOf } from '../../modules/bulk/batchRow';
import type { BatchRow } from '../../modules/bulk/batchRow';
import type { Bulk } from '../../modules/ports/bulk';
import type { RecordStore, StoredRecord } from '../../modules/ports/recordStore';

/** Time after its last part in which no other process goes on with a batch. It is longer than a part takes that is sent again and again. */
const HELD_MS = 60 * SECOND;

/** Time that a batch is kept after its end. */
const KEPT_MS = 7 * DAY;

/** The parts of a BatchHold. */
export interface BatchHoldParts {
  readonly records: Pick<RecordStore, 'read' | 'write'>;
  readonly bulk: Pick<Bulk, 'now'>;
}

/** The record of a batch that one run carries out, as long as it writes it. Somebody else may write to it that the batch is to stop. */
export class BatchHold {
  readonly id: string;
  readonly #parts: BatchHoldParts;
  readonly #heldBy: string;
  #row: BatchRow;
  #rev: number;
  #isLost = false;

  constructor(parts: BatchHoldParts, stored: StoredRecord, heldBy: string) {
    this.#parts = parts;
    this.id = stored.key;
    this.#heldBy = heldBy;
    this.#row = batchOf(stored);
    this.#rev = stored.rev;
  }

  get row(): BatchRow {
    return this.#row;
  }

  /** Another run has taken the batch over, or has ended it. */
  get isLost(): boolean {
    return this.#isLost;
  }

  /**
   * Takes over a batch whose run has ended. Of several that try, one does.
   *
   * @throws the error of the store.
   */
  async take(): Promise<boolean> {
    const row = { ...this.#row, heldBy: this.#heldBy, heldUntilMs: await this.#heldUntil() };
    if (!(await this.#write(row))) this.#isLost = true;
    return !this.#isLost;
  }

  /**
   * Writes how far the batch has come. A record that is lost is left as it is.
   *
   * @throws the error of the store.
   */
  async note(reached: Partial<BatchRow>): Promise<void> {
    const heldUntilMs = reached.heldUntilMs ?? (await this.#heldUntil());
    while (!this.#isLost) {
      if (await this.#write({ ...this.#row, ...reached, heldBy: this.#heldBy, heldUntilMs })) return;
      await this.#reread();
    }
  }

  /**
   * Ends the batch. Its record stays for a week.
   *
   * @throws the error of the store.
   */
  async end(reached: Partial<BatchRow> & Pick<BatchRow, 'state'>): Promise<void> {
    await this.note({ ...reached, endedAtMs: (await this.#parts.bulk.now()).getTime(), heldUntilMs: 0 });
  }

  async #heldUntil(): Promise<number> {
    return (await this.#parts.bulk.now()).getTime() + HELD_MS;
  }

  async #write(row: BatchRow): Promise<boolean> {
    const write = { kind: 'batch', key: this.id, value: JSON.stringify(row), rev: this.#rev } as const;
    if (!(await this.#parts.records.write(row.state === 'running' ? write : { ...write, keepMs: KEPT_MS }))) return false;
    this.#rev += 1;
    this.#row = row;
    return true;
  }

  /** A write of this run whose answer stayed away, or the wish that the batch stops, leaves the batch to this run. */
  async #reread(): Promise<void> {
    const stored = await this.#parts.records.read('batch', this.id);
    const row = stored && batchOf(stored);
    if (!row || row.heldBy !== this.#heldBy || row.state !== 'running') return void (this.#isLost = true);
    this.#rev = stored.rev;
    this.#row = { ...this.#row, isStopping: row.isStopping };
  }
}
