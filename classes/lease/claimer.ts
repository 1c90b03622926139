import { randomUUID } from 'node:crypto';
import { SECOND } from '../../constants/limits';
import { sleep, within } from '../../modules/time/clock';
import type { Clock, Random } from '../../modules/time/clock';
import { isUnanswered } from '../../modules/errors/holdfastError';
import { callRetryDelay } from '../../modules/time/callRetryDelay';
import type { Task } from '../../modules/task/task';
import type { QueueRules } from '../flow/queueRules';
import type { InternalErrors } from '../observe/internalErrors';
import type { LeaseKeeper } from './leaseKeeper';
import type { Settler } from './settler';
import type { Solitude } from './solitude';
import type { TaskStore } from '../../modules/ports/taskStore';

/** The longest time that a server may work on one claim. An unanswered claim has to be looked for that long. */
const CLAIM_DEADLINE_MS = 2 * SECOND;

/** The margin after the deadline, when the write is certainly over. */
const CLAIM_MARGIN_MS = 250;

/** The time limit for the outcome of a task that was claimed again, and the delay with which the task is released after it. */
const BUSY_DELAY_MS = 100;

/** Maximum number of sets of queues that are remembered as empty. */
const EMPTY_KNOWN = 100;

/** Maximum age of the knowledge that a suspect waits, while this process claims nothing for it. */
const SUSPECT_SEEN_MS = SECOND;

export interface ClaimWish {
  readonly queues: readonly string[];
  readonly limit: number;
  readonly workerId: string;
  readonly leaseMs: number;
}

/** The tasks of a claim, and the instant from which their leases count. */
export interface Claimed {
  readonly tasks: readonly Task[];
  readonly sentAt: number;
}

/** The parts of a Claimer. */
export interface ClaimerParts {
  readonly tasks: TaskStore;
  readonly rules: QueueRules;
  readonly leases: LeaseKeeper;
  readonly settler: Settler;
  readonly solitude: Solitude;
  readonly internalErrors: InternalErrors;
  readonly clock: Clock;
  readonly random: Random;
}

/**
 * Claims for all workers of this process, one claim at a time: concurrent ones would only compete with each other.
 *
 * A claim is never sent again. An unanswered claim may have been carried out, so its token is looked for until the claim certainly cannot be under
 * way any more. The tasks that are found are the answer.
 */
export class Claimer {
  readonly #parts: ClaimerParts;
  #turn: Promise<unknown> = Promise.resolve();
  #closed = false;
  /** The id of a suspect that waits for this process to be empty. */
  #suspect: string | null = null;
  #suspectSeenAt = -Infinity;
  #asked = 0;
  /** For each set of queues, the number of claims requested when the last empty claim was sent. */
  readonly #emptyAt = new Map<string, number>();

  constructor(parts: ClaimerParts) {
    this.#parts = parts;
  }

  /**
   * Claims up to `limit` tasks, none while a suspect runs or waits for running tasks to end.
   *
   * A request made before another claim of the same queues was sent is answered by that claim if it was empty. So many workers that wake at once cost
   * two claims.
   *
   * @throws the error of the store, if nothing was claimed.
   */
  claim(wish: ClaimWish): Promise<Claimed> {
    const asked = (this.#asked += 1);
    const claimed = this.#turn.then(() => this.#claim(wish, asked));
    // The caller gets the error; the next claim only waits for its turn.
    this.#turn = claimed.catch(() => undefined);
    return claimed;
  }

  /** Whether claiming is blocked: a suspect runs, or waits for running tasks to end. */
  get isBlocked(): boolean {
    const { solitude } = this.#parts;
    return solitude.isWanted || (this.#suspect !== null && !solitude.isEmpty);
  }

  /** Waits for a change that may have ended the block, at most until it is time to look whether the suspect still waits. Never rejects. */
  async lookAgain(changed: Promise<void>): Promise<void> {
    const { clock, solitude } = this.#parts;
    await within(clock, SUSPECT_SEEN_MS, Promise.race([changed, solitude.change()]));
    await this.lookForSuspect();
  }

  /** Looks whether the awaited suspect still waits, at most once a second: another process may have taken it. Never rejects. */
  async lookForSuspect(): Promise<void> {
    const { tasks, clock, internalErrors } = this.#parts;
    const suspect = this.#suspect;
    if (suspect === null || clock.monotonic() - this.#suspectSeenAt < SUSPECT_SEEN_MS) return;
    this.#suspectSeenAt = clock.monotonic();
    const waits = await tasks
      .find(null, suspect, 'head')
      .then(async (task) => task?.state === 'waiting' && (await this.#parts.rules.openQueues([task.queue])).length > 0)
      .catch((error: unknown) => {
        internalErrors.note('claim', error);
        return true;
      });
    if (!waits && this.#suspect === suspect) this.#suspect = null;
  }

  /** Ends the search for unanswered claims. */
  close(): void {
    this.#closed = true;
  }

  async #claim(wish: ClaimWish, asked: number): Promise<Claimed> {
    const queues = await this.#parts.rules.openQueues(wish.queues);
    const key = queues.join('\n');
    const sentAt = this.#parts.clock.monotonic();
    if (queues.length === 0 || this.isBlocked || asked <= (this.#emptyAt.get(key) ?? 0)) return { tasks: [], sentAt };
    const token = randomUUID();
    const askedBefore = this.#asked;
    const tasks = await this.#send({ ...wish, queues }, token);
    if (tasks.length === 0 && this.#suspect === null) this.#noteEmpty(key, askedBefore);
    return { tasks: await this.#withoutBusy(tasks, token), sentAt };
  }

  /** Records an empty claim. Forgetting one costs only a claim. Sets of queues come and go with pauses and short-lived workers. */
  #noteEmpty(key: string, asked: number): void {
    if (this.#emptyAt.size >= EMPTY_KNOWN) this.#emptyAt.clear();
    this.#emptyAt.set(key, asked);
  }

  async #send(wish: ClaimWish, token: string): Promise<Task[]> {
    const { tasks, leases, solitude, clock } = this.#parts;
    const deadlineMs = Math.floor(Math.min(CLAIM_DEADLINE_MS, wish.leaseMs / 3));
    try {
      const claim = await tasks.claim({ ...wish, token, deadlineMs, alone: solitude.isEmpty, except: leases.exceptions });
      this.#suspect = claim.suspect;
      this.#suspectSeenAt = clock.monotonic();
      return claim.tasks;
    } catch (error) {
      // The claim may have left for the server as late as now, and the server stops working on it after its deadline.
      const found = await this.#lookFor(token, wish.queues, clock.monotonic() + deadlineMs + CLAIM_MARGIN_MS);
      if (found.length > 0) return found;
      throw error;
    }
  }

  async #lookFor(token: string, queues: readonly string[], surelyOverAt: number): Promise<Task[]> {
    const { clock, random, internalErrors } = this.#parts;
    for (let tries = 0; ; tries += 1) {
      const askedAt = clock.monotonic();
      const found = await this.#confirmed(token, queues).catch((error: unknown) => {
        internalErrors.note('claim', error);
        return isUnanswered(error) ? null : [];
      });
      if (this.#closed) return found ?? [];
      if (found !== null && askedAt >= surelyOverAt) return found;
      const untilOverMs = surelyOverAt - clock.monotonic();
      await sleep(clock, found !== null && untilOverMs > 0 ? untilOverMs : callRetryDelay(tries, random));
    }
  }

  /** Returns the tasks under a token, after renewing them. A change of primary may undo what a read has found, but not what was renewed after it. */
  async #confirmed(token: string, queues: readonly string[]): Promise<Task[]> {
    const { tasks } = this.#parts;
    const found = await tasks.held({ token, queues });
    if (found.length === 0) return found;
    const renewed = await tasks.renew(found.map(({ id, queue }) => ({ id, queue, token })));
    return found.filter((_, index) => renewed[index]);
  }

  /**
   * Releases tasks of which this process still runs an earlier attempt or has not settled it.
   *
   * If the outcome of that attempt made the task wait again, its answer is about to arrive: the task was claimed between the write and the answer.
   */
  async #withoutBusy(tasks: readonly Task[], token: string): Promise<readonly Task[]> {
    const { leases, settler } = this.#parts;
    const isBusy = ({ id }: Task): boolean => leases.isBusy(id);
    if (!tasks.some(isBusy)) return tasks;
    await leases.untilReturned(tasks, BUSY_DELAY_MS);
    const busy = tasks.filter(isBusy);
    const change = { state: 'waiting', delayMs: BUSY_DELAY_MS } as const;
    await Promise.all(busy.map(({ id, queue }) => settler.giveBack({ id, queue, guard: { token }, change, by: token })));
    return tasks.filter((task) => !busy.includes(task));
  }
}
