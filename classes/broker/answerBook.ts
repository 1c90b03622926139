import { createHash } from 'node:crypto';
import { HoldfastError } from '../../modules/errors/holdfastError';
import type { RecordStore } from '../../modules/ports/recordStore';
import { SETTLED_MEMORY_MS } from '../../constants/limits';

/** What is remembered of a call with an idempotency key: what it sent, and the ids that it gave. */
interface Remembered {
  readonly fingerprint: string;
  readonly ids: readonly string[];
}

/**
 * Remembers for five minutes which ids a call with an idempotency key gave. The ids are remembered before the messages are written: so a call that is
 * repeated after a crash in between writes the same messages under the same ids.
 */
export class AnswerBook {
  readonly #records: Pick<RecordStore, 'read' | 'write'>;

  constructor(records: Pick<RecordStore, 'read' | 'write'>) {
    this.#records = records;
  }

  /**
   * Returns the ids of an earlier call with this key, or remembers those of this one.
   *
   * @throws HOLDFAST_IDEMPOTENCY_MISMATCH if the earlier call sent other messages.
   */
  async idsOf(queue: string, idempotencyKey: string, content: string, ids: readonly string[]): Promise<readonly string[]> {
    const key = digest(`${queue}\n${idempotencyKey}`);
    const fingerprint = digest(content);
    for (;;) {
      const value: Remembered = { fingerprint, ids };
      if (await this.#records.write({ kind: 'idempotency', key, value: JSON.stringify(value), rev: 0, keepMs: SETTLED_MEMORY_MS })) return ids;
      const record = await this.#records.read('idempotency', key);
      // Its time may be over between the two calls.
      if (record) return sameIds(JSON.parse(record.value) as Remembered, fingerprint);
    }
  }
}

function sameIds(remembered: Remembered, fingerprint: string): readonly string[] {
  if (remembered.fingerprint !== fingerprint) throw new HoldfastError('HOLDFAST_IDEMPOTENCY_MISMATCH');
  return remembered.ids;
}

const digest = (text: string): string => createHash('sha256').update(text).digest('hex');
