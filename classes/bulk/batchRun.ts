import { FIRST_LIMIT, limitAtRate, nextLimit, pauseMs } from '../../modules/bulk/partLimit';
import { batchDecision, batchTerms } from '../../modules/bulk/batchDecisions';
import { isUnanswered } from '../../modules/errors/holdfastError';
import type { Bulk } from '../../modules/ports/bulk';
import type { SettleAnswer } from '../../modules/ports/taskStore';
import { parseSearch } from '../../modules/search/parseSearch';
import { callRetryDelay } from '../../modules/time/callRetryDelay';
import { sleep } from '../../modules/time/clock';
import type { Clock, Random } from '../../modules/time/clock';
import { groupBy } from '../../modules/values/groupBy';
import type { Recorder } from '../lease/recorder';
import type { Found, Searcher } from '../search/searcher';
import type { BatchHold } from './batchHold';

/** The number of times that a part is tried while the store does not answer. */
const TRIES = 4;

/** The parts of a BatchRun. */
export interface BatchRunParts {
  readonly bulk: Pick<Bulk, 'partMs'>;
  readonly searcher: Pick<Searcher, 'page'>;
  readonly recorder: Pick<Recorder, 'change'>;
  readonly clock: Clock;
  readonly random: Random;
}

/** What one part has done, and where the next begins. */
interface Part {
  readonly seen: number;
  readonly changed: number;
  readonly clashed: number;
  readonly next: string | null;
}

/**
 * Carries out a batch part by part: finds the next of its tasks, and changes each only if nobody has written to it since. So of two batches on one task
 * one changes it, and what moved on is left alone.
 */
export class BatchRun {
  readonly #parts: BatchRunParts;
  readonly #hold: BatchHold;

  constructor(parts: BatchRunParts, hold: BatchHold) {
    this.#parts = parts;
    this.#hold = hold;
  }

  /**
   * Goes on to the end of the batch, until somebody stops it, or until another run has taken it over.
   *
   * @param signal has it leave the batch to others after the part under way.
   * @throws the error of the store; then others go on with it.
   */
  async go(signal: AbortSignal): Promise<void> {
    const hold = this.#hold;
    for (let limit = FIRST_LIMIT; ;) {
      if (hold.row.isStopping) return hold.end({ state: 'stopped' });
      if (signal.aborted) return hold.note({ heldUntilMs: 0 });
      const { clock, bulk } = this.#parts;
      const { ratePerSecond } = hold.row;
      const startedAt = clock.monotonic();
      const part = await this.#partUntilAnswered(limitAtRate(limit, ratePerSecond));
      const tookMs = clock.monotonic() - startedAt;
      await this.#note(part);
      if (hold.isLost || part.next === null) return;
      limit = nextLimit(limit, tookMs, bulk.partMs);
      await this.#pause(pauseMs(part.changed, tookMs, ratePerSecond), signal);
    }
  }

  async #note({ seen, changed, clashed, next }: Part): Promise<void> {
    const { row } = this.#hold;
    const reached = { seen: row.seen + seen, changed: row.changed + changed, clashed: row.clashed + clashed, after: next };
    await (next === null ? this.#hold.end({ ...reached, state: 'done' }) : this.#hold.note(reached));
  }

  async #partUntilAnswered(limit: number): Promise<Part> {
    for (let tries = 1; ; tries += 1) {
      try {
        return await this.#part(limit);
      } catch (error) {
        if (!isUnanswered(error) || tries >= TRIES) throw error;
        await sleep(this.#parts.clock, callRetryDelay(tries, this.#parts.random));
      }
    }
  }

  async #part(limit: number): Promise<Part> {
    const { action, search, within, startedAtMs, after } = this.#hold.row;
    const found = await this.#parts.searcher.page({
      terms: batchTerms(action, parseSearch(search).terms),
      within: within ?? undefined,
      nowMs: startedAtMs,
      limit,
      after: after ?? undefined,
      isHead: true,
    });
    const answers = await this.#change(found);
    const count = (wanted: SettleAnswer): number => answers.filter((answer) => answer === wanted).length;
    return { seen: found.tasks.length, changed: count('applied'), clashed: count('clash'), next: found.next };
  }

  async #change({ tasks }: Found): Promise<SettleAnswer[]> {
    const decide = batchDecision(this.#hold.row.action);
    const answers: SettleAnswer[] = [];
    for (const [queue, some] of groupBy(tasks, (task) => task.queue)) answers.push(...(await this.#parts.recorder.change(queue, some, decide)));
    return answers;
  }

  /** Lets other work run, and waits unless the process stops. */
  #pause(delayMs: number, signal: AbortSignal): Promise<void> {
    const { clock } = this.#parts;
    if (delayMs === 0) return new Promise((done) => clock.soon(done));
    return new Promise((done) => {
      const cancel = clock.after(delayMs, end);
      function end(): void {
        cancel();
        signal.removeEventListener('abort', end);
        done();
      }
      signal.addEventListener('abort', end, { once: true });
    });
  }
}
