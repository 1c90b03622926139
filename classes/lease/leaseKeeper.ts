import { sleep } from '../../modules/time/clock';
import type { Cancel, Clock } from '../../modules/time/clock';
import { HoldfastError } from '../../modules/errors/holdfastError';
import { marginOf } from '../../modules/task/leaseMargin';
import { Condition } from '../async/condition';
import type { InternalErrors } from '../observe/internalErrors';
import type { HeldLease, TaskStore } from '../../modules/ports/taskStore';

/** A lease that this process holds, with callbacks for its end. */
export interface Holding extends HeldLease {
  readonly leaseMs: number;
  /** The instant from which the lease runs its full length, on the monotonic clock: before the claim or renewal was sent. */
  heldSince: number;
  /** The instant that the handler has extended the lease to, on the monotonic clock. */
  extendedUntil: number;
  /** `expired`: this process no longer trusts the lease, though it may still hold. `taken`: the lease has ended. */
  status: 'held' | 'expired' | 'taken';
  /** True while the outcome is being written. A heartbeat that misses the lease then proves nothing. */
  settling: boolean;
  /** True if that outcome makes the task wait again. */
  returning: boolean;
  /** Called once when the lease could not be renewed in time, so that another worker may soon hold it. */
  onExpired(): void;
  /** Called once when the lease belongs to another worker, or was revoked. */
  onTaken(): void;
}

/**
 * Keeps every lease that this process holds. One heartbeat renews all that are past a third of their life, at a third of the shortest. An alarm fires
 * for a lease that could not be renewed before its end.
 *
 * Time is measured on the monotonic clock from before a claim or heartbeat was sent, so that it never runs behind the store's.
 */
export class LeaseKeeper {
  readonly #tasks: TaskStore;
  readonly #clock: Clock;
  readonly #internalErrors: InternalErrors;
  readonly #held = new Map<string, Holding>();
  #cancelTimer: Cancel = () => undefined;
  #timerAt = Infinity;
  #renewing = false;
  readonly #drops = new Condition();

  constructor(tasks: TaskStore, clock: Clock, internalErrors: InternalErrors) {
    this.#tasks = tasks;
    this.#clock = clock;
    this.#internalErrors = internalErrors;
  }

  /** Starts keeping a lease. */
  hold(holding: Holding): void {
    this.#held.set(holding.id, holding);
    this.#wakeAt(holding.heldSince + holding.leaseMs / 3);
  }

  /** Stops keeping a lease whose handler has ended and whose outcome is written or dropped. */
  drop({ id, token }: HeldLease): void {
    if (this.#held.get(id)?.token === token) this.#held.delete(id);
    if (this.#held.size === 0) this.#sleep();
    this.#drops.tell();
  }

  /** Tells whether this process still runs a task or has not settled it. */
  isBusy(id: string): boolean {
    return this.#held.has(id);
  }

  /** All leases that this process holds and whose attempts have no outcome yet. An outcome was decided by what ran beside its attempt until then. */
  get live(): HeldLease[] {
    return [...this.#held.values()].filter((holding) => mayHold(holding) && !holding.settling).map(leaseOf);
  }

  /** The ids of tasks that may be waiting again although this process still runs them. */
  get exceptions(): string[] {
    const exceptions: string[] = [];
    for (const holding of this.#held.values()) if (holding.status !== 'held' || isReturning(holding)) exceptions.push(holding.id);
    return exceptions;
  }

  /** Waits until the outcomes that make these tasks wait again are answered, but no longer than the timeout. */
  untilReturned(tasks: readonly Pick<HeldLease, 'id'>[], timeoutMs: number): Promise<void> {
    return this.#drops.until(() => !tasks.some(({ id }) => isReturning(this.#held.get(id))), this.#clock, timeoutMs);
  }

  /** Renews every lease now, for example after an outage. */
  async renewAll(): Promise<void> {
    if (this.#renewing || this.#held.size === 0) return;
    await this.#renew([...this.#held.values()].filter(mayHold));
  }

  /**
   * Extends a lease to at least the given time from now.
   *
   * @throws HOLDFAST_LEASE_LOST if the lease has ended or its outcome is being written; the error of the store, if it did not answer.
   */
  async extend(holding: Holding, ms: number): Promise<void> {
    const sentAt = this.#clock.monotonic();
    const mayExtend = this.#held.get(holding.id) === holding && holding.status === 'held' && !holding.settling;
    const [isRenewed] = mayExtend ? await this.#tasks.renew([leaseOf(holding)], { ms }) : [];
    if (isRenewed) {
      holding.extendedUntil = Math.max(holding.extendedUntil, sentAt + ms);
      return;
    }
    if (mayExtend) noteAnswer(holding, false, sentAt);
    throw new HoldfastError('HOLDFAST_LEASE_LOST');
  }

  /**
   * Renews the lease of an attempt that has passed its time limit, and writes its failure with it, so that no crash and no stop loses the count. It is
   * sent until the store has answered, unless the handler ends first. Returns whether it was written.
   */
  async noteTimeout(holding: Holding, failures: number): Promise<boolean> {
    // Most handlers end when they are told to, and their outcome says the same.
    await new Promise<void>((resume) => this.#clock.soon(resume));
    while (this.#held.get(holding.id) === holding && mayHold(holding) && !holding.settling) {
      try {
        const [isWritten] = await this.#tasks.renew([leaseOf(holding)], { failures });
        return isWritten === true;
      } catch (error) {
        this.#internalErrors.note('heartbeat', error);
        await sleep(this.#clock, holding.leaseMs / 3);
      }
    }
    return false;
  }

  /** Stops the heartbeat. */
  stop(): void {
    this.#held.clear();
    this.#sleep();
  }

  async #beat(): Promise<void> {
    this.#timerAt = Infinity;
    const now = this.#clock.monotonic();
    const live = [...this.#held.values()].filter(mayHold);
    for (const holding of live) if (now >= deadlineOf(holding)) this.#noteExpiry(holding);
    const due = live.filter(({ heldSince, leaseMs }) => now - heldSince >= leaseMs / 3);
    this.#wakeAt(this.#nextBeat(now));
    if (due.length > 0 && !this.#renewing) await this.#renew(due);
  }

  async #renew(holdings: readonly Holding[]): Promise<void> {
    this.#renewing = true;
    // A renewal that hangs must not block the next one.
    const cancel = this.#clock.after(Math.min(...holdings.map(({ leaseMs }) => leaseMs)) / 3, () => (this.#renewing = false));
    const sentAt = this.#clock.monotonic();
    try {
      const renewed = await this.#tasks.renew(holdings.map(leaseOf));
      holdings.forEach((holding, index) => noteAnswer(holding, renewed[index] === true, sentAt));
    } catch (error) {
      // The next heartbeat retries, and a lease past its end raises the alarm.
      this.#internalErrors.note('heartbeat', error);
    } finally {
      cancel();
      this.#renewing = false;
    }
  }

  #noteExpiry(holding: Holding): void {
    if (holding.status !== 'held') return;
    holding.status = 'expired';
    try {
      holding.onExpired();
    } catch (error) {
      // The other leases still need their heartbeat.
      this.#internalErrors.note('heartbeat', error);
    }
  }

  #nextBeat(now: number): number {
    let next = Infinity;
    for (const holding of [...this.#held.values()].filter(mayHold)) {
      const third = holding.leaseMs / 3;
      const beat = Math.max(holding.heldSince + third, now + third / 4);
      next = Math.min(next, beat, holding.status === 'held' ? deadlineOf(holding) : Infinity);
    }
    return next;
  }

  #wakeAt(at: number): void {
    if (at >= this.#timerAt) return;
    this.#cancelTimer();
    this.#timerAt = at;
    this.#cancelTimer = this.#clock.after(Math.max(0, at - this.#clock.monotonic()), () => void this.#beat());
  }

  #sleep(): void {
    this.#cancelTimer();
    this.#timerAt = Infinity;
  }
}

const leaseOf = ({ id, queue, token }: HeldLease): HeldLease => ({ id, queue, token });

/** Returns the instant at which a worker stops trusting its lease. */
const deadlineOf = ({ heldSince, leaseMs, extendedUntil }: Holding): number => Math.max(heldSince + leaseMs, extendedUntil) - marginOf(leaseMs);

const isReturning = (holding: Holding | undefined): boolean => holding !== undefined && holding.settling && holding.returning;

const mayHold = ({ status }: Holding): boolean => status !== 'taken';

function noteAnswer(holding: Holding, renewed: boolean, sentAt: number): void {
  if (renewed) holding.heldSince = Math.max(holding.heldSince, sentAt);
  else noteTaken(holding);
}

/** Notes that a lease has ended, because a write under it found nothing. While the outcome is being written, that proves nothing. */
export function noteTaken(holding: Holding): void {
  if (holding.settling || !mayHold(holding)) return;
  holding.status = 'taken';
  holding.onTaken();
}
