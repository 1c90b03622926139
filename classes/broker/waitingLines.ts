import { SECOND } from '../../constants/limits';
import type { Hint } from '../../modules/ports/hint';
import type { Unwatch } from '../../modules/ports/taskStore';
import type { Task } from '../../modules/task/task';
import type { Cancel, Clock } from '../../modules/time/clock';
import { groupBy } from '../../modules/values/groupBy';
import type { Wakeups } from '../idle/wakeups';
import type { InternalErrors } from '../observe/internalErrors';
import { pollOf } from './poll';
import type { Line, Poll, Receive } from './poll';

/** The shortest time between two looks, and its ratio to the time that a look takes: looks are at most a twentieth of the time. */
const GAP_MS = 20;
const GAP_RATIO = 20;

/** What a look at the queues of waiting receives has found. */
export interface Looked {
  /** The queues in which something is due. */
  readonly due: readonly string[];
  /** The time until the next message of another one is due; null if there is none. */
  readonly nextMs: number | null;
}

/** How one kind of queue is looked at and served. */
export interface LineService {
  /** The longest time between two looks while a receive waits. Hints and known times come before it. */
  readonly lookMs: number;
  /** Claims for receives of one visibility timeout, and ends those that get something. A line is due again where more may be had. */
  readonly serve: (queue: string, line: Line, polls: readonly Poll[]) => Promise<void>;
  readonly look: (queues: readonly string[]) => Promise<Looked>;
}

/** The parts of WaitingLines. */
export interface LineParts {
  readonly wakeups: Pick<Wakeups, 'listen'>;
  readonly internalErrors: Pick<InternalErrors, 'note'>;
  readonly clock: Clock;
}

/** The parts of what deals the messages of a claim to the receives of a line. */
export interface DealingParts extends LineParts {
  /** Returns the messages of a claim that a consumer may get. Dead letters and those past their retention are dealt with. */
  readonly sort: (queue: string, tasks: readonly Task[]) => Promise<readonly Task[]>;
  /** Gives messages back at once that no receive waits for any more. */
  readonly giveBack: (tasks: readonly Task[]) => void;
}

/**
 * The receives that wait, a line for each queue. They are served when something is told or due. A wait holds no call of the store, and one look serves all
 * waiting receives of the process.
 */
export class WaitingLines {
  readonly #parts: LineParts;
  readonly #service: LineService;
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

  constructor(parts: LineParts, service: LineService) {
    this.#parts = parts;
    this.#service = service;
  }

  /** Lines that are served at the moment. */
  get served(): number {
    return this.#served;
  }

  /**
   * Makes a receive wait, and has it served. It resolves with none when the time is over, the caller is gone or the broker stops.
   *
   * @param begin decides what a receive that has joined a line waits for.
   */
  join(receive: Receive, begin: (poll: Poll, line: Line) => void): Promise<readonly Task[]> {
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
      line.polls.add(poll);
      // What was delayed before this process listened is told to nobody. Mostly the receive has something by then, and the look is not made.
      if (poll.isLong && line.polls.size === 1) this.planLook(GAP_MS);
      this.#listen();
      begin(poll, line);
    });
  }

  /** Ends all waits. */
  stop(): void {
    this.#isStopped = true;
    for (const { polls } of this.#lines.values()) for (const poll of [...polls]) poll.end([]);
    this.#rest();
  }

  /** Serves the receives of a queue until none waits or nothing is due. */
  serve(queue: string): void {
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
      if (line.isDue && line.polls.size > 0) this.serve(queue);
      else this.#dropIfDone(queue, line);
    });
  }

  /** Looks after that time, unless an earlier look is planned. */
  planLook(delayMs: number): void {
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

  #lineOf(queue: string): Line {
    const line = this.#lines.get(queue) ?? { polls: new Set<Poll>(), isServed: false, isDue: false };
    this.#lines.set(queue, line);
    return line;
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
          await this.#service.serve(queue, line, polls);
        } catch (error) {
          this.#parts.internalErrors.note('claim', error);
          this.planLook(SECOND);
          for (const poll of polls) if (!poll.isLong) poll.fail(error);
        }
      }
    }
  }

  #listen(): void {
    if (this.#stopListening) return;
    this.#stopListening = this.#parts.wakeups.listen({
      serves: (queue) => this.#lines.has(queue),
      hear: (hint) => this.#hear(hint),
    });
    this.planLook(this.#service.lookMs);
  }

  #rest(): void {
    this.#cancelLook();
    this.#lookAt = Infinity;
    this.#stopListening?.();
    this.#stopListening = undefined;
  }

  #hear({ queue, dueInMs }: Hint): void {
    if (dueInMs > 0) this.planLook(dueInMs);
    else if (queue === null) this.planLook(0);
    else this.serve(queue);
  }

  /** Finds out which queues have something due, and when the next message is due. */
  async #look(): Promise<void> {
    this.#isMissed = this.#isLooking;
    if (this.#isLooking || this.#lines.size === 0) return;
    const { clock, internalErrors } = this.#parts;
    const { lookMs } = this.#service;
    const beganAt = clock.monotonic();
    this.#isLooking = true;
    let nextMs = lookMs;
    try {
      const found = await this.#service.look([...this.#lines.keys()]);
      for (const queue of found.due) this.serve(queue);
      nextMs = Math.min(nextMs, found.nextMs ?? lookMs);
    } catch (error) {
      internalErrors.note('claim', error);
    }
    this.#isLooking = false;
    this.#restUntil = clock.monotonic() + Math.max(GAP_MS, GAP_RATIO * (clock.monotonic() - beganAt));
    if (this.#lines.size > 0) this.planLook(this.#isMissed ? 0 : nextMs);
  }
}

/** Groups receives by their visibility timeouts, which one claim can have only one of. */
const alike = (polls: Iterable<Poll>): Poll[][] => [...groupBy(polls, ({ visibilityMs }) => visibilityMs).values()];
