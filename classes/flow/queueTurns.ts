import { SECOND } from '../../constants/limits';
import { fairShares, turnsAfter } from '../../modules/flow/fairShares';
import type { Shares, TurnRule } from '../../modules/flow/fairShares';
import type { DueQueue, QueueLook } from '../../modules/ports/queueLook';
import { isNamed } from '../../modules/ports/queuePatterns';
import { within } from '../../modules/time/clock';
import type { LeftIn } from '../../modules/ports/taskStore';
import type { Clock, Random } from '../../modules/time/clock';

/** Time from one look to the next. A better priority that came in unseen is taken within it. */
const LOOK_EVERY_MS = SECOND / 4;

/** The same while queues with something due are known: the look then goes on beside the claims. */
const REFRESH_AFTER_MS = SECOND / 5;

/** Most sets of queues that are remembered. A forgotten one costs a look. */
const SETS = 100;

/** A request for the next turns. */
export interface TurnWish extends TurnRule {
  /** Names, and patterns such as `mail.*` and `*`. */
  readonly queues: readonly string[];
  readonly slots: number;
  /** Tells whether a queue may be served now. */
  readonly isOpen: (queue: string) => boolean;
}

/**
 * Answers for this process which queues have something due, best priority first, and whose turn it is.
 *
 * What a look has found is used until it is used up. A look costs one command, and comes at most four times a second.
 */
export class QueueTurns {
  readonly #looks: Pick<QueueLook, 'due'>;
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #sets = new Map<string, QueueSet>();
  readonly #keys = new WeakMap<readonly string[], string>();

  constructor(looks: Pick<QueueLook, 'due'>, clock: Clock, random: Random) {
    this.#looks = looks;
    this.#clock = clock;
    this.#random = random;
  }

  /**
   * Returns what to ask for next; null if nothing is due.
   *
   * @param isKnown returns null where nothing is known to be due, and does not look again.
   * @throws the error of the store.
   */
  async next(wish: TurnWish, isKnown = false): Promise<Shares | null> {
    const set = this.#setOf(wish.queues);
    const askedAt = this.#clock.monotonic();
    let due = set.dueFor(wish);
    if (due.length > 0) set.refresh();
    // A look that began before may have missed what this request is for.
    while (due.length === 0 && !isKnown && set.lookedAt < askedAt) {
      await set.lookInTime();
      due = set.dueFor(wish);
    }
    return due.length === 0 ? null : fairShares(due, wish.slots, set.turns, wish);
  }

  /** Notes the answer to a claim: what it brought, and what it left in the queues that it asked. */
  note(wish: TurnWish, served: ReadonlyMap<string, number>, left: readonly LeftIn[]): void {
    this.#setOf(wish.queues).note(served, left, wish);
  }

  /** Notes that a task of a queue is due now, so that it need not be found by a look. */
  cameIn(queue: string): void {
    for (const set of this.#sets.values()) set.cameIn(queue);
  }

  #setOf(queues: readonly string[]): QueueSet {
    const key = this.#keyOf(queues);
    let set = this.#sets.get(key);
    if (!set) this.#sets.set(key, (set = new QueueSet(queues, this.#looks, this.#clock, this.#random)));
    if (this.#sets.size > SETS) this.#sets.delete(this.#sets.keys().next().value as string);
    return set;
  }

  /** Workers with the same queues share what is known. Queue names contain no control characters. */
  #keyOf(queues: readonly string[]): string {
    let key = this.#keys.get(queues);
    if (key === undefined) this.#keys.set(queues, (key = queues.join('\n')));
    return key;
  }
}

/** What is known of one set of queues. */
class QueueSet {
  readonly #queues: readonly string[];
  readonly #looks: Pick<QueueLook, 'due'>;
  readonly #clock: Clock;
  readonly #random: Random;
  /** The best priority by queue. */
  #due = new Map<string, number>();
  #turns = new Map<string, number>();
  /** The beginning of the last look. */
  lookedAt = -Infinity;
  #looking: Promise<void> | undefined;
  /** Ends the wait for the next look. */
  #tell: (() => void) | undefined;
  /** The queues that came in, or were used up, while a look was under way: it may have read them before. */
  #changed = new Set<string>();

  constructor(queues: readonly string[], looks: Pick<QueueLook, 'due'>, clock: Clock, random: Random) {
    this.#queues = queues;
    this.#looks = looks;
    this.#clock = clock;
    this.#random = random;
  }

  get turns(): ReadonlyMap<string, number> {
    return this.#turns;
  }

  dueFor({ isOpen }: TurnWish): DueQueue[] {
    const due: DueQueue[] = [];
    for (const [queue, priority] of this.#due) if (isOpen(queue)) due.push({ queue, priority });
    return due;
  }

  /** Looks as soon as a look is due, or returns when a task is told before that. */
  lookInTime(): Promise<void> {
    this.#looking ??= this.#lookWhenDue().finally(() => (this.#looking = undefined));
    return this.#looking;
  }

  /** Looks beside the claims, if the last look is long ago. The monitor of the store tells of a failure, and the next look shows it to a claim. */
  refresh(): void {
    if (this.#looking || this.#clock.monotonic() - this.lookedAt < REFRESH_AFTER_MS) return;
    this.#looking = this.#look()
      .catch(() => undefined)
      .finally(() => (this.#looking = undefined));
  }

  note(served: ReadonlyMap<string, number>, left: readonly LeftIn[], rule: TurnRule): void {
    this.#turns = turnsAfter(this.#turns, served, rule);
    for (const { queue, priority } of left) {
      this.#changed.add(queue);
      if (priority === null) this.#due.delete(queue);
      else this.#due.set(queue, priority);
    }
  }

  /** The priority is not told, so the best is supposed: the claim then tells the true one. A better one in a queue that is known is left to a look. */
  cameIn(queue: string): void {
    if (this.#due.has(queue) || !isNamed(this.#queues, queue)) return;
    this.#changed.add(queue);
    this.#begin(queue);
    this.#due.set(queue, 0);
    this.#tell?.();
  }

  async #lookWhenDue(): Promise<void> {
    const waitMs = this.lookedAt + LOOK_EVERY_MS - this.#clock.monotonic();
    let isTold = false;
    const told = new Promise<void>((resolve) => {
      this.#tell = () => {
        isTold = true;
        resolve();
      };
    });
    if (waitMs > 0) await within(this.#clock, waitMs, told);
    this.#tell = undefined;
    if (!isTold) await this.#look();
  }

  async #look(): Promise<void> {
    this.lookedAt = this.#clock.monotonic();
    this.#changed.clear();
    const found = await this.#looks.due(this.#queues);
    const due = new Map(found.map(({ queue, priority }) => [queue, priority]));
    for (const queue of this.#changed) {
      const priority = this.#due.get(queue);
      if (priority === undefined) due.delete(queue);
      else due.set(queue, Math.min(priority, due.get(queue) ?? priority));
    }
    for (const queue of due.keys()) this.#begin(queue);
    this.#due = due;
    this.#forgetIdle();
  }

  /** A queue that was idle has saved up no turns. A part of a turn by chance keeps processes from going through the queues in step. */
  #begin(queue: string): void {
    if (this.#due.has(queue)) return;
    const least = this.#leastTurns();
    this.#turns.set(queue, Math.max(this.#turns.get(queue) ?? 0, least) + (this.#turns.has(queue) ? 0 : this.#random()));
  }

  #leastTurns(): number {
    let least = Infinity;
    for (const queue of this.#due.keys()) least = Math.min(least, this.#turns.get(queue) ?? 0);
    return least === Infinity ? 0 : least;
  }

  /** Forgets the turns of queues in which nothing is due, once they would gain nothing by them. */
  #forgetIdle(): void {
    const least = this.#leastTurns();
    for (const [queue, had] of this.#turns) if (!this.#due.has(queue) && had <= least) this.#turns.delete(queue);
  }
}
