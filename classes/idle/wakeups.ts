import type { Hint } from '../../modules/ports/hint';
import type { Unwatch, TaskStore } from '../../modules/ports/taskStore';
import type { Clock, Random } from '../../modules/time/clock';
import type { QueueTurns } from '../flow/queueTurns';
import { Spread } from './hintSpread';
import { LookBudget } from './lookBudget';
import { WaitGroup } from './waitGroup';
import type { DueReason, WakeReason } from './waitGroup';

/** Sets of queues that are remembered. Those of workers that are gone are forgotten first. */
const GROUPS = 100;

/** Someone who waits for tasks of queues that may change at any time. It is told of every hint for one of them. */
export interface Listener {
  serves(queue: string): boolean;
  hear(hint: Hint): void;
}

/** The parts of Wakeups. */
export interface WakeupsParts {
  readonly tasks: Pick<TaskStore, 'watch'>;
  /** What is known of several queues: it hears of those with something due. */
  readonly turns?: Pick<QueueTurns, 'cameIn'>;
  /** The most looks a second in vain. */
  readonly looksPerSecond: number;
  readonly clock: Clock;
  readonly random: Random;
}

/**
 * Wakes an idle worker when there may be work for it: one that serves the queue, when the task is due. A worker whose claim filled its room passes
 * the hint on, so a task wakes one worker and a thousand wake as many as they need.
 *
 * Correctness rests on polling; this is only a hint. The database is watched only while a worker waits.
 */
export class Wakeups {
  readonly #tasks: Pick<TaskStore, 'watch'>;
  readonly #turns: Pick<QueueTurns, 'cameIn'> | undefined;
  readonly #clock: Clock;
  readonly #groups = new Map<string, WaitGroup>();
  readonly #spread: Spread;
  readonly #budget: LookBudget;
  /** What the next delivery wakes: workers of these groups, of these queues, and of all. */
  readonly #due = new Map<WaitGroup, DueReason>();
  readonly #queues = new Set<string>();
  readonly #listeners = new Set<Listener>();
  #isForAll = false;
  #isUnderWay = false;
  #waiting = 0;
  #unwatch: Unwatch | undefined;

  constructor({ tasks, turns, looksPerSecond, clock, random }: WakeupsParts) {
    this.#tasks = tasks;
    this.#turns = turns;
    this.#clock = clock;
    this.#spread = new Spread(random);
    this.#budget = new LookBudget(looksPerSecond, clock);
  }

  /** Whether a worker waits, so that a hint may wake one. */
  get isAwaited(): boolean {
    return this.#waiting > 0;
  }

  /** Returns the group of the workers that serve these queues. */
  groupOf(queues: readonly string[]): WaitGroup {
    // Queue names contain no control characters.
    const key = queues.join('\n');
    let group = this.#groups.get(key);
    if (!group) {
      if (this.#groups.size >= GROUPS) for (const [other, { isActive }] of this.#groups) if (!isActive) this.#groups.delete(other);
      group = new WaitGroup(queues, this.#clock, (due, reason) => this.#onDue(due, reason));
      this.#groups.set(key, group);
    }
    return group;
  }

  /** Waits in a group until there may be work, but no longer than the delay. Returns at once if there was a hint since `heard`. */
  async wait(group: WaitGroup, delayMs: number, heard = group.heard, onWaiting: (wake: () => void) => void = () => undefined): Promise<WakeReason> {
    if (heard !== group.heard) return 'hint';
    this.#waiting += 1;
    const { ended, wake } = group.wait(delayMs, () => {
      this.#waiting -= 1;
      this.#watchWhileAwaited();
    });
    onWaiting(() => wake('time'));
    this.#watchWhileAwaited();
    return ended;
  }

  /** Tells a listener of every hint, until the function that is returned is called. */
  listen(listener: Listener): Unwatch {
    this.#listeners.add(listener);
    this.#waiting += 1;
    this.#watchWhileAwaited();
    return () => {
      if (!this.#listeners.delete(listener)) return;
      this.#waiting -= 1;
      this.#watchWhileAwaited();
    };
  }

  /** Tells of a task that this process has made due, now or later. */
  tell(hint: Hint): void {
    const { queue, dueInMs } = hint;
    this.#tellListeners(hint);
    if (dueInMs > 0) return this.#noteDue(queue, dueInMs);
    if (queue !== null) this.#turns?.cameIn(queue);
    for (const group of this.#toWake(queue)) group.wakeOne('work');
  }

  /** Tells of tasks that may be due. */
  hint(hint: Hint): void {
    const { queue, dueInMs, isShared } = hint;
    this.#tellListeners(hint);
    if (dueInMs > 0) return this.#noteDue(queue, dueInMs);
    if (queue !== null) this.#turns?.cameIn(queue);
    if (this.#toWake(queue).length === 0) return;
    if (queue === null) this.#isForAll = true;
    else this.#queues.add(queue);
    this.#deliver(isShared ? this.#spread.delayMs() : 0);
  }

  /** Records what a claim brought, and whether other processes were after the same tasks. */
  noteClaim(claimed: number, isRace: boolean): void {
    this.#budget.giveBack(claimed);
    if (!isRace) return;
    this.#spread.note(claimed > 0);
    if (claimed === 0) this.#budget.take();
  }

  /** Records a look that no hint has asked for. */
  noteLook(): void {
    this.#budget.take();
  }

  #tellListeners(hint: Hint): void {
    for (const listener of this.#listeners) if (hint.queue === null || listener.serves(hint.queue)) listener.hear(hint);
  }

  #onDue(group: WaitGroup, reason: DueReason): void {
    this.#due.set(group, reason);
    this.#deliver(reason === 'due' ? this.#spread.delayMs() : 0);
  }

  #noteDue(queue: string | null, dueInMs: number): void {
    for (const group of this.#serving(queue)) group.noteDue(dueInMs);
  }

  /** Delivers what has been heard: other processes hear of the same change at the same moment, and looks in vain have a limit. */
  #deliver(spreadMs: number): void {
    if (this.#isUnderWay) return;
    const delayMs = Math.max(spreadMs, this.#budget.delayMs);
    if (delayMs === 0) return this.#deliverNow();
    this.#isUnderWay = true;
    this.#clock.after(
      delayMs,
      () => {
        this.#isUnderWay = false;
        this.#deliverNow();
      },
      'idle',
    );
  }

  #deliverNow(): void {
    const woken = new Map<WaitGroup, WakeReason>();
    for (const [group, reason] of this.#due)
      woken.set(group, reason === 'due' && this.#spread.isNarrow ? reason : reason === 'due' ? 'hint' : reason);
    const queues = this.#isForAll ? [null] : [...this.#queues];
    for (const queue of queues) for (const group of this.#toWake(queue)) if (!woken.has(group)) woken.set(group, 'hint');
    this.#due.clear();
    this.#queues.clear();
    this.#isForAll = false;
    for (const [group, reason] of woken) {
      this.#budget.take();
      group.wakeOne(reason);
    }
  }

  /** Returns the groups of which a worker is to be woken: of those that serve a queue one with a waiting worker, else those that now look. */
  #toWake(queue: string | null): WaitGroup[] {
    const serving = this.#serving(queue);
    if (queue === null) return serving;
    const waiting = serving.find(({ isWaiting }) => isWaiting);
    return waiting ? [waiting] : serving;
  }

  #serving(queue: string | null): WaitGroup[] {
    return [...this.#groups.values()].filter((group) => group.isActive && (queue === null || group.serves(queue)));
  }

  #watchWhileAwaited(): void {
    if (this.#waiting > 0) this.#unwatch ??= this.#tasks.watch?.((hint) => this.hint(hint));
    // A woken worker that finds nothing waits again at once. Stopping and restarting the watch in between would miss changes.
    else this.#clock.soon(() => this.#stopIdleWatch());
  }

  #stopIdleWatch(): void {
    if (this.#waiting > 0) return;
    this.#unwatch?.();
    this.#unwatch = undefined;
  }
}
