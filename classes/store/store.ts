import type { StoreOptions } from '../../config/optionTypes';
import type { Database } from '../../modules/ports/database';
import type { Surroundings } from '../../modules/time/clock';
import { Emitter } from '../observe/emitter';
import { assembleParts } from './storeParts';
import type { StoreParts } from './storeParts';

/**
 * An opened store: a database, and the parts that run once per process on it, which claim, keep leases, settle and sweep.
 *
 * It is opened by `openStore` and closed by `close`. The queues and workers of a process share one store.
 *
 * @example
 * const store = await openStore('sqlite:./data/holdfast.db');
 * const queue = new Queue(store, 'mail');
 * await store.close();
 */
export class Store {
  /** The events of every queue and worker on this store in this process. */
  readonly events = new Emitter();
  /** The resolved options of the store, including defaults and environment variables; frozen. */
  readonly options: Readonly<StoreOptions>;
  /** @internal */
  readonly parts: StoreParts;
  readonly #database: Database;
  #closing: Promise<void> | undefined;

  /** Takes an opened database. Use `openStore` instead. @internal */
  constructor(database: Database, options: Readonly<StoreOptions>, surroundings: Surroundings) {
    this.#database = database;
    this.options = options;
    this.parts = assembleParts(database, options.callTimeoutMs, this.events, surroundings);
    this.parts.sweeper.start();
  }

  /** The URL of the store, without its secrets. */
  get url(): string {
    return this.#database.url;
  }

  /**
   * Stops the workers on this store, finishes pending writes and closes the database. A connection of the caller's stays open. Safe to call twice.
   *
   * Later calls to the store are refused with HOLDFAST_STORE_CLOSED.
   *
   * @example
   * process.once('SIGTERM', () => void store.close());
   */
  close(): Promise<void> {
    return (this.#closing ??= this.#close());
  }

  async #close(): Promise<void> {
    const { dependents, inserter, progress, settler, claimer, leases, sweeper } = this.parts;
    await dependents.stop();
    inserter.close();
    await Promise.all([inserter.idle(), progress.idle()]);
    settler.giveUp();
    claimer.close();
    await settler.idle();
    leases.stop();
    await sweeper.stop();
    await this.#database.close();
    this.events.emit('store-closed', { url: this.url });
  }
}
