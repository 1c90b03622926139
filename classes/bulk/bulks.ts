import { randomUUID } from 'node:crypto';
import { COUNTED_TASKS } from '../../constants/limits';
import { BULK_CHANGES, NO_PROGRESS, withPart } from '../../modules/bulk/bulkAction';
import type { BulkAction, BulkProgress } from '../../modules/bulk/bulkAction';
import type { FinishedState } from '../../constants/states';
import { operationOf } from '../../modules/bulk/operation';
import type { BulkPoint, Operation } from '../../modules/bulk/operation';
import { FIRST_LIMIT, limitAtRate, nextLimit, pauseMs } from '../../modules/bulk/partLimit';
import { isUnanswered } from '../../modules/errors/holdfastError';
import type { Bulk, BulkCount, BulkFilter, BulkPart, BulkRequest } from '../../modules/ports/bulk';
import type { RecordStore } from '../../modules/ports/recordStore';
import { hintOf } from '../../modules/ports/hint';
import { callRetryDelay } from '../../modules/time/callRetryDelay';
import { sleep } from '../../modules/time/clock';
import type { Clock, Random } from '../../modules/time/clock';
import { chunksOf } from '../../modules/values/chunksOf';
import type { Wakeups } from '../idle/wakeups';
import type { Emitter } from '../observe/emitter';
import type { InternalErrors } from '../observe/internalErrors';
import { OperationRecord } from './operationRecord';

/** The number of times that a part is sent. Each is half of the one before, because it may have been too large. */
const TRIES = 4;

/** The parts of an action from which on it has a record. Small ones are over before anybody could go on with them. */
const UNRECORDED = 3;

/** The most records that are read in one look. */
const MOST_RECORDS = 100;

/** How a bulk action is carried out. */
export interface BulkOptions {
  /** The most tasks a second; without it as many as the store takes. */
  readonly ratePerSecond?: number | undefined;
  /** Stops the action after the part under way. */
  readonly signal?: AbortSignal | undefined;
  /** Is called after each part. */
  readonly onProgress?: ((progress: BulkProgress) => void) | undefined;
}

/** What a walk does with which tasks, and whether it emits an event for each part. */
interface BulkWork {
  readonly action: BulkAction;
  readonly filter: BulkFilter;
  readonly isTold: boolean;
  /** Is waited for after each part but the last. */
  readonly onPoint?: (point: BulkPoint) => Promise<void>;
}

/** The parts of the bulk actions. */
export interface BulksParts {
  readonly bulk: Bulk;
  readonly records: RecordStore;
  readonly wakeups: Wakeups;
  readonly events: Emitter;
  readonly internalErrors: InternalErrors;
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
   * A large one, but one by ids, has a record, from which another process goes on if this one ends.
   *
   * @throws the error of the store; what was done before stays done.
   */
  async run(action: BulkAction, filter: BulkFilter, options: BulkOptions = {}): Promise<BulkProgress> {
    let progress = NO_PROGRESS;
    for (const piece of piecesOf(await this.#asOfNow(filter), this.#parts.bulk.idsAtOnce)) {
      if (options.signal?.aborted) break;
      progress = await this.#walkRecorded({ action, filter: piece, isTold: true }, options, { after: null, progress });
    }
    return progress;
  }

  /**
   * Goes on with the actions whose process has ended, one after the other.
   *
   * @param signal has it leave them to others.
   * @throws the error of the store.
   */
  async resume(signal: AbortSignal): Promise<void> {
    const { bulk, records } = this.#parts;
    const found = await records.list({ kind: 'bulk', prefix: '', limit: MOST_RECORDS });
    if (found.length === 0) return;
    for (const stored of found) {
      const operation = operationOf(stored.value);
      const nowMs = (await bulk.now()).getTime();
      if (!signal.aborted && operation.heldUntilMs <= nowMs) await this.#goOn(operation, new OperationRecord(this.#parts, stored), signal);
    }
  }

  async #goOn(operation: Operation, record: OperationRecord, signal: AbortSignal): Promise<void> {
    const { action, filter, ratePerSecond } = operation;
    await record.note(operation);
    if (record.isLost) return;
    const lost = new AbortController();
    let point: BulkPoint = operation;
    const onPoint = async (reached: BulkPoint): Promise<void> => {
      point = reached;
      await record.note({ ...operation, ...point });
      if (record.isLost) lost.abort();
    };
    await this.#walk({ action, filter, isTold: true, onPoint }, { ratePerSecond, signal: AbortSignal.any([signal, lost.signal]) }, operation);
    if (record.isLost) return;
    await (signal.aborted ? record.release({ ...operation, ...point }) : record.end());
  }

  /** An action by ids is not recorded: its caller has the ids, and they may be more than a record holds. */
  async #walkRecorded(work: BulkWork, options: BulkOptions, from: BulkPoint): Promise<BulkProgress> {
    if (work.filter.ids) return this.#walk(work, options, from);
    const { action, filter } = work;
    const { internalErrors } = this.#parts;
    const record = new OperationRecord(this.#parts);
    let parts = 0;
    const onPoint = async (point: BulkPoint): Promise<void> => {
      parts += 1;
      if (parts < UNRECORDED) return;
      await record
        .note({ action, filter, ratePerSecond: options.ratePerSecond, ...point })
        .catch((error: unknown) => internalErrors.note('bulk', error));
    };
    try {
      return await this.#walk({ ...work, onPoint }, options, from);
    } finally {
      // On a store that has been closed this fails, and the record has others go on.
      await record.end().catch((error: unknown) => internalErrors.note('bulk', error));
    }
  }

  /**
   * Removes the finished tasks of a state but the newest. Like the end of a retention, this emits no event.
   *
   * @throws the error of the store.
   */
  async trim(queue: string, state: FinishedState, newest: number): Promise<void> {
    const after = await this.#parts.bulk.placeAfter(queue, state, newest);
    if (after !== null)
      await this.#walk({ action: 'remove', filter: { queue, states: [state] }, isTold: false }, {}, { after, progress: NO_PROGRESS });
  }

  /** Newer waiting tasks come in behind those that are walked through, so a time tells them apart. */
  async #asOfNow(filter: BulkFilter): Promise<BulkFilter> {
    if (filter.ids || filter.addedUntil || !filter.states.includes('waiting')) return filter;
    return { ...filter, addedUntil: await this.#parts.bulk.now() };
  }

  async #walk(work: BulkWork, options: BulkOptions, from: BulkPoint): Promise<BulkProgress> {
    const { clock } = this.#parts;
    let { after, progress } = from;
    for (let limit = FIRST_LIMIT; ;) {
      const startedAt = clock.monotonic();
      const part = await this.#part(work, limitAtRate(limit, options.ratePerSecond), after);
      const tookMs = clock.monotonic() - startedAt;
      progress = withPart(progress, part);
      options.onProgress?.(progress);
      if (part.next !== null) await work.onPoint?.({ after: part.next, progress });
      if (part.next === null || options.signal?.aborted) return progress;
      [after, limit] = [part.next, nextLimit(limit, tookMs, this.#parts.bulk.partMs)];
      await this.#pause(pauseMs(part.changed, tookMs, options.ratePerSecond), options.signal);
    }
  }

  async #part({ action, filter, isTold }: BulkWork, limit: number, after: string | null): Promise<BulkPart> {
    const request = { filter, change: BULK_CHANGES[action], by: randomUUID(), limit, ...(after === null ? {} : { after }) };
    const part = await this.#change(request);
    if (isTold) this.#tell(request, part);
    return part;
  }

  /** A part is sent again if it was not answered: then it finds only what it has not changed yet. */
  async #change(request: BulkRequest): Promise<BulkPart> {
    for (let tries = 1, limit = request.limit; ; tries += 1) {
      try {
        return await this.#parts.bulk.change({ ...request, limit });
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
const piecesOf = (filter: BulkFilter, idsAtOnce: number): BulkFilter[] =>
  filter.ids ? chunksOf([...new Set(filter.ids)], idsAtOnce).map((ids) => ({ ...filter, ids })) : [filter];
