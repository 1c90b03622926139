import { createHash } from 'node:crypto';
import { SETTLED_MEMORY_MS } from '../../constants/limits';
import type { FifoStore } from '../../modules/ports/fifoStore';
import type { RecordStore } from '../../modules/ports/recordStore';
import type { Task } from '../../modules/task/task';

/** What a receive was given. */
interface Given {
  readonly token: string;
  readonly ids: readonly string[];
}

/** Remembers for five minutes what a receive with an attempt id was given, so that one whose answer was lost gets the same messages again. */
export class AttemptBook {
  readonly #records: Pick<RecordStore, 'read' | 'write'>;
  readonly #fifo: Pick<FifoStore, 'find'>;

  constructor(records: Pick<RecordStore, 'read' | 'write'>, fifo: Pick<FifoStore, 'find'>) {
    this.#records = records;
    this.#fifo = fifo;
  }

  /** Returns the messages of an earlier receive with this id if all of them are still in flight under it; null if not. */
  async recall(queue: string, attemptId: string): Promise<readonly Task[] | null> {
    const record = await this.#records.read('attempt', keyOf(queue, attemptId));
    return record && this.#intact(queue, JSON.parse(record.value) as Given);
  }

  /** Remembers what a receive is given. Returns what another one with the same id was given meanwhile; null if none was. */
  async note(queue: string, attemptId: string, tasks: readonly Task[]): Promise<readonly Task[] | null> {
    const key = keyOf(queue, attemptId);
    const value: Given = { token: tasks[0]?.lease?.token ?? '', ids: tasks.map(({ id }) => id) };
    for (;;) {
      const record = await this.#records.read('attempt', key);
      const other = record && (await this.#intact(queue, JSON.parse(record.value) as Given));
      if (other) return other;
      if (await this.#records.write({ kind: 'attempt', key, value: JSON.stringify(value), rev: record?.rev ?? 0, keepMs: SETTLED_MEMORY_MS }))
        return null;
    }
  }

  async #intact(queue: string, { token, ids }: Given): Promise<readonly Task[] | null> {
    const found = new Map((await this.#fifo.find(queue, ids)).map((task) => [task.id, task]));
    const tasks = ids.flatMap((id) => found.get(id) ?? []);
    return tasks.length === ids.length && tasks.every(({ lease }) => lease?.token === token) ? tasks : null;
  }
}

const keyOf = (queue: string, attemptId: string): string => createHash('sha256').update(`${queue}\n${attemptId}`).digest('hex');
