import { statSync } from 'node:fs';
import { HoldfastError } from '../../modules/errors/holdfastError';
import type { Clock } from '../../modules/time/clock';

/** Minimum time between two looks after commits. A look costs a tenth of a commit. */
const LOOK_EVERY_MS = 10;

/** The file itself, its log and the index of the log. */
const SUFFIXES = ['', '-wal', '-shm'] as const;

/**
 * Tells whether the files that a connection has opened are still those at its path.
 *
 * SQLite goes on writing to a file that was deleted, or replaced by a copy, and to a log that another process deleted because the locks of this one
 * were lost; what is written there is seen by nobody.
 */
export class FileIdentity {
  readonly #path: string;
  readonly #clock: Clock;
  #opened: readonly string[] | undefined;
  #lookedAt = -Infinity;

  constructor(path: string, clock: Clock) {
    this.#path = path;
    this.#clock = clock;
  }

  /** Notes the files as they are now. */
  note(): void {
    this.#opened = this.#now();
  }

  /** True while the files are those that were opened. */
  get holds(): boolean {
    return this.#changed === undefined;
  }

  /**
   * Looks now.
   *
   * @throws HOLDFAST_FILE_UNUSABLE
   */
  check(): void {
    const changed = this.#changed;
    if (changed === undefined) return;
    throw new HoldfastError('HOLDFAST_FILE_UNUSABLE', {
      field: this.#path + changed,
      because: 'it was deleted or replaced while it was open, and what is written now would be lost; restart this process',
    });
  }

  /** As `check`, but looks at most a hundred times a second. */
  checkNowAndThen(): void {
    if (this.#clock.monotonic() - this.#lookedAt >= LOOK_EVERY_MS) this.check();
  }

  get #changed(): string | undefined {
    const opened = this.#opened;
    if (!opened) return undefined;
    const changed = SUFFIXES[this.#now().findIndex((identity, index) => identity !== opened[index])];
    // A look that finds a change is made again at the next call.
    if (changed === undefined) this.#lookedAt = this.#clock.monotonic();
    return changed;
  }

  #now(): string[] {
    return SUFFIXES.map((suffix) => {
      const stats = statSync(this.#path + suffix, { bigint: true, throwIfNoEntry: false });
      return stats ? `${stats.dev}:${stats.ino}` : 'none';
    });
  }
}
