import { randomUUID } from 'node:crypto';
import { MINUTE } from '../../constants/limits';
import type { FifoSend } from '../../modules/ports/fifoStore';
import type { Task } from '../../modules/task/task';
import type { Store } from '../store/store';

/** Messages that are moved at once: each may have a megabyte. */
const AT_ONCE = 10;

/** The lease under which messages are moved. A killed copy gives them back with its end. */
const LEASE_MS = MINUTE;

/** Most messages of a queue that are counted. */
const COUNTED = 1_000_000;

/** Messages of FIFO queues that wait, or that consumers hold. */
export interface FifoLeft {
  readonly waiting: number;
  readonly running: number;
}

/**
 * Moves messages of FIFO queues from one store to another, each group in its order.
 *
 * They are received in the source, sent in the target and then removed, so nobody receives them in the source meanwhile. If a copy is killed before
 * it removes them, they come a second time, unless the target still has them. Receive counts begin anew.
 */
export class FifoCopying {
  readonly #source: Store;
  readonly #target: Store;
  readonly #workerId: string;

  constructor(source: Store, target: Store, workerId: string) {
    this.#source = source;
    this.#target = target;
    this.#workerId = workerId;
  }

  /** Moves what can be received now. Tells how many messages of each part were moved. */
  async move(queues: readonly string[], onMoved: (count: number) => void): Promise<void> {
    for (const queue of queues) {
      for (let moved = await this.#movePart(queue); moved > 0; moved = await this.#movePart(queue)) onMoved(moved);
    }
  }

  /** Returns what is left in the source: delayed messages wait as well. */
  async left(queues: readonly string[]): Promise<FifoLeft> {
    const tallies = await Promise.all(queues.map((queue) => this.#source.parts.fifo.tally(queue, COUNTED)));
    return {
      waiting: tallies.reduce((sum, { waiting, delayed }) => sum + waiting + delayed, 0),
      running: tallies.reduce((sum, { inFlight }) => sum + inFlight, 0),
    };
  }

  async #movePart(queue: string): Promise<number> {
    const [from, to] = [this.#source.parts.fifo, this.#target.parts.fifo];
    const token = randomUUID();
    const [messages = []] = await from.claim({ queue, limits: [AT_ONCE], token, workerId: this.#workerId, leaseMs: LEASE_MS });
    if (messages.length === 0) return 0;
    const settle = (change: { readonly kind: 'remove' } | { readonly kind: 'wait'; readonly delayMs: number }): Promise<unknown> =>
      from.settle(messages.map(({ id }) => ({ queue, id, guard: { token }, change })));
    await to.send(queue, messages.map(sendOf));
    // One store by two URLs: the messages there are those that this copy holds.
    if ((await to.find(queue, [messages[0]?.id ?? ''])).some(({ lease }) => lease?.token === token)) {
      await settle({ kind: 'wait', delayMs: 0 });
      return 0;
    }
    await settle({ kind: 'remove' });
    return messages.length;
  }
}

const sendOf = ({ id, queue, name, payload, priority, maxRetries, settings }: Task): FifoSend => ({
  task: { id, queue, name, payload, due: { delayMs: 0 }, priority, maxRetries, settings, uniqueKey: null },
  onceAs: null,
});
