import type { Cancel, Clock } from '../../modules/time/clock';
import { HoldfastError } from '../../modules/errors/holdfastError';
import { marginOf } from '../../modules/task/leaseMargin';
import { Condition } from '../async/condition';
import type { InternalErrors } from '../observe/internalErrors';
import type { HeldLease, TaskStore } from '../../modules/ports/taskStore';

/** A lease that this process holds, and whom to tell of its end. */
export interface Holding extends HeldLease {
  readonly leaseMs: number;
  /** When it was last known to run its full length, on the monotonic clock: before the claim or renewal was sent. */
  heldSince: number;
  /** How far its handler has extended it, on the monotonic clock. */
  extendedUntil: number;
  /** `expired`: this process no longer trusts it, though it may still hold; `taken`: it is over. */
  status: 'held' | 'expired' | 'taken';
  /** Its outcome is being written: a heartbeat that misses it proves nothing. */
  settling: boolean;
  /** That outcome makes it wait again. */
  returning: boolean;
  /** It could not be renewed in time; another worker may hold it soon. Called once. */
  onExpired(): void;
  /** It belongs to another worker, or was revoked. Called once. */
  onTaken(): void;
}

/**
 * Keeps every lease that this process holds: one heartbeat for all that are past a third of their life, at a third of
 * the shortest, and an alarm for a lease that could not be renewed before its end.
 *
 * Time is that of the monotonic clock, counted from before a claim or heartbeat was sent, so that it never runs behind the store's.
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

  /** Begins to keep a lease. */
  hold(holding: Holding): void {
    this.#held.set(holding.id, holding);
    this.#wakeAt(holding.heldSince + holding.leaseMs / 3);
  }

  /** Ends keeping a lease: its handler has ended and its outcome is written, or dropped. */
  drop({ id, token }: HeldLease): void {
    if (this.#held.get(id)?.token === token) this.#held.delete(id);
    if (this.#held.size === 0) this.#sleep();
    this.#drops.tell();
  }

  /** Tells whether this process runs a task, or has not settled it. */
  isBusy(id: string): boolean {
    return this.#held.has(id);
  }

  /** Ids that may be waiting again although this process still runs them. */
  get exceptions(): string[] {
    const exceptions: string[] = [];
    for (const holding of this.#held.values()) if (holding.status !== 'held' || isReturning(holding)) exceptions.push(holding.id);
    return exceptions;
  }

  /** Waits until the outcomes of those tasks are answered that make them wait again, but no longer than the given time. */
  untilReturned(tasks: readonly Pick<HeldLease, 'id'>[], timeoutMs: number): Promise<void> {
    return this.#drops.until(() => !tasks.some(({ id }) => isReturning(this.#held.get(id))), this.#clock, timeoutMs);
  }

  /** Renews every lease now, as after an outage. */
  async renewAll(): Promise<void> {
    if (this.#renewing || this.#held.size === 0) return;
    await this.#renew([...this.#held.values()].filter(mayHold));
  }

  /**
   * Makes a lease hold for so long from now, where it does not hold longer anyway.
   *
   * @throws HOLDFAST_LEASE_LOST where it is over, or its outcome is being written; what the store throws, where it did not answer.
   */
  async extend(holding: Holding, ms: number): Promise<void> {
    const sentAt = this.#clock.monotonic();
    const mayExtend = this.#held.get(holding.id) === holding && holding.status === 'held' && !holding.settling;
    const renewed = mayExtend ? await this.#tasks.renew([{ id: holding.id, token: holding.token }], { ms }) : [];
    if (renewed.length > 0) {
      holding.extendedUntil = Math.max(holding.extendedUntil, sentAt + ms);
      return;
    }
    if (mayExtend) noteAnswer(holding, false, sentAt);
    throw new HoldfastError('HOLDFAST_LEASE_LOST');
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
    // One that hangs must not keep the next from being tried.
    const cancel = this.#clock.after(Math.min(...holdings.map(({ leaseMs }) => leaseMs)) / 3, () => (this.#renewing = false));
    const sentAt = this.#clock.monotonic();
    try {
      const renewed = new Set(await this.#tasks.renew(holdings.map(({ id, token }) => ({ id, token }))));
      for (const holding of holdings) noteAnswer(holding, renewed.has(holding.id), sentAt);
    } catch (error) {
      // The next beat tries again, and a lease past its end raises the alarm.
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
      // The heartbeat goes on for the other leases.
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

/** The instant at which a worker stops trusting its lease. */
const deadlineOf = ({ heldSince, leaseMs, extendedUntil }: Holding): number => Math.max(heldSince + leaseMs, extendedUntil) - marginOf(leaseMs);

const isReturning = (holding: Holding | undefined): boolean => holding !== undefined && holding.settling && holding.returning;

const mayHold = ({ status }: Holding): boolean => status !== 'taken';

function noteAnswer(holding: Holding, renewed: boolean, sentAt: number): void {
  if (renewed) holding.heldSince = Math.max(holding.heldSince, sentAt);
  else if (!holding.settling && mayHold(holding)) {
    holding.status = 'taken';
    holding.onTaken();
  }
}
