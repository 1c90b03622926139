import { randomUUID } from 'node:crypto';
import { SECOND } from '../../constants/limits';
import type { Operation } from '../../modules/bulk/operation';
import type { Bulk } from '../../modules/ports/bulk';
import type { RecordStore, StoredRecord } from '../../modules/ports/recordStore';

/** Time after its last part in which no other process goes on with an action. It is longer than a part takes that is sent again and again. */
const HELD_MS = 60 * SECOND;

/** The parts of an OperationRecord. */
export interface OperationRecordParts {
  readonly records: Pick<RecordStore, 'write' | 'remove'>;
  readonly bulk: Pick<Bulk, 'now'>;
}

/** The record of one bulk action, which this process holds as long as it writes it. */
export class OperationRecord {
  readonly #parts: OperationRecordParts;
  readonly #key: string;
  #rev: number;
  #isLost = false;

  /** @param stored the record that another process has left; without it a new one. */
  constructor(parts: OperationRecordParts, stored?: StoredRecord) {
    this.#parts = parts;
    this.#key = stored?.key ?? randomUUID();
    this.#rev = stored?.rev ?? 0;
  }

  /** Another process has taken the action over, or has ended it. */
  get isLost(): boolean {
    return this.#isLost;
  }

  /**
   * Writes how far the action has come. A record that is lost is left as it is.
   *
   * @throws the error of the store.
   */
  async note(operation: Omit<Operation, 'heldUntilMs'>): Promise<void> {
    if (!this.#isLost) await this.#write({ ...operation, heldUntilMs: (await this.#parts.bulk.now()).getTime() + HELD_MS });
  }

  /**
   * Leaves the action to whoever lives.
   *
   * @throws the error of the store.
   */
  async release(operation: Omit<Operation, 'heldUntilMs'>): Promise<void> {
    if (!this.#isLost) await this.#write({ ...operation, heldUntilMs: 0 });
  }

  /**
   * Removes the record, so that nobody goes on.
   *
   * @throws the error of the store.
   */
  async end(): Promise<void> {
    if (this.#rev > 0) await this.#parts.records.remove('bulk', this.#key);
  }

  async #write(operation: Operation): Promise<void> {
    const rev = this.#rev;
    // It counts as written before the answer: one that does not come may have been written.
    this.#rev += 1;
    if (!(await this.#parts.records.write({ kind: 'bulk', key: this.#key, value: JSON.stringify(operation), rev }))) this.#isLost = true;
  }
}
