import type { StoreOptions } from '../../config/optionTypes';
import type { Database } from '../../modules/ports/database';
import type { Surroundings } from '../../modules/time/clock';
import { Emitter } from '../observe/emitter';
import { assembleParts } from './storeParts';
import type { StoreParts } from './storeParts';

/**
 * An opened store: a database, and what a process does on it once, whatever lives there: it claims, keeps leases, settles and sweeps.
 *
 * Made by `openStore`; ends by `close`. Queues and workers of a process share one.
 *
 * @example
 * const store = await openStore('sqlite:./data/holdfast.db');
 * const queue = new Queue(store, 'mail');
 * await store.close();
 */
export class Store {
  /** Tells what happens on the store in this process: of every queue and worker on it. */
  readonly events = new Emitter();
  /** The options that it was opened with, defaults and environment variables included; frozen. */
  readonly options: Readonly<StoreOptions>;
  /** @internal */
  readonly parts: StoreParts;
  readonly #database: Database;
  #closing: Promise<void> | undefined;

  /** Use `openStore`; this takes a database of one's own. @internal */
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
   * Stops the workers on it, writes what is under way and closes the database; a connection of the caller's stays open. Safe to call twice.
   *
   * Whatever is asked of the store afterwards is refused with HOLDFAST_STORE_CLOSED.
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
