import { randomBytes } from 'node:crypto';
import { readReceipt, writeReceipt } from '../../modules/broker/receipt';
import type { Receipt } from '../../modules/broker/receipt';
import { isRecord } from '../../modules/values/isRecord';
import { HoldfastError } from '../../modules/errors/holdfastError';
import type { RecordStore } from '../../modules/ports/recordStore';

/** The record of the key, and its length. */
const KEY = 'receipts';
const KEY_BYTES = 32;

/** Receipts that are remembered, about 5 MB. A message is mostly settled where it was received, and its signature takes as long as all else in reading it. */
const RECENT_RECEIPTS = 10_000;

/** Makes and reads receipts by a key that is made once and kept in the store, so that every process of the broker reads those of the others. */
export class ReceiptBook {
  readonly #records: Pick<RecordStore, 'read' | 'write'>;
  readonly #recent = new Map<string, Receipt>();
  #key: Promise<Buffer> | undefined;

  constructor(records: Pick<RecordStore, 'read' | 'write'>) {
    this.#records = records;
  }

  /** Returns the text of a receipt. */
  async write(receipts: readonly Receipt[]): Promise<string[]> {
    const key = await this.#readKey();
    return receipts.map((receipt) => this.#remember(writeReceipt(receipt, key), receipt));
  }

  /**
   * Reads a receipt.
   *
   * @throws HOLDFAST_RECEIPT_INVALID
   */
  async read(text: unknown): Promise<Receipt> {
    if (typeof text !== 'string') throw new HoldfastError('HOLDFAST_RECEIPT_INVALID');
    const known = this.#recent.get(text);
    if (known) return known;
    const receipt = readReceipt(text, await this.#readKey());
    this.#remember(text, receipt);
    return receipt;
  }

  #remember(text: string, receipt: Receipt): string {
    if (this.#recent.size >= RECENT_RECEIPTS) this.#recent.delete(this.#recent.keys().next().value as string);
    this.#recent.set(text, receipt);
    return text;
  }

  #readKey(): Promise<Buffer> {
    this.#key ??= this.#findKey().catch((error: unknown) => {
      this.#key = undefined;
      throw error;
    });
    return this.#key;
  }

  /** Of several processes that make the key at the same time, one does; all read what the store has. */
  async #findKey(): Promise<Buffer> {
    const found = (await this.#records.read('secret', KEY)) ?? (await this.#makeKey());
    const value: unknown = found && JSON.parse(found.value);
    const text = isRecord(value) ? String(value['key']) : '';
    const key = Buffer.from(text, 'base64');
    if (key.length !== KEY_BYTES)
      throw new HoldfastError('HOLDFAST_RECEIPT_INVALID', { expected: 'a signing key in the store, which was changed by hand' });
    return key;
  }

  async #makeKey() {
    await this.#records.write({ kind: 'secret', key: KEY, value: JSON.stringify({ key: randomBytes(KEY_BYTES).toString('base64') }), rev: 0 });
    return this.#records.read('secret', KEY);
  }
}
