import { randomUUID } from 'node:crypto';
import { BULK_TASKS, COUNTED_TASKS } from '../../constants/limits';
import { BULK_CHANGES, NO_PROGRESS, withPart } from '../../modules/bulk/bulkAction';
import type { BulkAction, BulkProgress } from '../../modules/bulk/bulkAction';
import { FIRST_LIMIT, limitAtRate, nextLimit, pauseMs } from '../../modules/bulk/partLimit';
import { isUnanswered } from '../../modules/errors/holdfastError';
import type { Bulk, BulkCount, BulkFilter, BulkPart, BulkRequest } from '../../modules/ports/bulk';
import { hintOf } from '../../modules/ports/hint';
import { callRetryDelay } from '../../modules/time/callRetryDelay';
import { sleep } from '../../modules/time/clock';
import type { Clock, Random } from '../../modules/time/clock';
import { chunksOf } from '../../modules/values/chunksOf';
import type { Wakeups } from '../idle/wakeups';
import type { Emitter } from '../observe/emitter';

/** The number of times that a part is sent. Each is half of the one before, because it may have been too large. */
const TRIES = 4;

/** How a bulk action is carried out. */
export interface BulkOptions {
  /** The most tasks a second; without it as many as the store takes. */
  readonly ratePerSecond?: number | undefined;
  /** Stops the action after the part under way. */
  readonly signal?: AbortSignal | undefined;
  /** Is called after each part. */
  readonly onProgress?: ((progress: BulkProgress) => void) | undefined;
}

/** The parts of the bulk actions. */
export interface BulksParts {
  readonly bulk: Bulk;
  readonly wakeups: Wakeups;
  readonly events: Emitter;
  readonly clock: Clock;
  readonly random: Random;
}

/** Carries out bulk actions part by part, and tells of each part. */
export class Bulks {
  readonly #parts: BulksParts;

  constructor(parts: BulksParts) {
    this.#parts = parts;
  }

  /**
   * Counts the tasks that a filter lets through.
   *
   * @throws the error of the store.
   */
  count(filter: BulkFilter, most = COUNTED_TASKS): Promise<BulkCount> {
    return this.#parts.bulk.count(filter, most);
  }

  /**
   * Carries out an action on all tasks that a filter lets through. Tasks that are added meanwhile stay.
   *
   * @throws the error of the store; what was done before stays done.
   */
  async run(action: BulkAction, filter: BulkFilter, options: BulkOptions = {}): Promise<BulkProgress> {
    let progress = NO_PROGRESS;
    for (const piece of piecesOf(await this.#asOfNow(filter))) {
      if (options.signal?.aborted) break;
      progress = await this.#walk(action, piece, options, progress);
    }
    return progress;
  }

  /** Newer waiting tasks come in behind those that are walked through, so a time tells them apart. */
  async #asOfNow(filter: BulkFilter): Promise<BulkFilter> {
    if (filter.ids || filter.addedUntil || !filter.states.includes('waiting')) return filter;
    return { ...filter, addedUntil: await this.#parts.bulk.now() };
  }

  async #walk(action: BulkAction, filter: BulkFilter, options: BulkOptions, before: BulkProgress): Promise<BulkProgress> {
    const { clock } = this.#parts;
    let [progress, limit] = [before, FIRST_LIMIT];
    for (let after: string | null = null; ;) {
      const startedAt = clock.monotonic();
      const part = await this.#change({
        filter,
        change: BULK_CHANGES[action],
        by: randomUUID(),
        limit: limitAtRate(limit, options.ratePerSecond),
        ...(after === null ? {} : { after }),
      });
      const tookMs = clock.monotonic() - startedAt;
      progress = withPart(progress, part);
      options.onProgress?.(progress);
      if (part.next === null || options.signal?.aborted) return progress;
      [after, limit] = [part.next, nextLimit(limit, tookMs)];
      await this.#pause(pauseMs(part.changed, tookMs, options.ratePerSecond), options.signal);
    }
  }

  /** A part is sent again if it was not answered: then it finds only what it has not changed yet. */
  async #change(request: BulkRequest): Promise<BulkPart> {
    for (let tries = 1, limit = request.limit; ; tries += 1) {
      try {
        const part = await this.#parts.bulk.change({ ...request, limit });
        this.#tell(request, part);
        return part;
      } catch (error) {
        if (!isUnanswered(error) || tries >= TRIES) throw error;
        limit = Math.max(1, Math.floor(limit / 2));
        await sleep(this.#parts.clock, callRetryDelay(tries, this.#parts.random));
      }
    }
  }

  #tell({ filter: { queue }, change: { state } }: BulkRequest, { changed }: BulkPart): void {
    if (changed === 0) return;
    if (state === 'waiting') this.#parts.wakeups.tell(hintOf(queue));
    this.#parts.events.emit('tasks-changed', { queue, to: state, count: changed });
  }

  /** Lets other work run, and waits unless the action is stopped. */
  #pause(delayMs: number, signal: AbortSignal | undefined): Promise<void> {
    const { clock } = this.#parts;
    if (delayMs === 0) return new Promise((done) => clock.soon(done));
    return new Promise((done) => {
      const cancel = clock.after(delayMs, end);
      function end(): void {
        cancel();
        signal?.removeEventListener('abort', end);
        done();
      }
      signal?.addEventListener('abort', end, { once: true });
    });
  }
}

/** A store is asked for a bounded number of ids at a time. */
const piecesOf = (filter: BulkFilter): BulkFilter[] =>
  filter.ids ? chunksOf([...new Set(filter.ids)], BULK_TASKS).map((ids) => ({ ...filter, ids })) : [filter];
