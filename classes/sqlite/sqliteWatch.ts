import { watch } from 'node:fs';
import type { FSWatcher } from 'node:fs';
import type { Cancel, Clock } from '../../modules/time/clock';
import type { SqliteConnection } from './sqliteConnection';
import type { Unwatch } from '../../modules/ports/taskStore';

/** Time between two looks at the file where the system does not report writes. A look costs four microseconds, and waking the process more. */
const LOOK_EVERY_MS = 5;

/**
 * Time between two looks where the system reports writes. Some file systems report none without an error. Looks every 25 ms took one percent of a
 * core of an idle process.
 */
const LOOK_AGAIN_MS = 50;

/** Time of frequent looks after a reported write: the report comes before the commit, which takes a flush of the disk. */
const COMMIT_MS = 50;
const LOOK_SOON_MS = 1;

/**
 * Tells when another process has written to the file. It compares `PRAGMA data_version` when the system reports a change of the write-ahead log, and
 * now and then anyway.
 */
export class SqliteWatch {
  readonly #connection: SqliteConnection;
  readonly #clock: Clock;
  /** Kept from one watch to the next, so that a write in between is noticed. */
  #seenVersion: number;

  constructor(connection: SqliteConnection, clock: Clock) {
    this.#connection = connection;
    this.#clock = clock;
    this.#seenVersion = connection.dataVersion();
  }

  /** Calls back at each change until it is ended, and soon for earlier changes. */
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

  /** Watches the log; undefined where that fails, and the file is looked at more often. */
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
