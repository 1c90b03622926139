import { randomUUID } from 'node:crypto';
import { VISIBILITY_SECONDS } from '../../constants/brokerLimits';
import { SECOND } from '../../constants/limits';
import { deadSettings } from '../../modules/broker/messageTask';
import type { Receipt } from '../../modules/broker/receipt';
import { HoldfastError } from '../../modules/errors/holdfastError';
import { hintOf } from '../../modules/ports/hint';
import type { MessageStore, Move } from '../../modules/ports/messageStore';
import type { Guard, TaskStore } from '../../modules/ports/taskStore';
import type { Change } from '../../modules/task/change';
import { historyAfterReceive } from '../../modules/task/history';
import { removeChange } from '../../modules/task/outcome';
import type { TaskHead } from '../../modules/task/task';
import { groupBy } from '../../modules/values/groupBy';
import { Batch } from '../async/batch';
import type { Wakeups } from '../idle/wakeups';
import type { Settled, Settler } from '../lease/settler';
import { FifoSettling } from './fifoSettling';
import type { FifoSettlingParts } from './fifoSettling';

/** Most renewals, or moves, of one call of the store. */
const AT_ONCE = 500;

/** The parts of a Settling. */
export interface SettlingParts extends FifoSettlingParts {
  readonly tasks: TaskStore;
  readonly messages: MessageStore;
  readonly settler: Settler;
  readonly wakeups: Wakeups;
  readonly callTimeoutMs: number;
}

/** The number of calls of the longest time for whose answer a consumer waits: with the defaults 20 s, in which a replica set elects a new primary. */
const CALLS = 4;

/** The time by which the clock of this process may be ahead of the store's: a bound of twelve hours is not refused for it. */
const CLOCK_MS = SECOND;

/** An extension of one receive. */
interface Extension {
  readonly receipt: Receipt;
  readonly ms: number;
}

/** What consumers do with messages that they hold, named by receipts. Calls at the same time share calls of the store. */
export class Settling {
  /** The same for FIFO queues. */
  readonly fifo: FifoSettling;
  readonly #parts: SettlingParts;
  readonly #extensions: Batch<Extension, boolean>;
  readonly #moves: Batch<Move, boolean>;
  #by: string | undefined;

  constructor(parts: SettlingParts) {
    this.#parts = parts;
    this.fifo = new FifoSettling(parts);
    const soon = (callback: () => void): void => parts.clock.soon(callback);
    this.#extensions = new Batch((extensions) => this.#renew(extensions), soon, AT_ONCE);
    this.#moves = new Batch((moves) => this.#move(moves), soon, AT_ONCE);
  }

  /** Removes a message that was processed. */
  ack(receipt: Receipt): Promise<void> {
    return receipt.isFifo ? this.fifo.change(receipt, { kind: 'remove' }) : this.#change(receipt, removeChange);
  }

  /** Gives a message back, to be received again after the delay. */
  async release(receipt: Receipt, delayMs: number): Promise<void> {
    if (receipt.isFifo) return this.fifo.change(receipt, { kind: 'wait', delayMs });
    const history = historyAfterReceive(receipt.attempt, receipt.receivedAtMs);
    await this.#change(receipt, { state: 'waiting', delayMs, ...(history === undefined ? {} : { history }) });
    this.#parts.wakeups.tell(hintOf(receipt.queue, delayMs));
  }

  /**
   * Sets the end of the visibility of a message, counted from now.
   *
   * @throws HOLDFAST_OPTION_INVALID past twelve hours from the receive, HOLDFAST_MESSAGE_NOT_IN_FLIGHT, _GONE or HOLDFAST_RECEIPT_STALE.
   */
  async extend(receipt: Receipt, ms: number): Promise<Date> {
    const nowMs = this.#parts.clock.now();
    const mostSeconds = VISIBILITY_SECONDS - Math.floor((nowMs - receipt.receivedAtMs) / SECOND);
    if (ms > VISIBILITY_SECONDS * SECOND - (nowMs - receipt.receivedAtMs - CLOCK_MS)) {
      const expected = `at most ${Math.max(0, mostSeconds)}, as a message is invisible for at most ${VISIBILITY_SECONDS} seconds after its receive`;
      throw new HoldfastError('HOLDFAST_OPTION_INVALID', { field: 'visibilityTimeoutSeconds', expected });
    }
    if (receipt.isFifo) {
      await this.fifo.extend(receipt, ms);
      return new Date(nowMs + ms);
    }
    if (await this.#extensions.push({ receipt, ms })) return new Date(nowMs + ms);
    await this.#current(receipt);
    throw new HoldfastError('HOLDFAST_MESSAGE_NOT_IN_FLIGHT');
  }

  /** Moves a message to a dead-letter queue. */
  async deadLetter(receipt: Receipt, to: string, reason: string, description: string | undefined): Promise<void> {
    const dead = { reason, ...(description === undefined ? {} : { description }), atMs: this.#parts.clock.now() };
    if (receipt.isFifo) return this.fifo.change(receipt, { kind: 'move', to, settings: deadSettings(await this.fifo.found(receipt), dead, false) });
    for (let guard: Guard = { token: receipt.token }; ;) {
      const head = await this.#current(receipt);
      const { id, queue } = receipt;
      if (head.state === 'waiting') guard = { state: 'waiting', rev: head.rev };
      if (await this.#moves.push({ id, queue, guard, to, settings: deadSettings(head, dead, false), by: randomUUID() })) break;
    }
    this.#parts.wakeups.tell(hintOf(to));
  }

  /** Moves a message by its head, and returns whether it was moved. */
  async moveTo(head: TaskHead, to: string, settings: TaskHead['settings']): Promise<boolean> {
    const { id, queue, lease, state, rev } = head;
    const guard: Guard = lease ? { token: lease.token } : { state, rev };
    const isMoved = await this.#moves.push({ id, queue, guard, to, settings, by: randomUUID() });
    if (isMoved) this.#parts.wakeups.tell(hintOf(to));
    return isMoved;
  }

  /**
   * Changes a message that the receipt names. After the end of its visibility it waits for the next consumer, and can still be changed until it has
   * one.
   */
  async #change(receipt: Receipt, change: Change): Promise<void> {
    const { id, queue, token } = receipt;
    for (let guard: Guard = { token }; ;) {
      const answer = await this.#settle({ id, queue, guard, change });
      if (answer === 'applied') return;
      if (answer === 'unknown' || answer === 'refused') throw new HoldfastError('HOLDFAST_STORE_TIMEOUT', { field: 'settle' });
      const { state, rev } = await this.#current(receipt);
      guard = state === 'waiting' ? { state, rev } : { token };
    }
  }

  /** Writes a change. What the store does not answer is sent again and again, as the outcomes of workers are, but nobody waits for it so long. */
  #settle(settlement: { readonly id: string; readonly queue: string; readonly guard: Guard; readonly change: Change }): Promise<Settled> {
    const { clock, settler, callTimeoutMs } = this.#parts;
    const by = this.#identity();
    return new Promise((resolve) => {
      const cancel = clock.after(CALLS * callTimeoutMs, () => resolve('unknown'));
      settler.submit({ ...settlement, by }, (answer) => {
        cancel();
        resolve(answer);
      });
    });
  }

  /** Changes of one turn have one writer, so that the store may apply them together. The next turn has another: a second ack is not the first one. */
  #identity(): string {
    if (this.#by === undefined) {
      this.#by = randomUUID();
      this.#parts.clock.soon(() => (this.#by = undefined));
    }
    return this.#by;
  }

  /**
   * Returns the head of a message, if nobody has received it since.
   *
   * @throws HOLDFAST_MESSAGE_GONE or HOLDFAST_RECEIPT_STALE.
   */
  async #current({ queue, id, attempt, token }: Receipt): Promise<TaskHead> {
    const head = await this.#parts.tasks.find(queue, id, 'head');
    if (!head || (head.state !== 'waiting' && head.state !== 'running')) throw new HoldfastError('HOLDFAST_MESSAGE_GONE');
    if (head.attempt !== attempt || (head.lease && head.lease.token !== token)) throw new HoldfastError('HOLDFAST_RECEIPT_STALE');
    return head;
  }

  async #renew(extensions: readonly Extension[]): Promise<boolean[]> {
    const answers = new Map<Extension, boolean>();
    for (const alike of groupBy(extensions, ({ ms }) => ms).values()) {
      const leases = alike.map(({ receipt: { id, queue, token } }) => ({ id, queue, token }));
      const [{ ms }] = alike as [Extension];
      const held = await this.#parts.tasks.renew(leases, { ms, isExact: true });
      alike.forEach((extension, at) => answers.set(extension, held[at] === true));
    }
    return extensions.map((extension) => answers.get(extension) === true);
  }

  async #move(moves: readonly Move[]): Promise<boolean[]> {
    return (await this.#parts.messages.move(moves)).map((answer) => answer === 'applied');
  }
}
