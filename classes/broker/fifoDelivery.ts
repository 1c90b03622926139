import { randomUUID } from 'node:crypto';
import { CONSUMER, SECOND } from '../../constants/limits';
import type { FifoStore } from '../../modules/ports/fifoStore';
import type { Task } from '../../modules/task/task';
import type { QueueRules } from '../flow/queueRules';
import type { Line, Poll, Receive } from './poll';
import { WaitingLines } from './waitingLines';
import type { DealingParts, Looked } from './waitingLines';

/** The longest time between two looks while a receive waits: not every store tells of what other processes send. */
const LOOK_MS = SECOND / 5;

/** Most receives of one claim. */
const RECEIVES_AT_ONCE = 200;

/** The parts of a FifoDelivery. */
export interface FifoDeliveryParts extends DealingParts {
  readonly fifo: Pick<FifoStore, 'claim' | 'nextDueMs'>;
  readonly rules: Pick<QueueRules, 'paused'>;
}

/**
 * Hands messages of FIFO queues to the receives that wait for them. Receives of one queue share claims, but never a group: two consumers would hold
 * messages of it.
 */
export class FifoDelivery {
  readonly #parts: FifoDeliveryParts;
  readonly #lines: WaitingLines;

  constructor(parts: FifoDeliveryParts) {
    this.#parts = parts;
    this.#lines = new WaitingLines(parts, {
      lookMs: LOOK_MS,
      serve: (queue, line, polls) => this.#serve(queue, line, polls),
      look: (queues) => this.#look(queues),
    });
  }

  /** Claims messages for a consumer, or waits for some. It resolves with none when the time is over, the caller is gone or the broker stops. */
  receive(receive: Receive): Promise<readonly Task[]> {
    // Receives of one turn share a claim.
    return this.#lines.join(receive, () => this.#parts.clock.soon(() => this.#lines.serve(receive.queue)));
  }

  /** Ends all waits. */
  stop(): void {
    this.#lines.stop();
  }

  /** Claims for receives, for each by itself. */
  async #serve(queue: string, line: Line, all: readonly Poll[]): Promise<void> {
    const { fifo, rules, sort, giveBack } = this.#parts;
    const polls = all.slice(0, RECEIVES_AT_ONCE);
    const [{ visibilityMs: leaseMs }] = polls as [Poll];
    const isPaused = (await rules.paused()).has(queue);
    const claim = { queue, limits: polls.map(({ max }) => max), token: randomUUID(), workerId: CONSUMER, leaseMs };
    const claimed = isPaused ? [] : await fifo.claim(claim);
    // What a receive left open, others may have; the last one took all that was due.
    if ((claimed.length > 0 && claimed.every((tasks) => tasks.length > 0)) || polls.length < all.length) line.isDue = true;
    for (const [at, poll] of polls.entries()) {
      const own = claimed[at] ?? [];
      const tasks = own.length > 0 ? await sort(queue, own) : own;
      if (tasks.length > 0 && line.polls.has(poll)) poll.end(tasks);
      else if (tasks.length > 0) giveBack(tasks);
      // The dead letters of a claim may have been all of it.
      else if (own.length > 0) line.isDue = true;
    }
    if (!line.isDue) for (const poll of polls) if (!poll.isLong) poll.end([]);
  }

  async #look(queues: readonly string[]): Promise<Looked> {
    const due: string[] = [];
    let nextMs: number | null = null;
    for (const queue of queues) {
      const dueMs = await this.#parts.fifo.nextDueMs([queue]);
      if (dueMs === 0) due.push(queue);
      else if (dueMs !== null) nextMs = Math.min(nextMs ?? Infinity, dueMs);
    }
    return { due, nextMs };
  }
}
