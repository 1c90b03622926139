import { randomUUID } from 'node:crypto';
import { LOWEST_PRIORITY, SECOND } from '../../constants/limits';
import { sleep, within } from '../../modules/time/clock';
import type { Clock, Random } from '../../modules/time/clock';
import { isUnanswered } from '../../modules/errors/holdfastError';
import { callRetryDelay } from '../../modules/time/callRetryDelay';
import type { Task } from '../../modules/task/task';
import type { Shares, TurnRule } from '../../modules/flow/fairShares';
import { haveCommon, isSeveral } from '../../modules/ports/queuePatterns';
import type { QueueRules } from '../flow/queueRules';
import type { InternalErrors } from '../observe/internalErrors';
import type { LeaseKeeper } from './leaseKeeper';
import type { Settler } from './settler';
import type { Solitude } from './solitude';
import { WaitingSuspect } from './waitingSuspect';
import type { QueueTurns } from '../flow/queueTurns';
import type { ClaimRequest, LeftIn, TaskStore } from '../../modules/ports/taskStore';

/** The longest time that a server may work on one claim. An unanswered claim has to be looked for that long. */
const CLAIM_DEADLINE_MS = 2 * SECOND;

/** The margin after the deadline, when the write is certainly over. */
const CLAIM_MARGIN_MS = 250;

/** The time limit for the outcome of a task that was claimed again, and the delay with which the task is released after it. */
const BUSY_DELAY_MS = 100;

/** Most times that one claim asks queues in vain. Others may take what is due as fast as it is found. */
const ROUNDS = 20;

/** Maximum number of sets of queues that are remembered as empty. */
const EMPTY_KNOWN = 100;

export interface ClaimWish extends Partial<TurnRule> {
  /** Names, and patterns such as `mail.*` and `*`. */
  readonly queues: readonly string[];
  readonly limit: number;
  readonly workerId: string;
  readonly leaseMs: number;
  /** True if the tasks run in other processes: then it is no matter of this claim which suspects run or wait here. */
  readonly isForOthers?: boolean;
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
  readonly turns: QueueTurns;
  readonly leases: LeaseKeeper;
  readonly settler: Settler;
  readonly solitude: Solitude;
  readonly internalErrors: InternalErrors;
  readonly clock: Clock;
  readonly random: Random;
}

/**
 * Claims for all workers of this process. Claims of the same queues are sent one at a time, because they would only compete with each other; a claim
 * does not wait for one of other queues.
 *
 * A claim is never sent again. An unanswered claim may have been carried out, so its token is looked for until the claim certainly cannot be under
 * way any more. The tasks that are found are the answer.
 */
export class Claimer {
  readonly #parts: ClaimerParts;
  /** The claims that wait or are under way, oldest first. */
  readonly #claims = new Set<PendingClaim>();
  /** The number of claims at the store. */
  #sent = 0;
  #closed = false;
  /** The number of claims at the store that may bring a suspect. */
  #sentAlone = 0;
  readonly #suspect: WaitingSuspect;
  #asked = 0;
  /** For each set of queues, the number of claims requested when the last empty claim was sent. */
  readonly #emptyAt = new Map<string, number>();

  constructor(parts: ClaimerParts) {
    this.#parts = parts;
    this.#suspect = new WaitingSuspect(parts.solitude, parts.clock);
  }

  /**
   * Claims up to `limit` tasks, none while a suspect has its time alone or waits for running tasks to end.
   *
   * A request made before another claim of the same queues was sent is answered by that claim if it was empty. So many workers that wake at once cost
   * two claims.
   *
   * @throws the error of the store, if nothing was claimed.
   */
  claim(wish: ClaimWish): Promise<Claimed> {
    const asked = (this.#asked += 1);
    const before = [...this.#claims].filter(({ queues }) => queues === wish.queues || haveCommon(queues, wish.queues)).map(({ over }) => over);
    const claimed = Promise.all(before).then(() => this.#claim(wish, asked));
    // The caller gets the error; the next claim only waits for its turn.
    const pending: PendingClaim = { queues: wish.queues, over: claimed.then(() => undefined, () => undefined).then(() => void this.#claims.delete(pending)) }; // prettier-ignore
    this.#claims.add(pending);
    return claimed;
  }

  /** Whether claiming is blocked: a suspect has its time alone, or waits for running tasks to end. */
  get isBlocked(): boolean {
    return this.#parts.solitude.isClosed;
  }

  /** Whether a suspect was passed over by the last claim of its queue. */
  get knowsSuspect(): boolean {
    return this.#suspect.isKnown;
  }

  /** Waits for a change that may let this process claim again, at most a second. Never rejects. */
  async lookAgain(changed: Promise<void>): Promise<void> {
    const { clock, solitude } = this.#parts;
    await within(clock, SECOND, Promise.race([changed, solitude.change()]));
  }

  /** Ends the search for unanswered claims. */
  close(): void {
    this.#closed = true;
  }

  async #claim(wish: ClaimWish, asked: number): Promise<Claimed> {
    const paused = await this.#parts.rules.paused();
    const queues = paused.size === 0 ? wish.queues : wish.queues.filter((queue) => !paused.has(queue));
    const key = queues.join('\n');
    const sentAt = this.#parts.clock.monotonic();
    if (queues.length === 0 || (this.isBlocked && !wish.isForOthers) || asked <= (this.#emptyAt.get(key) ?? 0)) return { tasks: [], sentAt };
    const askedBefore = this.#asked;
    const send = () => (isSeveral(queues) ? this.#claimInTurn(wish, paused) : this.#send({ ...wish, queues }));
    let claimed = await send();
    if (!claimed?.tasks.length && !wish.isForOthers && this.#suspect.isNext()) claimed = await send();
    if (!claimed || claimed.tasks.length === 0) {
      if (!this.#suspect.isKnown && !this.isBlocked) this.#noteEmpty(key, askedBefore);
      return { tasks: [], sentAt };
    }
    return { tasks: await this.#withoutBusy(claimed), sentAt: claimed.sentAt };
  }

  /**
   * Claims from several queues: from those that have something due, by their turns. What was due may be gone, so it asks until it has something, or
   * nothing is known to be due.
   */
  async #claimInTurn(wish: ClaimWish, paused: ReadonlySet<string>): Promise<SentClaim | null> {
    const { turns } = this.#parts;
    const { weightOf = () => 1, placeOf } = wish;
    const ask = { queues: wish.queues, slots: wish.limit, weightOf, placeOf, isOpen: (queue: string) => !paused.has(queue) };
    for (let round = 0; ; round += 1) {
      const shares = this.#suspectAlone(wish, paused) ?? (round < ROUNDS ? await turns.next(ask, round > 0) : null);
      if (!shares || this.isBlocked) return null;
      const { queues, limits, worst } = shares;
      const claimed = await this.#send({ ...wish, queues, limit: sum(limits), shares: limits, worst });
      turns.note(ask, countsOf(claimed.tasks), claimed.left);
      if (claimed.tasks.length > 0 || this.#suspect.isKnown) return claimed;
    }
  }

  /** Asks only the queue in which a suspect waits, once it may be taken. */
  #suspectAlone({ queues }: ClaimWish, paused: ReadonlySet<string>): Shares | null {
    return this.#mayTakeSuspect ? this.#suspect.shareOf(queues, paused) : null;
  }

  /** Whether the next claim may bring a suspect. Two at once could bring two. */
  get #mayTakeSuspect(): boolean {
    const { isEmpty } = this.#parts.solitude;
    return (isEmpty ? this.#sent : this.#sentAlone) === 0 && this.#suspect.mayBeTaken;
  }

  /** Records an empty claim. Forgetting one costs only a claim. Sets of queues come and go with pauses and short-lived workers. */
  #noteEmpty(key: string, asked: number): void {
    if (this.#emptyAt.size >= EMPTY_KNOWN) this.#emptyAt.clear();
    this.#emptyAt.set(key, asked);
  }

  async #send(wish: SentWish): Promise<SentClaim> {
    const { tasks, leases, solitude, clock } = this.#parts;
    const { queues, limit, workerId, leaseMs, shares, worst, isForOthers = false } = wish;
    const deadlineMs = isForOthers ? CLAIM_DEADLINE_MS : Math.floor(Math.min(CLAIM_DEADLINE_MS, leaseMs / 3));
    const token = randomUUID();
    const sentAt = clock.monotonic();
    const [alone, beside] = isForOthers ? [false, false] : [this.#mayTakeSuspect, solitude.hasSuspect];
    const several = shares ? { shares, worst: worst ?? LOWEST_PRIORITY } : {};
    this.#sent += 1;
    this.#sentAlone += Number(alone);
    try {
      const request = { queues, limit, ...several, token, workerId, leaseMs, deadlineMs, alone, beside, except: leases.exceptions };
      const claim = await tasks.claim(request);
      if (!isForOthers) this.#suspect.note(claim, queues);
      return { tasks: claim.tasks, token, sentAt, left: claim.left ?? queues.map((queue) => ({ queue, priority: null })) };
    } catch (error) {
      const mayBeginUntil = Math.max(clock.monotonic(), sentAt + deadlineMs / 2);
      const found = await this.#lookFor(token, queues, mayBeginUntil + deadlineMs + CLAIM_MARGIN_MS);
      if (found.length > 0) return { tasks: found, token, sentAt, left: [] };
      throw error;
    } finally {
      this.#sent -= 1;
      this.#sentAlone -= Number(alone);
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
      // What is found is renewed at each look, so that no lease ends while others may still come.
      const waitMs = Math.min(untilOverMs, ...(found ?? []).map(({ lease }) => (lease?.ms ?? Infinity) / 3));
      await sleep(clock, found !== null && untilOverMs > 0 ? waitMs : callRetryDelay(tries, random));
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
  async #withoutBusy({ tasks, token }: SentClaim): Promise<readonly Task[]> {
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

/** A claim that waits for its turn or is under way. */
interface PendingClaim {
  readonly queues: readonly string[];
  readonly over: Promise<void>;
}

/** A wish as it is sent: for queues by name, each with its share if there are several to choose from. */
type SentWish = ClaimWish & Partial<Pick<ClaimRequest, 'shares' | 'worst'>>;

/** The answer to a sent claim. */
interface SentClaim extends Claimed {
  readonly token: string;
  readonly left: readonly LeftIn[];
}

const sum = (numbers: readonly number[]): number => numbers.reduce((total, number) => total + number, 0);

/** Counts tasks by queue. */
function countsOf(tasks: readonly Task[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const { queue } of tasks) counts.set(queue, (counts.get(queue) ?? 0) + 1);
  return counts;
}
