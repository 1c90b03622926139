import { COMMAND_BYTES } from '../../constants/limits';
import { changeBytes } from '../../modules/task/changeBytes';
import { sleep } from '../../modules/time/clock';
import type { Clock, Random } from '../../modules/time/clock';
import { isUnanswered } from '../../modules/errors/holdfastError';
import { callRetryDelay } from '../../modules/time/callRetryDelay';
import type { InternalErrors } from '../observe/internalErrors';
import { Batch } from '../async/batch';
import type { SettleAnswer, Settlement, TaskStore } from '../../modules/ports/taskStore';

/**
 * The answer to a settlement. `unknown`: the store has not answered, and is no longer asked. `refused`: it has answered with an error each time, also to
 * this one alone.
 */
export type Settled = SettleAnswer | 'refused';

/** Maximum number of outcomes in one batch, which is also bounded by bytes. On SQLite each batch is a transaction, and one of 2,000 takes a tenth less time than two of 1,000. */
const SETTLE_TASKS = 2_000;

/** The number of times that a settlement is sent if the store answers with an error. */
const REFUSALS = 5;

/** Writes outcomes in batches. What the store has not answered is sent again, because a settlement is idempotent by its `by`. */
export class Settler {
  readonly #tasks: TaskStore;
  readonly #internalErrors: InternalErrors;
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #outcomes: Batch<Settlement, Settled>;
  readonly #returns: Batch<Settlement, Settled>;
  #givenUp = false;

  constructor(tasks: TaskStore, internalErrors: InternalErrors, clock: Clock, random: Random) {
    this.#tasks = tasks;
    this.#internalErrors = internalErrors;
    this.#clock = clock;
    this.#random = random;
    const newBatch = (): Batch<Settlement, Settled> =>
      new Batch(
        (settlements) => this.#send(settlements),
        (callback) => clock.soon(callback),
        SETTLE_TASKS,
        1,
        { most: COMMAND_BYTES, weigh: ({ change }) => changeBytes(change) },
      );
    this.#outcomes = newBatch();
    this.#returns = newBatch();
  }

  /** Writes an outcome, and calls back when the store has answered. It returns no promise, because this is the hot path. */
  submit(settlement: Settlement, onAnswer: (answer: Settled) => void): void {
    this.#outcomes.add(settlement, onAnswer, () => onAnswer('unknown'));
  }

  /**
   * Releases a task that was claimed while an earlier outcome of it may be waiting here. It goes in batches of its own, so that the next claim does
   * not wait for a batch that is sent again. It resolves when the store has answered, and never rejects.
   */
  giveBack(settlement: Settlement): Promise<Settled> {
    return this.#returns.push(settlement);
  }

  /** Resolves when every outcome has been answered. */
  async idle(): Promise<void> {
    await Promise.all([this.#outcomes.idle(), this.#returns.idle()]);
  }

  /** Stops retrying unanswered settlements. */
  giveUp(): void {
    this.#givenUp = true;
  }

  /** Sends settlements until each is answered. What the store has answered is not sent again. */
  async #send(settlements: readonly Settlement[]): Promise<readonly Settled[]> {
    for (let tries = 0, refusals = 0; ; tries += 1) {
      try {
        const answers = await this.#tasks.settle(settlements);
        return answers.includes('unknown') ? await this.#sendRest(settlements, answers) : answers;
      } catch (error) {
        this.#internalErrors.note('settle', error);
        if (!isUnanswered(error)) refusals += 1;
        if (this.#givenUp) return settlements.map(() => 'unknown');
        if (refusals >= REFUSALS) return settlements.length === 1 ? ['refused'] : this.#sendOneByOne(settlements);
        await sleep(this.#clock, callRetryDelay(tries, this.#random));
      }
    }
  }

  async #sendRest(settlements: readonly Settlement[], answers: readonly SettleAnswer[]): Promise<readonly Settled[]> {
    const later = (await this.#send(settlements.filter((_, index) => answers[index] === 'unknown'))).values();
    return answers.map((answer) => (answer === 'unknown' ? (later.next().value as Settled) : answer));
  }

  /** A settlement that the store refuses must not block the others of its batch. */
  async #sendOneByOne(settlements: readonly Settlement[]): Promise<readonly Settled[]> {
    const answers: Settled[] = [];
    for (const settlement of settlements) answers.push(...(await this.#send([settlement])));
    return answers;
  }
}
