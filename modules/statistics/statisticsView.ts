import { HOUR, MINUTE, SECOND } from '../../constants/limits';
import { addCell, COUNTED, emptyCell } from './counts';
import type { Cell, TaskCounts } from './counts';
import { viewTimes } from './histogram';
import type { TimesView } from './histogram';

/** What was counted in a time. */
export interface CountsView extends Readonly<TaskCounts> {
  /** How long attempts waited, from when their tasks were due. */
  readonly wait: TimesView;
  /** How long the handlers of successful attempts ran. */
  readonly run: TimesView;
}

/** What was counted in one step. */
export interface StatisticsPoint extends CountsView {
  /** The beginning of the step. */
  readonly at: Date;
}

/** What was counted of one name in one queue. */
export interface NameStatistics extends CountsView {
  /** The name of the queue; '' for what is beyond the names that are counted by themselves. */
  readonly queue: string;
  readonly name: string;
}

/** What `store.statistics.read` returns. */
export interface StatisticsView {
  /** The beginning of the first step. */
  readonly from: Date;
  readonly to: Date;
  /** The length of a step in milliseconds. */
  readonly step: number;
  /** Every step, also one in which nothing happened. */
  readonly points: readonly StatisticsPoint[];
  /** What was counted in all steps together. */
  readonly total: CountsView;
  /** The same by queue and name, those with the most attempts first. */
  readonly names: readonly NameStatistics[];
}

/** Returns the view of counts. */
export const viewCell = (cell: Cell): CountsView => ({
  ...(Object.fromEntries(COUNTED.map((key) => [key, cell[key]])) as Record<keyof TaskCounts, number>),
  wait: viewTimes(cell.wait),
  run: viewTimes(cell.run),
});

/** Most steps of one answer. */
export const MOST_STEPS = 2_000;

/** The steps to choose from where none is given, and the number of steps that the choice does not exceed. */
const STEPS_MS = [10 * SECOND, MINUTE, 5 * MINUTE, 15 * MINUTE, HOUR, 6 * HOUR, 24 * HOUR];
const STEPS_SHOWN = 200;

/** Returns the step for a time where none is given. */
export const stepFor = (spanMs: number): number => STEPS_MS.find((step) => spanMs / step <= STEPS_SHOWN) ?? (STEPS_MS.at(-1) as number);

/** Tells whether rows can be added up to steps of this length. */
export const isStep = (stepMs: number): boolean =>
  stepMs >= 10 * SECOND && (stepMs % HOUR === 0 || (stepMs < HOUR && stepMs % MINUTE === 0) || (stepMs < MINUTE && stepMs % (10 * SECOND) === 0));

/** Adds up rows by step and by name. */
export class StatisticsSum {
  readonly #span: { readonly fromMs: number; readonly toMs: number; readonly stepMs: number };
  readonly #steps: Cell[];
  readonly #names = new Map<string, { readonly queue: string; readonly name: string; readonly cell: Cell }>();

  constructor(span: { readonly fromMs: number; readonly toMs: number; readonly stepMs: number }) {
    this.#span = span;
    this.#steps = Array.from({ length: Math.ceil((span.toMs - span.fromMs) / span.stepMs) }, emptyCell);
  }

  add(atMs: number, queue: string, name: string, cell: Cell): void {
    const step = this.#steps[Math.floor((atMs - this.#span.fromMs) / this.#span.stepMs)];
    if (step) addCell(step, cell);
    const key = JSON.stringify([queue, name]);
    const ofName = this.#names.get(key) ?? { queue, name, cell: emptyCell() };
    this.#names.set(key, ofName);
    addCell(ofName.cell, cell);
  }

  view(): StatisticsView {
    const { fromMs, toMs, stepMs } = this.#span;
    const total = emptyCell();
    for (const cell of this.#steps) addCell(total, cell);
    const attempts = ({ succeeded, failed }: TaskCounts): number => succeeded + failed;
    const names = [...this.#names.values()].map(({ queue, name, cell }) => ({ queue, name, ...viewCell(cell) }));
    return {
      ...{ from: new Date(fromMs), to: new Date(toMs), step: stepMs },
      points: this.#steps.map((cell, at) => ({ at: new Date(fromMs + at * stepMs), ...viewCell(cell) })),
      total: viewCell(total),
      names: names.sort((a, b) => attempts(b) - attempts(a) || b.added - a.added || (a.name < b.name ? -1 : 1)),
    };
  }
}
