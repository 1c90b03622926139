import { randomUUID } from 'node:crypto';
import { receiveOptions } from '../../config/brokerOptions';
import type { ReceiveOptions } from '../../config/brokerOptions';
import { SECOND } from '../../constants/limits';
import type { ReceivedMessage } from '../../modules/broker/brokerTypes';
import { deadQueueOf } from '../../modules/broker/deadQueueOf';
import { deadSettings, isPastRetention, isSpent, messageOf } from '../../modules/broker/messageTask';
import { resolveOptions } from '../../modules/options/resolveOptions';
import type { FifoGuard, FifoStore } from '../../modules/ports/fifoStore';
import { hintOf } from '../../modules/ports/hint';
import type { RecordStore } from '../../modules/ports/recordStore';
import { historyAfterReceive, viewHistory } from '../../modules/task/history';
import { removeChange } from '../../modules/task/outcome';
import type { Lease, Task } from '../../modules/task/task';
import type { Settler } from '../lease/settler';
import type { Wakeups } from '../idle/wakeups';
import type { Emitter } from '../observe/emitter';
import type { InternalErrors } from '../observe/internalErrors';
import { Delivery } from './delivery';
import type { DeliveryParts } from './delivery';
import type { Receive } from './poll';
import type { Expiries } from './expiries';
import { AttemptBook } from './attemptBook';
import { FifoDelivery } from './fifoDelivery';
import type { FifoDeliveryParts } from './fifoDelivery';
import { isFifo } from './queueBook';
import type { QueueBook, QueueEntry } from './queueBook';
import type { ReceiptBook } from './receiptBook';
import type { Settling } from './settling';

/** The parts of a Receiving. */
export interface ReceivingParts extends Omit<DeliveryParts & FifoDeliveryParts, 'sort' | 'giveBack' | 'wakeups' | 'internalErrors' | 'fifo'> {
  readonly fifo: FifoStore;
  readonly records: Pick<RecordStore, 'read' | 'write'>;
  readonly book: QueueBook;
  readonly receipts: ReceiptBook;
  readonly settling: Settling;
  readonly expiries: Pick<Expiries, 'plan'>;
  readonly settler: Pick<Settler, 'giveBack'>;
  readonly wakeups: Pick<Wakeups, 'listen' | 'tell'>;
  readonly events: Emitter;
  readonly internalErrors: InternalErrors;
}

/** The lease of a message that is given back before its consumer has it. */
const AT_ONCE_MS = SECOND;

/** Why a message that was received too often is a dead letter. */
const SPENT = 'max-receive-count';

/** Hands messages to consumers. */
export class Receiving {
  readonly #parts: ReceivingParts;
  readonly #delivery: Delivery;
  readonly #fifo: FifoDelivery;
  readonly #attempts: AttemptBook;

  constructor(parts: ReceivingParts) {
    this.#parts = parts;
    this.#delivery = new Delivery({
      ...parts,
      sort: (queue, tasks) => this.#sort(queue, tasks),
      giveBack: (tasks) => void this.#giveBack(tasks),
    });
    this.#fifo = new FifoDelivery({
      ...parts,
      sort: (queue, tasks) => this.#sort(queue, tasks),
      giveBack: (tasks) => void this.#giveBackFifo(tasks),
    });
    this.#attempts = new AttemptBook(parts.records, parts.fifo);
  }

  async receive(queue: string, given: Partial<ReceiveOptions>): Promise<ReceivedMessage[]> {
    const { max, waitSeconds, visibilityTimeoutSeconds, attemptId, signal } = resolveOptions(receiveOptions, given, 'receive');
    const entry = await this.#parts.book.get(queue);
    const { attributes } = entry;
    const wantedMs = (visibilityTimeoutSeconds ?? attributes.visibilityTimeoutSeconds) * SECOND;
    const wish = { queue, max, waitMs: (waitSeconds ?? attributes.waitSeconds) * SECOND, signal };
    if (isFifo(entry)) return this.#received(await this.#receiveFifo({ ...wish, visibilityMs: wantedMs }, attemptId), true);
    const tasks = await this.#delivery.receive({ ...wish, visibilityMs: wantedMs || AT_ONCE_MS });
    if (tasks.length === 0) return [];
    if (wantedMs > 0) this.#parts.expiries.plan(wantedMs);
    else await this.#giveBack(tasks);
    return this.#received(tasks, false);
  }

  stop(): void {
    this.#delivery.stop();
    this.#fifo.stop();
  }

  /** Gives a receive that is repeated what it was given before, if its answer was lost. */
  async #receiveFifo(wish: Receive, attemptId: string | undefined): Promise<readonly Task[]> {
    const before = attemptId === undefined ? null : await this.#attempts.recall(wish.queue, attemptId);
    if (before) return before;
    const tasks = await this.#fifo.receive(wish);
    const other = attemptId === undefined || tasks.length === 0 ? null : await this.#attempts.note(wish.queue, attemptId, tasks);
    if (other) await this.#giveBackFifo(tasks);
    return other ?? tasks;
  }

  async #received(tasks: readonly Task[], isOfFifo: boolean): Promise<ReceivedMessage[]> {
    if (tasks.length === 0) return [];
    const receipts = await this.#parts.receipts.write(
      tasks.map((task) => {
        const { id, queue, attempt } = task;
        const { token, expiresAt, ms } = task.lease as Lease;
        return { id, queue, token, attempt, receivedAtMs: expiresAt.getTime() - ms, isFifo: isOfFifo };
      }),
    );
    return tasks.map((task, at) => {
      const { expiresAt, ms } = task.lease as Lease;
      const receivedAt = new Date(expiresAt.getTime() - ms);
      return {
        ...messageOf(task),
        receipt: receipts[at] as string,
        receivedAt,
        firstReceivedAt: new Date(viewHistory(task.history).firstAtMs ?? receivedAt.getTime()),
        visibleAt: expiresAt,
      };
    });
  }

  /** Returns the messages that a consumer may get, and deals with the others beside. */
  async #sort(queue: string, tasks: readonly Task[]): Promise<readonly Task[]> {
    const entry = await this.#parts.book.get(queue);
    const { attributes } = entry;
    const past = tasks.filter((task) => isPastRetention(task, attributes, claimedAt(task)));
    const spent = tasks.filter((task) => isSpent(task, attributes) && !past.includes(task));
    if (past.length + spent.length === 0) return tasks;
    // Once for all, so that messages move in their order.
    if (spent.length > 0) await this.#parts.book.ensureDead(deadQueueOf(queue, attributes), isFifo(entry));
    await Promise.all([...past.map((task) => this.#expire(task, entry)), ...spent.map((task) => this.#bury(task, entry))]);
    return tasks.filter((task) => !past.includes(task) && !spent.includes(task));
  }

  async #expire(task: Task, entry: QueueEntry): Promise<void> {
    const { id, queue, lease, createdAt } = task;
    const { settler, settling } = this.#parts;
    const isRemoved = isFifo(entry)
      ? await settling.fifo.changeIf(task, fifoGuardOf(task), { kind: 'remove' })
      : (await settler.giveBack({ id, queue, guard: { token: (lease as Lease).token }, change: removeChange, by: randomUUID() })) === 'applied';
    if (isRemoved) this.#parts.events.emit('message-expired', { queue, id, sentAt: createdAt });
  }

  async #bury(task: Task, entry: QueueEntry): Promise<void> {
    const { settling, events } = this.#parts;
    const to = deadQueueOf(task.queue, entry.attributes);
    const settings = deadSettings(task, { reason: SPENT, atMs: claimedAt(task) }, true);
    const isMoved = isFifo(entry)
      ? await settling.fifo.changeIf(task, fifoGuardOf(task), { kind: 'move', to, settings })
      : await settling.moveTo(task, to, settings);
    if (isMoved) events.emit('message-dead', { queue: task.queue, id: task.id, to, reason: SPENT });
  }

  async #giveBackFifo(tasks: readonly Task[]): Promise<void> {
    const { settling, internalErrors } = this.#parts;
    try {
      await Promise.all(tasks.map((task) => settling.fifo.changeIf(task, { token: (task.lease as Lease).token }, { kind: 'wait', delayMs: 0 })));
    } catch (error) {
      internalErrors.note('settle', error);
    }
  }

  /** Gives messages back at once. They count as received. */
  async #giveBack(tasks: readonly Task[]): Promise<void> {
    const { settler, wakeups, internalErrors } = this.#parts;
    try {
      await Promise.all(
        tasks.map((task) => {
          const { id, queue, lease, attempt } = task;
          const { token } = lease as Lease;
          const history = historyAfterReceive(attempt, claimedAt(task));
          const change = { state: 'waiting', delayMs: 0, ...(history === undefined ? {} : { history }) } as const;
          return settler.giveBack({ id, queue, guard: { token }, change, by: token });
        }),
      );
      for (const queue of new Set(tasks.map((task) => task.queue))) wakeups.tell(hintOf(queue));
    } catch (error) {
      internalErrors.note('settle', error);
    }
  }
}

/** Returns what a claimed message of a FIFO queue is known by. A lease of no length is over at once, so that its token holds nothing. */
function fifoGuardOf({ lease, attempt }: Task): FifoGuard {
  const { token, ms } = lease as Lease;
  return ms > 0 ? { token } : { attempt };
}

/** Returns the time of the claim by the store's clock. */
const claimedAt = ({ lease }: Task): number => (lease ? lease.expiresAt.getTime() - lease.ms : 0);
