import { mkdirSync, readdirSync, rmdirSync, unlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Clock } from '../../modules/time/clock';

/** The time in which everyone in the line gets a turn, and the bounds of a turn. A change of turns costs about a millisecond. */
const ROUND_MS = 60;
const TURN_MIN_MS = 3;
const TURN_MAX_MS = 15;

/** Time between two looks at the line of a process that has not met anybody. A look costs a tenth of a commit. */
const LOOK_EVERY_MS = 4;

/** Time after which the first of the line is passed over: its process died, or is busy with something else. */
const STUCK_MS = 40;

/** Pause of the next in line. No timer is shorter. */
const POLL_MS = 1;
const POLL_SPREAD_MS = 4;

/**
 * The line of the processes that wait for the lock of a file.
 *
 * SQLite gives its lock to whoever asks at the right instant, which is mostly who just had it. So a process that was refused puts a ticket, an empty
 * file named by the time, into a folder beside the file. The oldest ticket has a turn, in which it may take the lock again and again; who had a turn
 * goes to the end of the line if it wants more. One process alone writes no ticket, and looks for others now and then.
 *
 * The line keeps order and nothing else: the lock itself decides, so that a lost ticket, or a folder that cannot be written, costs only fairness.
 */
export class LockLine {
  readonly #folder: string | undefined;
  readonly #clock: Clock;
  #ticket: string | null = null;
  #hasTurn = false;
  #turnEndsAt = -Infinity;
  #turnMs = TURN_MIN_MS;
  #first: string | undefined;
  #firstSince = 0;

  /** @param path the path of the file; undefined where no other process can have it. */
  constructor(path: string | undefined, clock: Clock) {
    this.#folder = path === undefined ? undefined : `${path}-line`;
    this.#clock = clock;
  }

  /** Returns the milliseconds until this process should try for the lock; 0 for now. */
  waitMs(): number {
    const now = this.#clock.monotonic();
    if (now < this.#turnEndsAt) return 0;
    if (this.#hasTurn) this.leave();
    if (this.#ticket !== null) return this.#waitInLine(now);
    if (this.#tickets().length === 0) return this.#beginTurn(now, LOOK_EVERY_MS);
    this.#join();
    return this.#waitInLine(now);
  }

  /** Notes that the lock was given. */
  noteGiven(): void {
    if (this.#ticket === null || this.#hasTurn) return;
    this.#hasTurn = true;
    this.#beginTurn(this.#clock.monotonic(), this.#turnMs);
  }

  /** Notes that another connection has the lock. Returns the milliseconds until the next try. */
  noteRefused(random: number): number {
    if (!this.#hasTurn) this.#turnEndsAt = -Infinity;
    if (this.#ticket === null) this.#join();
    return POLL_MS + random * (this.#ticket === null ? POLL_SPREAD_MS : 0);
  }

  /** True if this process has a turn that others wait for. */
  get hasTurn(): boolean {
    return this.#hasTurn;
  }

  /** Leaves the line. */
  leave(): void {
    if (this.#ticket !== null) this.#remove(this.#ticket);
    this.#ticket = null;
    this.#hasTurn = false;
    this.#turnEndsAt = -Infinity;
  }

  /** Leaves, and takes the folder away if nobody is left in it. */
  close(): void {
    this.leave();
    if (this.#folder !== undefined) quietly(rmdirSync, this.#folder);
  }

  #beginTurn(now: number, ms: number): 0 {
    this.#turnEndsAt = now + ms;
    return 0;
  }

  #waitInLine(now: number): number {
    const ticket = this.#ticket as string;
    const line = this.#tickets();
    if (!line.includes(ticket)) this.#write(ticket);
    const others = line.filter((other) => other !== ticket);
    this.#turnMs = Math.min(Math.max(ROUND_MS / (others.length + 1), TURN_MIN_MS), TURN_MAX_MS);
    const before = others.filter((other) => other < ticket);
    return before.length === 0 ? 0 : this.#waitBehind(before, now);
  }

  #waitBehind(before: readonly string[], now: number): number {
    const [first] = before as [string];
    if (first !== this.#first) [this.#first, this.#firstSince] = [first, now];
    else if (now - this.#firstSince > STUCK_MS) this.#remove(first);
    return POLL_MS + (before.length - 1) * this.#turnMs * 0.75;
  }

  #join(): void {
    if (this.#folder === undefined) return;
    this.#ticket = `${String(process.hrtime.bigint()).padStart(20, '0')}-${process.pid}`;
    this.#first = undefined;
    this.#write(this.#ticket);
  }

  #tickets(): string[] {
    if (this.#folder === undefined) return [];
    return (quietly(readdirSync as (path: string) => string[], this.#folder) ?? []).sort();
  }

  #write(ticket: string): void {
    const file = join(this.#folder as string, ticket);
    const write = (): void => writeFileSync(file, '');
    try {
      write();
    } catch {
      quietly(mkdirSync as (path: string) => unknown, this.#folder as string);
      quietly(write, undefined);
    }
  }

  #remove(ticket: string): void {
    quietly(unlinkSync, join(this.#folder as string, ticket));
  }
}

/** The folder is only for fairness, so that a fault of it, or another process that was faster, is not told. */
function quietly<A, T>(run: (given: A) => T, given: A): T | undefined {
  try {
    return run(given);
  } catch {
    return undefined;
  }
}
