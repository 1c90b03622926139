import { randomUUID } from 'node:crypto';
import { batchIdOption, batchStart } from '../../config/searchOptions';
import type { BatchStart } from '../../config/optionTypes';
import { batchTerms } from '../../modules/bulk/batchDecisions';
import { batchOf, viewBatch } from '../../modules/bulk/batchRow';
import type { BatchRow, BatchView } from '../../modules/bulk/batchRow';
import { HoldfastError, isHoldfastError, isUnanswered } from '../../modules/errors/holdfastError';
import { checkOptions } from '../../modules/options/checkOptions';
import type { Bulk } from '../../modules/ports/bulk';
import { allRecords } from '../../modules/ports/recordPages';
import type { RecordStore, StoredRecord } from '../../modules/ports/recordStore';
import { parseSearch } from '../../modules/search/parseSearch';
import { newId } from '../../modules/task/newId';
import type { Clock, Random } from '../../modules/time/clock';
import type { Recorder } from '../lease/recorder';
import type { Emitter } from '../observe/emitter';
import type { InternalErrors } from '../observe/internalErrors';
import type { Searches } from '../search/searches';
import { BatchHold } from './batchHold';
import { BatchRun } from './batchRun';

/** The parts of Batches. */
export interface BatchesParts {
  readonly bulk: Bulk;
  readonly records: RecordStore;
  readonly searches: Searches;
  readonly recorder: Pick<Recorder, 'change'>;
  readonly events: Emitter;
  readonly internalErrors: InternalErrors;
  readonly clock: Clock;
  readonly random: Random;
}

/**
 * Actions on all tasks that match a search. They are carried out by the process that starts them and, if it ends, by any other on the store.
 *
 * @example
 * const { id } = await store.batches.start({ action: 'retry', search: 'state:dead error:"timed out"', by: 'ann' });
 * const { state, changed, expected } = (await store.batches.get(id)) ?? {};
 */
export class Batches {
  readonly #parts: BatchesParts;
  readonly #running = new Map<string, Promise<void>>();
  readonly #stopping = new AbortController();

  /** Use `store.batches`. @internal */
  constructor(parts: BatchesParts) {
    this.#parts = parts;
  }

  /**
   * Starts a batch, and returns it with the number of tasks that match now. Resolves when its record is written; the batch goes on behind it.
   *
   * Tasks that are added after its start are left alone, and so is each that moves on before it is reached. Of several batches on one task, one changes it.
   *
   * @throws HOLDFAST_SEARCH_INVALID, HOLDFAST_OPTION_… or HOLDFAST_STORE_….
   * @example
   * const batch = await store.batches.start({ action: 'remove', search: 'state:cancelled finished:>7d', ratePerSecond: 500 });
   */
  async start(given: BatchStart): Promise<BatchView> {
    checkOptions(batchStart, given, 'batch');
    const { bulk, searches, records, events } = this.#parts;
    const { action, search, by = null, within, ratePerSecond } = given;
    const terms = batchTerms(action, parseSearch(search).terms);
    const startedAtMs = (await bulk.now()).getTime();
    const expected = await searches.countOf(terms, within, startedAtMs);
    const key = newId();
    const row: BatchRow = {
      ...{ action, search, by, within: within ?? null, ratePerSecond, startedAtMs, endedAtMs: null, state: 'running', expected },
      ...{ seen: 0, changed: 0, clashed: 0, error: null, after: null, isStopping: false, heldBy: '', heldUntilMs: 0 },
    };
    const value = JSON.stringify(row);
    await records.write({ kind: 'batch', key, value, rev: 0 });
    events.emit('batch-started', { id: key, action, search, by, expected });
    const now = new Date();
    await this.#carryOut({ key, value, rev: 1, createdAt: now, changedAt: now });
    return viewBatch(key, row);
  }

  /**
   * Returns the batches that go on, and those that ended within a week, the newest first.
   *
   * @throws HOLDFAST_STORE_….
   * @example
   * const running = (await store.batches.list()).filter(({ state }) => state === 'running');
   */
  async list(): Promise<BatchView[]> {
    const batches = (await this.#records()).map((stored) => viewBatch(stored.key, batchOf(stored)));
    return batches.reverse();
  }

  /**
   * Returns a batch, or null.
   *
   * @throws HOLDFAST_OPTION_INVALID or HOLDFAST_STORE_….
   * @example
   * const { seen, expected } = (await store.batches.get(id)) ?? {};
   */
  async get(id: string): Promise<BatchView | null> {
    checkOptions(batchIdOption, id, 'id');
    const stored = await this.#parts.records.read('batch', id);
    return stored && viewBatch(id, batchOf(stored));
  }

  /**
   * Has a batch end after the part under way, in whatever process. What was done stays done. One that has ended is left as it is.
   *
   * @throws HOLDFAST_BATCH_MISSING, HOLDFAST_OPTION_INVALID or HOLDFAST_STORE_….
   * @example
   * await store.batches.stop(id);
   */
  async stop(id: string): Promise<BatchView> {
    checkOptions(batchIdOption, id, 'id');
    const { records } = this.#parts;
    for (;;) {
      const stored = await records.read('batch', id);
      if (!stored) throw new HoldfastError('HOLDFAST_BATCH_MISSING', { field: id });
      const row = batchOf(stored);
      if (row.state !== 'running' || row.isStopping) return viewBatch(id, row);
      const value = JSON.stringify({ ...row, isStopping: true });
      if (await records.write({ kind: 'batch', key: id, value, rev: stored.rev })) return viewBatch(id, row);
    }
  }

  /**
   * Goes on with the batches whose process has ended.
   *
   * @throws the error of the store.
   * @internal
   */
  async resume(): Promise<void> {
    const nowMs = (await this.#parts.bulk.now()).getTime();
    const left = (await this.#records()).filter((stored) => {
      const { state, heldUntilMs } = batchOf(stored);
      return state === 'running' && heldUntilMs <= nowMs && !this.#running.has(stored.key);
    });
    for (const stored of left) if (!this.#stopping.signal.aborted) await this.#carryOut(stored);
  }

  /** Leaves the batches under way to other processes, after their present parts. Safe to call twice. @internal */
  async leave(): Promise<void> {
    this.#stopping.abort();
    await Promise.all(this.#running.values());
  }

  /** Resolves when this process holds the batch, or another does; it then goes on by itself. */
  async #carryOut(stored: StoredRecord): Promise<void> {
    const hold = new BatchHold(this.#parts, stored, randomUUID());
    if (!(await hold.take())) return;
    const { internalErrors } = this.#parts;
    const run = this.#go(hold)
      .catch((error: unknown) => internalErrors.note('bulk', error))
      .finally(() => this.#running.delete(hold.id));
    this.#running.set(hold.id, run);
  }

  /** A fault of the store leaves the batch to whoever can go on; any other ends it. */
  async #go(hold: BatchHold): Promise<void> {
    const { searches, events } = this.#parts;
    try {
      await new BatchRun({ ...this.#parts, searcher: searches.searcher }, hold).go(this.#stopping.signal);
    } catch (error) {
      if (isHoldfastError(error) && (isUnanswered(error) || error.code.startsWith('HOLDFAST_STORE_'))) throw error;
      await hold.end({ state: 'failed', error: error instanceof Error ? error.message : String(error) });
      this.#parts.internalErrors.note('bulk', error);
    }
    const { action, search, by, state, seen, changed, clashed } = hold.row;
    if (!hold.isLost && state !== 'running') events.emit('batch-ended', { id: hold.id, action, search, by, state, seen, changed, clashed });
  }

  #records(): Promise<StoredRecord[]> {
    return allRecords(this.#parts.records, 'batch');
  }
}
