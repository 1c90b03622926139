import { existsSync, renameSync, rmSync, statSync } from 'node:fs';
import { HoldfastError, isHoldfastError } from '../../modules/errors/holdfastError';
import { schemaVersion } from '../../modules/sqlite/migrateSqlite';
import { refuseMissingFile } from '../../modules/sqlite/refuseMissingFile';
import { loadDriver } from '../../modules/sqlite/sqliteDriver';
import type { SqliteDriver } from '../../modules/sqlite/sqliteDriver';
import { unusable } from '../../modules/sqlite/sqliteErrors';
import { systemClock } from '../../modules/time/clock';
import { SqliteFile } from './sqliteFile';

/** All pages in one step: between two steps another process may write, and SQLite would begin again, for ever under load. */
const ALL_PAGES = 0x7fff_ffff;

/** A backup of the file of a store, which processes may go on using. */
export class SqliteBackup {
  readonly #source: string;
  readonly #prefix: string;
  readonly #driver: SqliteDriver;

  constructor(source: string, prefix: string, driver: SqliteDriver = loadDriver()) {
    this.#source = source;
    this.#prefix = prefix;
    this.#driver = driver;
  }

  /**
   * Writes all that was committed when it began to a new file, which takes its name when it is whole. Returns its size in bytes.
   *
   * @throws HOLDFAST_BACKUP_EXISTS, HOLDFAST_STORE_MISSING, HOLDFAST_STORE_NEWER, HOLDFAST_PREFIX_TAKEN, or HOLDFAST_FILE_UNUSABLE for
   *   either file.
   */
  async write(target: string): Promise<number> {
    if (existsSync(target)) throw new HoldfastError('HOLDFAST_BACKUP_EXISTS', { field: target });
    // Two backups to one file must not write into each other's part.
    const part = `${target}-part-${process.pid}`;
    const file = this.#open();
    try {
      rmSync(part, { force: true });
      await this.#driver.backup(file.database, part, { rate: ALL_PAGES, source: file.schema });
      return rename(part, target);
    } catch (error) {
      rmSync(part, { force: true });
      throw isHoldfastError(error) ? error : unusable(error, target);
    } finally {
      file.close();
    }
  }

  /** Opens the file of the store. A mistyped path may be that of no file, or of the file of another application. */
  #open(): SqliteFile {
    refuseMissingFile(this.#source, this.#prefix);
    let file: SqliteFile | undefined;
    try {
      file = SqliteFile.open(this.#source, systemClock, this.#driver.DatabaseSync);
      this.#read(file);
      return file;
    } catch (error) {
      file?.close();
      throw isHoldfastError(error) ? error : unusable(error, this.#source);
    }
  }

  /** Reads the file once, so that a fault of it names it and not the target. Another process that closes the file has it locked for an instant. */
  #read({ database, schema }: SqliteFile): void {
    database.exec('PRAGMA busy_timeout = 1000');
    schemaVersion({ database, schema, prefix: this.#prefix });
    database.exec('PRAGMA busy_timeout = 0');
  }
}

function rename(part: string, target: string): number {
  // Another backup may have written the file meanwhile.
  if (existsSync(target)) throw new HoldfastError('HOLDFAST_BACKUP_EXISTS', { field: target });
  renameSync(part, target);
  return statSync(target).size;
}
