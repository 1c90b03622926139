import { randomUUID } from 'node:crypto';
import { receiveOptions } from '../../config/brokerOptions';
import type { QueueAttributes, ReceiveOptions } from '../../config/brokerOptions';
import { SECOND } from '../../constants/limits';
import type { ReceivedMessage } from '../../modules/broker/brokerTypes';
import { deadQueueOf } from '../../modules/broker/deadQueueOf';
import { deadSettings, isPastRetention, isSpent, messageOf } from '../../modules/broker/messageTask';
import { resolveOptions } from '../../modules/options/resolveOptions';
import { hintOf } from '../../modules/ports/hint';
import { historyAfterReceive, viewHistory } from '../../modules/task/history';
import { removeChange } from '../../modules/task/outcome';
import type { Lease, Task } from '../../modules/task/task';
import type { Settler } from '../lease/settler';
import type { Wakeups } from '../idle/wakeups';
import type { Emitter } from '../observe/emitter';
import type { InternalErrors } from '../observe/internalErrors';
import { Delivery } from './delivery';
import type { DeliveryParts } from './delivery';
import type { Expiries } from './expiries';
import type { QueueBook } from './queueBook';
import type { ReceiptBook } from './receiptBook';
import type { Settling } from './settling';

/** The parts of a Receiving. */
export interface ReceivingParts extends Omit<DeliveryParts, 'sort' | 'giveBack' | 'wakeups' | 'internalErrors'> {
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

  constructor(parts: ReceivingParts) {
    this.#parts = parts;
    this.#delivery = new Delivery({
      ...parts,
      sort: (queue, tasks) => this.#sort(queue, tasks),
      giveBack: (tasks) => void this.#giveBack(tasks),
    });
  }

  async receive(queue: string, given: Partial<ReceiveOptions>): Promise<ReceivedMessage[]> {
    const { max, waitSeconds, visibilityTimeoutSeconds, signal } = resolveOptions(receiveOptions, given, 'receive');
    const { attributes } = await this.#parts.book.get(queue);
    const wantedMs = (visibilityTimeoutSeconds ?? attributes.visibilityTimeoutSeconds) * SECOND;
    const visibilityMs = wantedMs || AT_ONCE_MS;
    const waitMs = (waitSeconds ?? attributes.waitSeconds) * SECOND;
    const tasks = await this.#delivery.receive({ queue, max, waitMs, visibilityMs, signal });
    if (tasks.length === 0) return [];
    if (wantedMs > 0) this.#parts.expiries.plan(wantedMs);
    else await this.#giveBack(tasks);
    return this.#received(tasks);
  }

  stop(): void {
    this.#delivery.stop();
  }

  async #received(tasks: readonly Task[]): Promise<ReceivedMessage[]> {
    const receipts = await this.#parts.receipts.write(
      tasks.map((task) => {
        const { id, queue, attempt } = task;
        const { token, expiresAt, ms } = task.lease as Lease;
        return { id, queue, token, attempt, receivedAtMs: expiresAt.getTime() - ms };
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
    const { attributes } = await this.#parts.book.get(queue);
    const past = tasks.filter((task) => isPastRetention(task, attributes, claimedAt(task)));
    const spent = tasks.filter((task) => isSpent(task, attributes) && !past.includes(task));
    if (past.length + spent.length === 0) return tasks;
    await Promise.all([...past.map((task) => this.#expire(task)), ...spent.map((task) => this.#bury(task, attributes))]);
    return tasks.filter((task) => !past.includes(task) && !spent.includes(task));
  }

  async #expire(task: Task): Promise<void> {
    const { id, queue, lease, createdAt } = task;
    const guard = { token: (lease as Lease).token };
    const answer = await this.#parts.settler.giveBack({ id, queue, guard, change: removeChange, by: randomUUID() });
    if (answer === 'applied') this.#parts.events.emit('message-expired', { queue, id, sentAt: createdAt });
  }

  async #bury(task: Task, attributes: QueueAttributes): Promise<void> {
    const { book, settling, events } = this.#parts;
    const to = deadQueueOf(task.queue, attributes);
    await book.ensureDead(to);
    const settings = deadSettings(task, { reason: SPENT, atMs: claimedAt(task) }, true);
    if (await settling.moveTo(task, to, settings)) events.emit('message-dead', { queue: task.queue, id: task.id, to, reason: SPENT });
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

/** Returns the time of the claim by the store's clock. */
const claimedAt = ({ lease }: Task): number => (lease ? lease.expiresAt.getTime() - lease.ms : 0);
