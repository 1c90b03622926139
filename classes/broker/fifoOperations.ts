import { SECOND } from '../../constants/limits';
import type { MessageState, PeekedMessage, QueueStats } from '../../modules/broker/brokerTypes';
import { peekedMessage } from '../../modules/broker/messageTask';
import type { FifoStore } from '../../modules/ports/fifoStore';
import type { ScheduleStore } from '../../modules/ports/scheduleStore';

/** Bound up to which messages are counted. */
const COUNTED = 10_000;

/** Most pages that one peek reads for messages of one state. */
const PEEKED_PAGES = 10;

/** What a peek asks for. */
interface Peeked {
  readonly state: MessageState | undefined;
  readonly limit: number;
  readonly after?: string;
}

/** The parts of the FifoOperations. */
export interface FifoOperationsParts {
  readonly fifo: FifoStore;
  readonly schedules: Pick<ScheduleStore, 'now'>;
}

/** What operators do with the messages of FIFO queues. */
export class FifoOperations {
  readonly #parts: FifoOperationsParts;

  constructor(parts: FifoOperationsParts) {
    this.#parts = parts;
  }

  async peek(queue: string, { state, limit, after }: Peeked): Promise<{ readonly messages: PeekedMessage[]; readonly next: string | null }> {
    const { fifo, schedules } = this.#parts;
    const nowMs = await schedules.now();
    const messages: PeekedMessage[] = [];
    for (let page = 0, last = after; ; page += 1) {
      const { tasks, next } = await fifo.list({ queue, order: 'newest', limit, ...(last === undefined ? {} : { after: last }) });
      for (const task of tasks) {
        const message = peekedMessage(task, nowMs);
        last = message.id;
        if (isOf(message, state)) messages.push(message);
        if (messages.length === limit) return { messages, next: last === tasks.at(-1)?.id ? next : last };
      }
      if (next === null || page === PEEKED_PAGES) return { messages, next };
    }
  }

  async stats(queue: string, deadQueue: string): Promise<QueueStats> {
    const { fifo, schedules } = this.#parts;
    const [own, letters, nowMs] = await Promise.all([fifo.tally(queue, COUNTED), fifo.tally(deadQueue, COUNTED), schedules.now()]);
    const { waiting, delayed, inFlight, since } = own;
    const counts = { waiting, delayed, inFlight, dead: letters.waiting + letters.delayed + letters.inFlight };
    const oldestSeconds = since ? Math.max(0, Math.floor((nowMs - since.getTime()) / SECOND)) : null;
    return { ...counts, isRounded: Object.values(counts).some((count) => count >= COUNTED), oldestSeconds };
  }

  /** Removes what was sent until now. */
  async purge(queue: string): Promise<number> {
    const until = new Date((await this.#parts.schedules.now()) + 1);
    let removed = 0;
    for (let part = -1; part !== 0; removed += part) part = await this.#parts.fifo.purge(queue, until);
    return removed;
  }
}

const isOf = (message: PeekedMessage, state: MessageState | undefined): boolean => state === undefined || message.state === state;
