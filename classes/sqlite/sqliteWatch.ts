import { watch } from 'node:fs';
import type { FSWatcher } from 'node:fs';
import type { Cancel, Clock } from '../../modules/time/clock';
import type { SqliteConnection } from './sqliteConnection';
import type { Unwatch } from '../../modules/ports/taskStore';

/** How often the file is looked at where the system tells nothing; one look costs four microseconds, and the waking of the process more. */
const LOOK_EVERY_MS = 5;

/**
 * The same where the system tells of writes: a safeguard, because some file systems tell nothing and say so neither. Every 25 ms, the looks of an
 * idle process took one percent of a core.
 */
const LOOK_AGAIN_MS = 50;

/** The system tells of a write before its transaction is committed, which takes a flush of the disk: so long it is looked at often. */
const COMMIT_MS = 50;
const LOOK_SOON_MS = 1;

/**
 * Tells when another process has written to the file: by `PRAGMA data_version`, looked at when the system says that the write-ahead log has
 * changed, and now and then anyway.
 */
export class SqliteWatch {
  readonly #connection: SqliteConnection;
  readonly #clock: Clock;
  /** Kept from one watch to the next, so that what was written in between is seen. */
  #seenVersion: number;

  constructor(connection: SqliteConnection, clock: Clock) {
    this.#connection = connection;
    this.#clock = clock;
    this.#seenVersion = connection.dataVersion();
  }

  /** Calls back at each change until it is ended, and soon for what was written before. */
  start(onChange: () => void): Unwatch {
    let isOn = true;
    let cancel: Cancel = () => undefined;
    let writtenAt = -Infinity;
    const log = this.#watchLog(() => {
      writtenAt = this.#clock.monotonic();
      look();
    });
    const look = (): void => {
      cancel();
      if (!isOn || !this.#connection.isOpen) return log?.close();
      const isCommitting = this.#clock.monotonic() - writtenAt < COMMIT_MS;
      cancel = this.#clock.after(isCommitting ? LOOK_SOON_MS : log ? LOOK_AGAIN_MS : LOOK_EVERY_MS, look, 'idle');
      if (!this.#hasChanged()) return;
      writtenAt = -Infinity;
      onChange();
    };
    this.#clock.soon(look);
    return () => {
      isOn = false;
      cancel();
      log?.close();
    };
  }

  /** Where the log cannot be watched, the file is looked at more often. */
  #watchLog(onWrite: () => void): FSWatcher | undefined {
    const { logPath } = this.#connection;
    if (logPath === undefined) return undefined;
    try {
      const log = watch(logPath, { persistent: false }, onWrite);
      return log.on('error', () => log.close());
    } catch {
      return undefined;
    }
  }

  #hasChanged(): boolean {
    try {
      const version = this.#connection.dataVersion();
      const hasChanged = version !== this.#seenVersion;
      this.#seenVersion = version;
      return hasChanged;
    } catch {
      // The file is locked for a moment, as by a recovery; the next look follows.
      return false;
    }
  }
}
