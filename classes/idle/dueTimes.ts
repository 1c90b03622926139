import { LONGEST_TIMER_MS, PAGE_TASKS, SECOND } from '../../constants/limits';
import { groupBy } from '../../modules/values/groupBy';
import { Batch } from '../async/batch';
import type { QueueRules } from '../flow/queueRules';
import { isNamed, isPattern } from '../../modules/ports/queuePatterns';
import type { TaskStore } from '../../modules/ports/taskStore';
import { asMicrotask } from '../../modules/time/clock';

/** Maximum age of the known pauses in a look. The claim that follows has newer ones. */
const PAUSES_KNOWN_MS = 1.5 * SECOND;

type Queues = readonly string[];

/**
 * Finds out when the next task is due, for all workers of this process. Requests at the same time for the same queues share one look.
 *
 * A request during a look waits for the next look: the current one may have missed what the worker was woken for.
 */
export class DueTimes {
  readonly #tasks: TaskStore;
  readonly #rules: QueueRules;
  readonly #looks: Batch<Queues, number>;

  constructor(tasks: TaskStore, rules: QueueRules) {
    this.#tasks = tasks;
    this.#rules = rules;
    this.#looks = new Batch((wanted) => this.#look(wanted), asMicrotask, PAGE_TASKS);
  }

  /**
   * Returns the milliseconds until the next waiting task of the unpaused queues is due, 0 for now.
   *
   * @throws the error of the store.
   */
  nextMs(queues: Queues): Promise<number> {
    return this.#looks.push(queues);
  }

  async #look(wanted: readonly Queues[]): Promise<number[]> {
    const alike = groupBy(wanted, keyOf);
    const dueMs = new Map(await Promise.all(Array.from(alike, async ([key, [queues = []]]) => [key, await this.#ask(queues)] as const)));
    return wanted.map((queues) => dueMs.get(keyOf(queues)) ?? LONGEST_TIMER_MS);
  }

  async #ask(queues: Queues): Promise<number> {
    const open = await this.#rules.openQueues(queues, PAUSES_KNOWN_MS);
    const dueMs = open.length === 0 ? null : await this.#tasks.nextDueMs(open, await this.#except(open));
    return Math.min(dueMs ?? LONGEST_TIMER_MS, LONGEST_TIMER_MS);
  }

  /** Returns the paused queues that a pattern names. */
  async #except(queues: Queues): Promise<Queues> {
    if (!queues.some(isPattern)) return [];
    return [...(await this.#rules.paused())].filter((queue) => isNamed(queues, queue));
  }
}

/** Queue names contain no control characters. */
const keyOf = (queues: Queues): string => queues.join('\n');
