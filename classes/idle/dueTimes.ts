import { LONGEST_TIMER_MS, PAGE_TASKS } from '../../constants/limits';
import { groupBy } from '../../modules/values/groupBy';
import { Batch } from '../async/batch';
import type { QueueRules } from '../flow/queueRules';
import type { TaskStore } from '../../modules/ports/taskStore';

type Queues = readonly string[];

/**
 * Tells when the next task is due, for all workers of this process: those who ask at the same time for the same queues share one look.
 *
 * Who asks while a look is under way waits for the next one: the one under way may have missed what the asker was woken for.
 */
export class DueTimes {
  readonly #tasks: TaskStore;
  readonly #rules: QueueRules;
  readonly #looks: Batch<Queues, number>;

  constructor(tasks: TaskStore, rules: QueueRules) {
    this.#tasks = tasks;
    this.#rules = rules;
    this.#looks = new Batch((wanted) => this.#look(wanted), queueMicrotask, PAGE_TASKS);
  }

  /**
   * Returns in how many milliseconds the next waiting task of those queues that are not paused is due, 0 for now.
   *
   * @throws what the store throws.
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
    const open = await this.#rules.openQueues(queues);
    const dueMs = open.length === 0 ? null : await this.#tasks.nextDueMs(open);
    return Math.min(dueMs ?? LONGEST_TIMER_MS, LONGEST_TIMER_MS);
  }
}

/** No name of a queue holds a control character. */
const keyOf = (queues: Queues): string => queues.join('\n');
