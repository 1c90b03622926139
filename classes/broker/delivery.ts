import { CONSUMER, SECOND } from '../../constants/limits';
import type { QueueLook } from '../../modules/ports/queueLook';
import type { TaskStore } from '../../modules/ports/taskStore';
import type { Task } from '../../modules/task/task';
import type { Claimer } from '../lease/claimer';
import type { Line, Poll, Receive } from './poll';
import { WaitingLines } from './waitingLines';
import type { DealingParts, Looked } from './waitingLines';

/** The longest time between two looks while a receive waits. Hints and known times come before it. */
const LOOK_MS = 2 * SECOND;

/** Queues that are claimed from at the same time. For more of them, one look finds out which have something due: an empty claim costs more than a look. */
const SERVED_AT_ONCE = 32;

/** Most messages of one claim. */
const CLAIMED_MESSAGES = 1_000;

/** The parts of a Delivery. */
export interface DeliveryParts extends DealingParts {
  readonly claimer: Pick<Claimer, 'claim'>;
  readonly tasks: Pick<TaskStore, 'nextDueMs'>;
  readonly looks: QueueLook;
}

/** Hands messages to the receives that wait for them. Receives of one queue share claims. */
export class Delivery {
  readonly #parts: DeliveryParts;
  readonly #lines: WaitingLines;

  constructor(parts: DeliveryParts) {
    this.#parts = parts;
    this.#lines = new WaitingLines(parts, {
      lookMs: LOOK_MS,
      serve: (queue, line, polls) => this.#serve(queue, line, polls),
      look: (queues) => this.#look(queues),
    });
  }

  /** Claims messages for a consumer, or waits for some. It resolves with none when the time is over, the caller is gone or the broker stops. */
  receive(receive: Receive): Promise<readonly Task[]> {
    return this.#lines.join(receive, (poll, { polls }) => {
      // Where others wait already, nothing is due, or it is being claimed: what comes in is told to all of them.
      if (poll.isLong && polls.size > 1) return;
      if (poll.isLong && this.#lines.served >= SERVED_AT_ONCE) this.#lines.planLook(0);
      else this.#lines.serve(receive.queue);
    });
  }

  /** Ends all waits. */
  stop(): void {
    this.#lines.stop();
  }

  /** Claims for receives, and deals what was claimed in their order. */
  async #serve(queue: string, line: Line, polls: readonly Poll[]): Promise<void> {
    const limit = Math.min(
      CLAIMED_MESSAGES,
      polls.reduce((total, { max }) => total + max, 0),
    );
    const [{ visibilityMs }] = polls as [Poll];
    const wish = { queues: [queue], limit, workerId: CONSUMER, leaseMs: visibilityMs, isForOthers: true };
    const { tasks } = await this.#parts.claimer.claim(wish);
    const sorted = tasks.length > 0 ? await this.#parts.sort(queue, tasks) : tasks;
    if (tasks.length === limit || sorted.length < tasks.length) line.isDue = true;
    const waiting = polls.filter((poll) => line.polls.has(poll));
    const left = dealTo(waiting, sorted);
    if (left.length > 0) this.#parts.giveBack(left);
    if (!line.isDue) for (const poll of waiting) if (!poll.isLong) poll.end([]);
  }

  async #look(queues: readonly string[]): Promise<Looked> {
    const { looks, tasks } = this.#parts;
    const due = (await looks.due(queues)).map(({ queue }) => queue);
    return { due, nextMs: await tasks.nextDueMs(queues, due) };
  }
}

/** Deals messages to receives in their order, and returns what nobody takes. */
function dealTo(polls: readonly Poll[], tasks: readonly Task[]): readonly Task[] {
  let dealt = 0;
  for (const poll of polls) {
    if (dealt === tasks.length) break;
    const own = tasks.slice(dealt, dealt + poll.max);
    dealt += own.length;
    poll.end(own);
  }
  return tasks.slice(dealt);
}
