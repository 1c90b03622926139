import { CONSUMER, SECOND } from '../../constants/limits';
import type { Hint } from '../../modules/ports/hint';
import type { QueueLook } from '../../modules/ports/queueLook';
import type { TaskStore, Unwatch } from '../../modules/ports/taskStore';
import type { Task } from '../../modules/task/task';
import { groupBy } from '../../modules/values/groupBy';
import type { Cancel, Clock } from '../../modules/time/clock';
import type { Wakeups } from '../idle/wakeups';
import type { Claimer } from '../lease/claimer';
import type { InternalErrors } from '../observe/internalErrors';
import { pollOf } from './poll';
import type { Line, Poll, Receive } from './poll';

/** The longest time between two looks while a receive waits. Hints and known times come before it. */
const LOOK_MS = 2 * SECOND;

/** The shortest time between two looks, and its ratio to the time that a look takes: looks are at most a twentieth of the time. */
const GAP_MS = 20;
const GAP_RATIO = 20;

/** Queues that are claimed from at the same time. For more of them, one look finds out which have something due: an empty claim costs more than a look. */
const SERVED_AT_ONCE = 32;

/** Most messages of one claim. */
const CLAIMED_MESSAGES = 1_000;

/** The parts of a Delivery. */
export interface DeliveryParts {
  readonly claimer: Pick<Claimer, 'claim'>;
  readonly tasks: Pick<TaskStore, 'nextDueMs'>;
  readonly looks: QueueLook;
  readonly wakeups: Pick<Wakeups, 'listen'>;
  readonly internalErrors: Pick<InternalErrors, 'note'>;
  readonly clock: Clock;
  /** Returns the messages of a claim that a consumer may get. Dead letters and those past their retention are dealt with. */
  readonly sort: (queue: string, tasks: readonly Task[]) => Promise<readonly Task[]>;
  /** Gives messages back at once that no receive waits for any more. */
  readonly giveBack: (tasks: readonly Task[]) => void;
}

/**
 * Hands messages to the receives that wait for them. Receives of one queue share claims; a wait holds no call of the store.
 *
 * One look serves all waiting receives of the process: it finds which of their queues have something due, and when the next message is due.
 */
export class Delivery {
  readonly #parts: DeliveryParts;
  readonly #lines = new Map<string, Line>();
  #stopListening: Unwatch | undefined;
  #cancelLook: Cancel = () => undefined;
  #lookAt = Infinity;
  #isLooking = false;
  /** A look was asked for while one was under way. */
  #isMissed = false;
  /** Lines that are served at the moment. */
  #served = 0;
  /** The earliest time of the next look. */
  #restUntil = 0;
  #isStopped = false;

  constructor(parts: DeliveryParts) {
    this.#parts = parts;
  }

  /** Claims messages for a consumer, or waits for some. It resolves with none when the time is over, the caller is gone or the broker stops. */
  receive(receive: Receive): Promise<readonly Task[]> {
    const { queue, signal } = receive;
    // A consumer that asks again at once must not keep everything else, such as the end of the store, from its turn.
    if (this.#isStopped || signal?.aborted) return new Promise((resolve) => this.#parts.clock.soon(() => resolve([])));
    return new Promise((resolve, reject) => {
      const line = this.#lineOf(queue);
      const onOver = (ended: Poll): void => {
        line.polls.delete(ended);
        this.#dropIfDone(queue, line);
      };
      const poll = pollOf(receive, this.#parts.clock, { resolve, reject, onOver });
      // Where others wait already, nothing is due, or it is being claimed: what comes in is told to all of them.
      const isExpected = poll.isLong && line.polls.size > 0;
      line.polls.add(poll);
      this.#listen();
      if (isExpected) return;
      if (poll.isLong && this.#served >= SERVED_AT_ONCE) this.#planLook(0);
      else this.#serve(queue);
    });
  }

  /** Ends all waits. */
  stop(): void {
    this.#isStopped = true;
    for (const { polls } of this.#lines.values()) for (const poll of [...polls]) poll.end([]);
    this.#rest();
  }

  #lineOf(queue: string): Line {
    const line = this.#lines.get(queue) ?? { polls: new Set<Poll>(), isServed: false, isDue: false };
    this.#lines.set(queue, line);
    return line;
  }

  /** Serves the receives of a queue until none waits or nothing is due. */
  #serve(queue: string): void {
    const line = this.#lines.get(queue);
    if (!line) return;
    line.isDue = true;
    if (line.isServed) return;
    line.isServed = true;
    this.#served += 1;
    void this.#serveLine(queue, line).finally(() => {
      line.isServed = false;
      this.#served -= 1;
      // A receive that came after the last claim had been dealt out.
      if (line.isDue && line.polls.size > 0) this.#serve(queue);
      else this.#dropIfDone(queue, line);
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
      for (const polls of alike(line.polls)) {
        try {
          await this.#serveAlike(queue, line, polls);
        } catch (error) {
          this.#parts.internalErrors.note('claim', error);
          this.#planLook(SECOND);
          for (const poll of polls) if (!poll.isLong) poll.fail(error);
        }
      }
    }
  }

  /** Claims for receives of one visibility timeout, and deals what was claimed in their order. */
  async #serveAlike(queue: string, line: Line, polls: readonly Poll[]): Promise<void> {
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

  #listen(): void {
    if (this.#stopListening) return;
    this.#stopListening = this.#parts.wakeups.listen({
      serves: (queue) => this.#lines.has(queue),
      hear: (hint) => this.#hear(hint),
    });
    this.#planLook(LOOK_MS);
  }

  #rest(): void {
    this.#cancelLook();
    this.#lookAt = Infinity;
    this.#stopListening?.();
    this.#stopListening = undefined;
  }

  #hear({ queue, dueInMs }: Hint): void {
    if (dueInMs > 0) this.#planLook(dueInMs);
    else if (queue === null) this.#planLook(0);
    else this.#serve(queue);
  }

  /** Looks after that time, unless an earlier look is planned. */
  #planLook(delayMs: number): void {
    const { clock } = this.#parts;
    const at = Math.max(clock.monotonic() + delayMs, this.#restUntil);
    if (at >= this.#lookAt) return;
    this.#cancelLook();
    this.#lookAt = at;
    this.#cancelLook = clock.after(at - clock.monotonic(), () => {
      this.#lookAt = Infinity;
      void this.#look();
    });
  }

  /** Finds out which queues have something due, and when the next message is due. */
  async #look(): Promise<void> {
    this.#isMissed = this.#isLooking;
    if (this.#isLooking || this.#lines.size === 0) return;
    const { clock, looks, tasks, internalErrors } = this.#parts;
    const beganAt = clock.monotonic();
    this.#isLooking = true;
    let nextMs = LOOK_MS;
    try {
      const queues = [...this.#lines.keys()];
      const due = await looks.due(queues);
      for (const { queue } of due) this.#serve(queue);
      const dueMs = await tasks.nextDueMs(queues, due.map(({ queue }) => queue)); // prettier-ignore
      nextMs = Math.min(nextMs, dueMs ?? LOOK_MS);
    } catch (error) {
      internalErrors.note('claim', error);
    }
    this.#isLooking = false;
    this.#restUntil = clock.monotonic() + Math.max(GAP_MS, GAP_RATIO * (clock.monotonic() - beganAt));
    if (this.#lines.size > 0) this.#planLook(this.#isMissed ? 0 : nextMs);
  }
}

/** Groups receives by their visibility timeouts, which one claim can have only one of. */
const alike = (polls: Iterable<Poll>): Poll[][] => [...groupBy(polls, ({ visibilityMs }) => visibilityMs).values()];

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
