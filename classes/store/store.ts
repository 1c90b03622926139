import type { MatchingOptions, SearchOptions, StoreOptions } from '../../config/optionTypes';
import type { BulkCount } from '../../modules/ports/bulk';
import type { Database } from '../../modules/ports/database';
import type { SearchPage } from '../../modules/search/searchView';
import type { Suggestion } from '../../modules/search/suggestions';
import { within } from '../../modules/time/clock';
import type { Surroundings } from '../../modules/time/clock';
import { currentCall, outsideCalls } from '../async/currentCall';
import type { Batches } from '../bulk/batches';
import { Emitter } from '../observe/emitter';
import type { Processes } from '../roster/processes';
import type { Failures } from '../statistics/failures';
import type { Statistics } from '../statistics/statistics';
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
  /** The processes that have a worker on this store, on whatever machine. */
  readonly processes: Processes;
  /** What became of the tasks of this store, as all its processes have counted it. */
  readonly statistics: Statistics;
  /** The failures of the tasks of this store by cause. */
  readonly failures: Failures;
  /** Actions on all tasks that match a search. */
  readonly batches: Batches;
  /** @internal */
  readonly parts: StoreParts;
  readonly #database: Database;
  #closing: Promise<void> | undefined;
  /** Resolves when nothing runs on the store but handlers that wait for it to close. */
  #othersStopped: Promise<unknown> = Promise.resolve();

  /** Takes an opened database. Use `openStore` instead. @internal */
  constructor(database: Database, options: Readonly<StoreOptions>, surroundings: Surroundings) {
    this.#database = database;
    this.options = options;
    this.parts = assembleParts(database, options, this.events, surroundings);
    this.processes = this.parts.processes;
    this.statistics = this.parts.statistics;
    this.failures = this.parts.failures;
    this.batches = this.parts.batches;
    for (const warning of database.warnings ?? []) this.events.announce('store-warning', { url: database.url, ...warning });
    this.parts.sweeper.start();
    this.parts.resumer.start();
    this.parts.handOvers.start();
    this.parts.statisticsWriter?.start();
  }

  /** The URL of the store, without its secrets. */
  get url(): string {
    return this.#database.url;
  }

  /**
   * Finds tasks of all queues by a text such as `state:dead name:welcome added:<1d payload.user.id:42`, newest first, a page at a time: see
   * [search.md](../../search.md).
   *
   * What no index has is looked for among 5,000 tasks for each page; then `isComplete` is false, and `slow` names the tokens.
   *
   * @param text tokens between blanks, all of which must hold; an empty one matches every task.
   * @param options `limit` is the size of a page, 1 to 1,000, by default 50; `after` is the `next` of the previous page; `within` names the queues.
   * @throws HOLDFAST_SEARCH_INVALID with the place, HOLDFAST_OPTION_… or HOLDFAST_STORE_….
   * @example
   * const { tasks, next } = await store.search('state:dead queue:mail error:"timed out"');
   */
  search(text: string, options?: Partial<SearchOptions>): Promise<SearchPage> {
    return this.parts.searches.search(text, options);
  }

  /**
   * Counts the tasks that a search finds: exactly up to 10,000. Above that, or where counting took two seconds or looked at 20,000 others, `isExact` is
   * false, and there are at least so many.
   *
   * @throws as `search`.
   * @example
   * const { count, isExact } = await store.countMatching('state:dead');
   */
  countMatching(text: string, options?: Partial<MatchingOptions>): Promise<BulkCount> {
    return this.parts.searches.count(text, options);
  }

  /**
   * Returns completions of a search text at a place, for a search box: fields, and values that tasks have.
   *
   * @param at the index of the cursor; by default the end of the text.
   * @throws HOLDFAST_STORE_….
   * @example
   * const [first] = await store.suggest('state:d');
   */
  suggest(text: string, at?: number): Promise<Suggestion[]> {
    return this.parts.searches.suggest(text, at);
  }

  /**
   * Stops the workers on this store, finishes pending writes and closes the database. A connection of the caller's stays open. Safe to call twice.
   *
   * It takes at most the grace period of the workers, a second, and twice `callTimeoutMs`, also if the database does not answer; what was not written by
   * then is found by the next process when its lease is over. In a handler of a worker on this store it resolves when all other handlers have ended;
   * the store closes after that handler.
   *
   * Later calls to the store are refused with HOLDFAST_STORE_CLOSED; handlers may add tasks until the workers have stopped.
   *
   * @example
   * process.once('SIGTERM', () => void store.close());
   */
  async close(): Promise<void> {
    const call = currentCall();
    const isInside = call !== undefined && this.parts.dependents.isRunning(call);
    if (isInside) call.waitsForStop = true;
    this.#closing ??= outsideCalls(() => this.#close());
    await (isInside ? this.#othersStopped : this.#closing);
  }

  async #close(): Promise<void> {
    const { dependents, inserter, settler, claimer, leases, clock, callTimeoutMs } = this.parts;
    const { all, others } = dependents.stop();
    this.#othersStopped = others;
    await all;
    inserter.close();
    settler.giveUp();
    claimer.close();
    await within(clock, callTimeoutMs, this.#finish());
    leases.stop();
    await within(clock, callTimeoutMs, this.#database.close());
    this.events.emit('store-closed', { url: this.url });
  }

  /** Waits for what is being written, for follow-ups that are being handed over, for the sweep, and for a part of a bulk action that this process goes on with. */
  async #finish(): Promise<void> {
    const { inserter, progress, steps, settler, sweeper, resumer, beat, handOvers, statisticsWriter } = this.parts;
    await Promise.all([inserter.idle(), progress.idle(), steps.idle()]);
    await Promise.all([settler.idle(), sweeper.stop(), resumer.stop(), beat.stop()]);
    await handOvers.stop();
    await statisticsWriter?.stop();
  }
}
