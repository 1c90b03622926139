import type { Receipt } from '../../modules/broker/receipt';
import { HoldfastError } from '../../modules/errors/holdfastError';
import type { FifoChange, FifoGuard, FifoSettlement, FifoStore } from '../../modules/ports/fifoStore';
import { hintOf } from '../../modules/ports/hint';
import type { Task } from '../../modules/task/task';
import { groupBy } from '../../modules/values/groupBy';
import type { Clock } from '../../modules/time/clock';
import { Batch } from '../async/batch';
import type { Wakeups } from '../idle/wakeups';

/** Most changes of one call of the store. */
const AT_ONCE = 500;

/** The parts of a FifoSettling. */
export interface FifoSettlingParts {
  readonly fifo: FifoStore;
  readonly wakeups: Pick<Wakeups, 'tell'>;
  readonly clock: Clock;
}

/** An extension of one receive. */
interface Extension {
  readonly receipt: Receipt;
  readonly ms: number;
}

/** What consumers do with messages of FIFO queues. A receipt works while its message is in flight, and no longer: then the group may go on. */
export class FifoSettling {
  readonly #parts: FifoSettlingParts;
  readonly #changes: Batch<FifoSettlement, boolean>;
  readonly #extensions: Batch<Extension, boolean>;
  /** Messages that are looked up in one turn are answered together: what is then done with them, such as a move, is done in the order of the calls. */
  readonly #finds: Batch<Receipt, Task | undefined>;

  constructor(parts: FifoSettlingParts) {
    this.#parts = parts;
    const soon = (callback: () => void): void => void parts.clock.soon(callback);
    this.#changes = new Batch((changes) => this.#settle(changes), soon, AT_ONCE);
    this.#extensions = new Batch((extensions) => this.#renew(extensions), soon, AT_ONCE);
    this.#finds = new Batch((receipts) => this.#find(receipts), soon, AT_ONCE);
  }

  /**
   * Changes a message that is in flight under a receipt.
   *
   * @throws HOLDFAST_MESSAGE_GONE or HOLDFAST_RECEIPT_STALE.
   */
  async change(receipt: Receipt, change: FifoChange): Promise<void> {
    const { id, queue, token } = receipt;
    if (!(await this.#changes.push({ id, queue, guard: { token }, change }))) await this.#refuse(receipt);
  }

  /** Changes a message if the guard holds. Returns whether it did. */
  changeIf({ id, queue }: Pick<Task, 'id' | 'queue'>, guard: FifoGuard, change: FifoChange): Promise<boolean> {
    return this.#changes.push({ id, queue, guard, change });
  }

  /**
   * Sets the end of the visibility of a message, counted from now.
   *
   * @throws HOLDFAST_MESSAGE_GONE or HOLDFAST_RECEIPT_STALE.
   */
  async extend(receipt: Receipt, ms: number): Promise<void> {
    if (!(await this.#extensions.push({ receipt, ms }))) await this.#refuse(receipt);
    if (ms === 0) this.#parts.wakeups.tell(hintOf(receipt.queue));
  }

  /** Returns a message that a receipt named, as it is now. */
  async found(receipt: Receipt): Promise<Task> {
    const task = await this.#finds.push(receipt);
    if (!task) throw new HoldfastError('HOLDFAST_MESSAGE_GONE');
    return task;
  }

  async #find(receipts: readonly Receipt[]): Promise<(Task | undefined)[]> {
    const found = new Map<string, Task>();
    for (const [queue, own] of groupBy(receipts, (receipt) => receipt.queue)) {
      const tasks = await this.#parts.fifo.find(queue, [...new Set(own.map(({ id }) => id))]);
      for (const task of tasks) found.set(task.id, task);
    }
    return receipts.map(({ id }) => found.get(id));
  }

  async #refuse(receipt: Receipt): Promise<never> {
    await this.found(receipt);
    throw new HoldfastError('HOLDFAST_RECEIPT_STALE');
  }

  /** A change may let a group go on, so whoever waits looks. */
  async #settle(changes: readonly FifoSettlement[]): Promise<boolean[]> {
    const answers = await this.#parts.fifo.settle(changes);
    const due = changes.map(({ queue, change }) => [queue, change.kind === 'wait' ? change.delayMs : 0] as const);
    for (const [queue, own] of groupBy(due, ([name]) => name))
      this.#parts.wakeups.tell(hintOf(queue, Math.min(...own.map(([, delayMs]) => delayMs))));
    for (const { change } of changes) if (change.kind === 'move') this.#parts.wakeups.tell(hintOf(change.to));
    return answers.map((answer) => answer === 'applied');
  }

  async #renew(extensions: readonly Extension[]): Promise<boolean[]> {
    const answers = new Map<Extension, boolean>();
    for (const [ms, alike] of groupBy(extensions, (extension) => extension.ms)) {
      const held = await this.#parts.fifo.renew(alike.map(({ receipt: { id, queue, token } }) => ({ id, queue, token })), ms); // prettier-ignore
      alike.forEach((extension, at) => answers.set(extension, held[at] === true));
    }
    return extensions.map((extension) => answers.get(extension) === true);
  }
}
