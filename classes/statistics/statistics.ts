import { statisticsOptions } from '../../config/observeOptions';
import type { StatisticsOptions } from '../../config/optionTypes';
import { HOUR } from '../../constants/limits';
import { HoldfastError } from '../../modules/errors/holdfastError';
import { resolveOptions } from '../../modules/options/resolveOptions';
import type { RecordStore } from '../../modules/ports/recordStore';
import { addRow, CountTable } from '../../modules/statistics/counts';
import { floorTo, rangesOf, ROWS, timeOfRow } from '../../modules/statistics/statisticsRows';
import type { RowRange } from '../../modules/statistics/statisticsRows';
import { isStep, MOST_STEPS, StatisticsSum, stepFor } from '../../modules/statistics/statisticsView';
import type { StatisticsView } from '../../modules/statistics/statisticsView';
import { readRolled, rowsOf } from './rowReader';

/** The parts of Statistics. */
export interface StatisticsParts {
  readonly records: Pick<RecordStore, 'read' | 'list'>;
  readonly storeNow: () => Promise<number>;
}

/** What is counted: of all queues and names, if none is named. */
interface Chosen {
  readonly queue: string | undefined;
  readonly name: string | undefined;
}

/** A time in whole steps. */
interface Span {
  readonly fromMs: number;
  readonly toMs: number;
  readonly stepMs: number;
}

/**
 * What became of the tasks of a store, as all its processes have counted it.
 *
 * A process writes what it has counted every ten seconds, so the last ten seconds are not complete. Rows of ten seconds are kept for a day, those of
 * minutes for 3 days and those of hours for 90.
 *
 * @example
 * const { total } = await store.statistics.read({ queue: 'mail' });
 * console.log(`${total.succeeded} succeeded in the last hour, 95 % of them within ${total.run.p95} ms`);
 */
export class Statistics {
  readonly #parts: StatisticsParts;

  /** Use `store.statistics`. @internal */
  constructor(parts: StatisticsParts) {
    this.#parts = parts;
  }

  /**
   * Returns what was counted in a time, in equal steps, and by queue and name.
   *
   * @param options `queue` and `name` choose what is counted; `from` and `to` are Dates, by default the last hour; `step` is the length of a step in
   *   milliseconds, a multiple of ten seconds, of minutes or of hours, by default one that gives at most 200 steps.
   * @throws HOLDFAST_OPTION_UNKNOWN or HOLDFAST_OPTION_INVALID, also for more than 2,000 steps, or HOLDFAST_STORE_….
   * @example
   * const { points, names } = await store.statistics.read({ from: new Date(Date.now() - 86_400_000), step: 3_600_000 });
   * for (const { at, succeeded, dead } of points) console.log(at.toISOString(), succeeded, dead);
   */
  async read(options?: Partial<StatisticsOptions>): Promise<StatisticsView> {
    const { queue, name, ...given } = resolveOptions(statisticsOptions, options, 'statistics');
    const span = spanOf(given, await this.#parts.storeNow());
    const sum = new StatisticsSum(span);
    const { rolled } = await readRolled(this.#parts.records);
    for (const range of rangesOf(span.fromMs, span.toMs, span.stepMs, rolled)) await this.#addRange(range, sum, { queue, name });
    return sum.view();
  }

  async #addRange(range: RowRange, sum: StatisticsSum, { queue, name }: Chosen): Promise<void> {
    for await (const { key, value } of rowsOf(this.#parts.records, range)) {
      const table = new CountTable();
      addRow(table, value);
      for (const [ofQueue, ofName, cell] of table.entries()) {
        if (ofQueue === (queue ?? ofQueue) && ofName === (name ?? ofName)) sum.add(timeOfRow(key), ofQueue, ofName, cell);
      }
    }
  }
}

function spanOf({ from, to, step }: Pick<StatisticsOptions, 'from' | 'to' | 'step'>, nowMs: number): Span {
  // The row of the present ten seconds is in the answer.
  const endMs = to?.getTime() ?? floorTo(ROWS.seconds.ms, nowMs) + ROWS.seconds.ms;
  const beginMs = from?.getTime() ?? endMs - HOUR;
  const refuse = (field: string, expected: string): never => {
    throw new HoldfastError('HOLDFAST_OPTION_INVALID', { field: `statistics.${field}`, expected });
  };
  if (beginMs >= endMs) refuse('from', 'before `to`');
  const stepMs = step ?? stepFor(endMs - beginMs);
  if (!isStep(stepMs)) refuse('step', 'a multiple of ten seconds below a minute, of a minute below an hour, or of an hour');
  const [fromMs, toMs] = [floorTo(stepMs, beginMs), floorTo(stepMs, endMs + stepMs - 1)];
  if ((toMs - fromMs) / stepMs > MOST_STEPS) refuse('step', `long enough for at most ${MOST_STEPS} steps`);
  return { fromMs, toMs, stepMs };
}
