import { BATCH_TASKS, SECOND } from '../../constants/limits';
import { isPastRetention } from '../../modules/broker/messageTask';
import type { FifoStore } from '../../modules/ports/fifoStore';
import type { MessageStore } from '../../modules/ports/messageStore';
import { removeChange } from '../../modules/task/outcome';
import type { Clock, Random } from '../../modules/time/clock';
import { Loop } from '../async/loop';
import type { Recorder } from '../lease/recorder';
import type { Emitter } from '../observe/emitter';
import type { InternalErrors } from '../observe/internalErrors';
import type { FifoSettling } from './fifoSettling';
import { isFifo } from './queueBook';
import type { QueueBook, QueueEntry } from './queueBook';

/** Time between two rounds over all queues. A message is kept at most that much longer; none past its time is handed out meanwhile. */
const ROUND_MS = 30 * SECOND;

/** Queues of one page. */
const PAGE_QUEUES = 100;

/** The parts of a Retention. */
export interface RetentionParts {
  readonly book: Pick<QueueBook, 'list'>;
  readonly messages: Pick<MessageStore, 'overdue'>;
  readonly fifo: Pick<FifoStore, 'overdue' | 'repair'>;
  readonly fifoSettling: Pick<FifoSettling, 'changeIf'>;
  readonly recorder: Pick<Recorder, 'change'>;
  readonly storeNow: () => Promise<number>;
  readonly events: Emitter;
  readonly internalErrors: InternalErrors;
  readonly clock: Clock;
  readonly random: Random;
}

/** Removes messages that wait for longer than their queues keep them. Each process of the broker does; a message that another has taken is left. */
export class Retention {
  readonly #parts: RetentionParts;
  readonly #loop: Loop;

  constructor(parts: RetentionParts) {
    this.#parts = parts;
    this.#loop = new Loop({
      clock: parts.clock,
      run: () => this.run(),
      delayMs: () => ROUND_MS * (0.75 + parts.random() / 2),
      onError: (error) => parts.internalErrors.note('trim', error),
    });
  }

  start(): void {
    this.#loop.start();
  }

  stop(): Promise<void> {
    return this.#loop.stop();
  }

  /** Looks at all queues once. */
  async run(): Promise<void> {
    await this.#parts.fifo.repair();
    for (let after: string | undefined, queues; ; after = queues.at(-1)?.name) {
      queues = await this.#parts.book.list('', PAGE_QUEUES, after);
      for (const queue of queues) await (isFifo(queue) ? this.#removeFromFifo(queue) : this.#removeFrom(queue));
      if (queues.length < PAGE_QUEUES || this.#loop.isStopped) return;
    }
  }

  async #removeFromFifo({ name, attributes }: QueueEntry): Promise<void> {
    const { fifo, fifoSettling, events } = this.#parts;
    for (;;) {
      const past = await fifo.overdue(name, attributes.retentionSeconds * SECOND, BATCH_TASKS);
      const answers = await Promise.all(past.map((head) => fifoSettling.changeIf(head, { attempt: head.attempt }, { kind: 'remove' })));
      const removed = past.filter((_, at) => answers[at]);
      for (const { id, createdAt } of removed) events.emit('message-expired', { queue: name, id, sentAt: createdAt });
      if (past.length < BATCH_TASKS || removed.length === 0 || this.#loop.isStopped) return;
    }
  }

  /** A message waits from its sending on, so none that has waited for a shorter time is past its retention, but for those that came back meanwhile. */
  async #removeFrom({ name, attributes }: QueueEntry): Promise<void> {
    const { messages, recorder, storeNow, events } = this.#parts;
    for (;;) {
      const found = await messages.overdue(name, attributes.retentionSeconds * SECOND, BATCH_TASKS);
      const nowMs = found.length > 0 ? await storeNow() : 0;
      const past = found.filter((head) => isPastRetention(head, attributes, nowMs));
      const answers = past.length > 0 ? await recorder.change(name, past, () => removeChange) : [];
      const removed = past.filter((_, at) => answers[at] === 'applied');
      for (const { id, createdAt } of removed) events.emit('message-expired', { queue: name, id, sentAt: createdAt });
      if (found.length < BATCH_TASKS || removed.length === 0 || this.#loop.isStopped) return;
    }
  }
}
