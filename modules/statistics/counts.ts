import { addHistogram, emptyHistogram, shortCounts, TIME_BUCKETS_MS } from './histogram';
import type { Histogram } from './histogram';

/** What is counted of the tasks of one name in one queue. */
export interface TaskCounts {
  /** Tasks that were added. */
  added: number;
  /** Attempts that succeeded. */
  succeeded: number;
  /** Attempts that failed, whatever became of their tasks. */
  failed: number;
  /** Failed attempts whose tasks are tried again. */
  retried: number;
  /** Failed attempts whose tasks are dead. */
  dead: number;
  /** Attempts that ended with their leases, unseen by their workers. They are among the failed ones where they are charged. */
  expired: number;
}

/** The names of the counts, in their order in a row. */
export const COUNTED = ['added', 'succeeded', 'failed', 'retried', 'dead', 'expired'] as const satisfies readonly (keyof TaskCounts)[];

/** The counts of one name in one queue, with how long attempts waited and ran. */
export interface Cell extends TaskCounts {
  /** Times from when tasks were due until they were claimed. */
  readonly wait: Histogram;
  /** Times that the handlers of attempts ran which succeeded. */
  readonly run: Histogram;
}

export const emptyCell = (): Cell => ({
  ...{ added: 0, succeeded: 0, failed: 0, retried: 0, dead: 0, expired: 0 },
  wait: emptyHistogram(),
  run: emptyHistogram(),
});

/** Most names of all queues together that are counted by themselves. Whoever makes a name of every payload must not fill the store. */
const MOST_NAMES = 1_000;

/** The queue and the name of the counts beyond that. */
export const OTHERS = '';

/** Counts by queue and name. */
export class CountTable {
  readonly #cells = new Map<string, Map<string, Cell>>();
  #size = 0;

  get isEmpty(): boolean {
    return this.#size === 0;
  }

  /** Returns the counts of a name in a queue, made when they are missing. */
  of(queue: string, name: string): Cell {
    return this.#cells.get(queue)?.get(name) ?? this.#make(queue, name);
  }

  *entries(): Iterable<readonly [queue: string, name: string, cell: Cell]> {
    for (const [queue, names] of this.#cells) for (const [name, cell] of names) yield [queue, name, cell];
  }

  /** Adds the counts of another table. */
  add(other: CountTable): void {
    for (const [queue, name, cell] of other.entries()) addCell(this.of(queue, name), cell);
  }

  #make(queue: string, name: string): Cell {
    if (this.#size >= MOST_NAMES && !(queue === OTHERS && name === OTHERS)) return this.of(OTHERS, OTHERS);
    const names = this.#cells.get(queue) ?? new Map<string, Cell>();
    this.#cells.set(queue, names);
    const cell = emptyCell();
    names.set(name, cell);
    this.#size += 1;
    return cell;
  }
}

/** Adds counts to others. */
export function addCell(to: Cell, from: Cell): void {
  for (const key of COUNTED) to[key] += from[key];
  addHistogram(to.wait, from.wait);
  addHistogram(to.run, from.run);
}

/** The counts of a name in a row: in the order of `COUNTED`, then the histograms without the zeros at their ends, and their longest times. */
type RowCell = readonly [
  queue: string,
  name: string,
  counts: readonly number[],
  wait: number[],
  run: number[],
  longestMs?: readonly [wait: number, run: number],
];

/** Returns the text of a row. */
export const rowText = (table: CountTable): string =>
  JSON.stringify(
    [...table.entries()].map(([queue, name, cell]): RowCell => [
      queue,
      name,
      COUNTED.map((key) => cell[key]),
      shortCounts(cell.wait),
      shortCounts(cell.run),
      [Math.ceil(cell.wait.longestMs), Math.ceil(cell.run.longestMs)],
    ]),
  );

/** The longest times of a row that was written before they were kept: the longest that a bucket ends at. */
const NOT_KEPT = [TIME_BUCKETS_MS.at(-1) ?? 0, TIME_BUCKETS_MS.at(-1) ?? 0] as const;

/** Adds the counts of a row to a table. */
export function addRow(table: CountTable, text: string): void {
  for (const [queue, name, counts, wait, run, longestMs = NOT_KEPT] of JSON.parse(text) as RowCell[]) {
    const cell = table.of(queue, name);
    COUNTED.forEach((key, at) => (cell[key] += counts[at] ?? 0));
    addHistogram(cell.wait, { counts: wait, longestMs: longestMs[0] });
    addHistogram(cell.run, { counts: run, longestMs: longestMs[1] });
  }
}
