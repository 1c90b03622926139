import { randomUUID } from 'node:crypto';
import { CONSUMER, SECOND } from '../../constants/limits';
import type { FifoStore } from '../../modules/ports/fifoStore';
import type { Unwatch } from '../../modules/ports/taskStore';
import type { Task } from '../../modules/task/task';
import { groupBy } from '../../modules/values/groupBy';
import type { Cancel, Clock } from '../../modules/time/clock';
import type { QueueRules } from '../flow/queueRules';
import type { Wakeups } from '../idle/wakeups';
import type { InternalErrors } from '../observe/internalErrors';
import { pollOf } from './poll';
import type { Line, Poll, Receive } from './poll';

/** The longest time between two looks while a receive waits: not every store tells of what other processes send. */
const LOOK_MS = SECOND / 5;

/** The ratio of the time between two looks to the time that one takes. */
const GAP_RATIO = 20;

/** Most receives of one claim. */
const RECEIVES_AT_ONCE = 200;

/** The parts of a FifoDelivery. */
export interface FifoDeliveryParts {
  readonly fifo: Pick<FifoStore, 'claim' | 'nextDueMs'>;
  readonly rules: Pick<QueueRules, 'paused'>;
  readonly wakeups: Pick<Wakeups, 'listen'>;
  readonly internalErrors: Pick<InternalErrors, 'note'>;
  readonly clock: Clock;
  /** Returns the messages of a claim that a consumer may get. Dead letters and those past their retention are dealt with. */
  readonly sort: (queue: string, tasks: readonly Task[]) => Promise<readonly Task[]>;
  /** Gives messages back at once that no receive waits for any more. */
  readonly giveBack: (tasks: readonly Task[]) => void;
}

/**
 * Hands messages of FIFO queues to the receives that wait for them. Receives of one queue share claims, but never a group: two consumers would hold
 * messages of it.
 */
export class FifoDelivery {
  readonly #parts: FifoDeliveryParts;
  readonly #lines = new Map<string, Line>();
  #stopListening: Unwatch | undefined;
  #cancelLook: Cancel = () => undefined;
  #lookAt = Infinity;
  #isStopped = false;

  constructor(parts: FifoDeliveryParts) {
    this.#parts = parts;
  }

  /** Claims messages for a consumer, or waits for some. It resolves with none when the time is over, the caller is gone or the broker stops. */
  receive(receive: Receive): Promise<readonly Task[]> {
    const { queue, signal } = receive;
    // A consumer that asks again at once must not keep everything else from its turn.
    if (this.#isStopped || signal?.aborted) return new Promise((resolve) => this.#parts.clock.soon(() => resolve([])));
    return new Promise((resolve, reject) => {
      const line = this.#lines.get(queue) ?? { polls: new Set<Poll>(), isServed: false, isDue: false };
      this.#lines.set(queue, line);
      const onOver = (ended: Poll): void => {
        line.polls.delete(ended);
        this.#dropIfDone(queue, line);
      };
      const poll = pollOf(receive, this.#parts.clock, { resolve, reject, onOver });
      line.polls.add(poll);
      this.#listen();
      this.#serve(queue);
    });
  }

  /** Ends all waits. */
  stop(): void {
    this.#isStopped = true;
    for (const { polls } of this.#lines.values()) for (const poll of [...polls]) poll.end([]);
    this.#rest();
  }

  /** Serves the receives of a queue until none waits or nothing is due. */
  #serve(queue: string): void {
    const line = this.#lines.get(queue);
    if (!line) return;
    line.isDue = true;
    if (line.isServed) return;
    line.isServed = true;
    // Receives of one turn share a claim.
    this.#parts.clock.soon(() => {
      void this.#serveLine(queue, line).finally(() => {
        line.isServed = false;
        if (line.isDue && line.polls.size > 0) this.#serve(queue);
        else this.#dropIfDone(queue, line);
      });
    });
  }

  #dropIfDone(queue: string, line: Line): void {
    if (line.polls.size > 0 || line.isServed || this.#lines.get(queue) !== line) return;
    this.#lines.delete(queue);
    if (this.#lines.size === 0) this.#rest();
  }

  async #serveLine(queue: string, line: Line): Promise<void> {
    while (line.isDue && line.polls.size > 0) {
      line.isDue = false;
      for (const polls of groupBy(line.polls, ({ visibilityMs }) => visibilityMs).values()) {
        try {
          await this.#serveAlike(queue, line, polls.slice(0, RECEIVES_AT_ONCE));
          if (polls.length > RECEIVES_AT_ONCE) line.isDue = true;
        } catch (error) {
          this.#parts.internalErrors.note('claim', error);
          this.#planLook(SECOND);
          for (const poll of polls) if (!poll.isLong) poll.fail(error);
        }
      }
    }
  }

  /** Claims for receives of one visibility timeout, for each by itself. */
  async #serveAlike(queue: string, line: Line, polls: readonly Poll[]): Promise<void> {
    const { fifo, rules, sort, giveBack } = this.#parts;
    const [{ visibilityMs: leaseMs }] = polls as [Poll];
    const isPaused = (await rules.paused()).has(queue);
    const claim = { queue, limits: polls.map(({ max }) => max), token: randomUUID(), workerId: CONSUMER, leaseMs };
    const claimed = isPaused ? [] : await fifo.claim(claim);
    // What a receive left open, others may have; the last one took all that was due.
    if (claimed.every((tasks) => tasks.length > 0) && claimed.length > 0) line.isDue = true;
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

  #listen(): void {
    if (this.#stopListening) return;
    this.#stopListening = this.#parts.wakeups.listen({
      serves: (queue) => this.#lines.has(queue),
      hear: ({ queue, dueInMs }) => (dueInMs > 0 ? this.#planLook(dueInMs) : queue === null ? this.#planLook(0) : this.#serve(queue)),
    });
    this.#planLook(LOOK_MS);
  }

  #rest(): void {
    this.#cancelLook();
    this.#lookAt = Infinity;
    this.#stopListening?.();
    this.#stopListening = undefined;
  }

  /** Looks after that time, unless an earlier look is planned. */
  #planLook(delayMs: number): void {
    const { clock } = this.#parts;
    const at = clock.monotonic() + delayMs;
    if (at >= this.#lookAt) return;
    this.#cancelLook();
    this.#lookAt = at;
    this.#cancelLook = clock.after(delayMs, () => {
      this.#lookAt = Infinity;
      void this.#look();
    });
  }

  /** Serves the queues in which something is due, and finds out when the next message is. */
  async #look(): Promise<void> {
    const { clock, fifo, internalErrors } = this.#parts;
    const beganAt = clock.monotonic();
    const waiting = [...this.#lines].filter(([, { isServed }]) => !isServed).map(([queue]) => queue);
    let nextMs = LOOK_MS;
    try {
      for (const queue of waiting) {
        const dueMs = await fifo.nextDueMs([queue]);
        if (dueMs === 0) this.#serve(queue);
        else nextMs = Math.min(nextMs, dueMs ?? LOOK_MS);
      }
    } catch (error) {
      internalErrors.note('claim', error);
    }
    if (this.#lines.size > 0 && !this.#isStopped) this.#planLook(Math.max(nextMs, GAP_RATIO * (clock.monotonic() - beganAt)));
  }
}
