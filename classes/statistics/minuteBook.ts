import { MINUTE } from '../../constants/limits';
import type { RecordStore } from '../../modules/ports/recordStore';
import { addCell, addRow, CountTable, emptyCell } from '../../modules/statistics/counts';
import type { Cell } from '../../modules/statistics/counts';
import type { MinutesByQueue } from '../../modules/statistics/minutesByQueue';
import { floorTo, rangesOf, timeOfRow } from '../../modules/statistics/statisticsRows';
import { readRolled, rowsOf } from './rowReader';

/** The minutes that are kept: the last hour, the present one included. */
const MINUTES = 60;

/** The last minutes whose rows may still be on their way. They are read again. */
const OPEN_MINUTES = 3;

/** The parts of a MinuteBook. */
export interface MinuteBookParts {
  readonly records: Pick<RecordStore, 'read' | 'list'>;
}

/** The counts of the last hour by minute and queue. Minutes that are over are read once, so that looking again and again costs a read of the last rows. */
export class MinuteBook {
  readonly #records: MinuteBookParts['records'];
  readonly #minutes = new Map<number, ReadonlyMap<string, Cell>>();
  #readUntilMs = -Infinity;

  constructor({ records }: MinuteBookParts) {
    this.#records = records;
  }

  /**
   * Returns the last hour.
   *
   * @throws the error of the store.
   */
  async read(nowMs: number): Promise<MinutesByQueue> {
    const toMs = floorTo(MINUTE, nowMs) + MINUTE;
    const fromMs = toMs - MINUTES * MINUTE;
    const openMs = Math.max(fromMs, Math.min(this.#readUntilMs, toMs) - OPEN_MINUTES * MINUTE);
    const read = await this.#read(openMs, toMs);
    for (const startMs of [...this.#minutes.keys()]) if (startMs < fromMs || startMs >= openMs) this.#minutes.delete(startMs);
    for (const [startMs, cells] of read) this.#minutes.set(startMs, cells);
    this.#readUntilMs = toMs;
    return this.#view(fromMs);
  }

  async #read(fromMs: number, toMs: number): Promise<Map<number, Map<string, Cell>>> {
    const { rolled } = await readRolled(this.#records);
    const minutes = new Map<number, Map<string, Cell>>();
    for (const range of rangesOf(fromMs, toMs, MINUTE, rolled)) {
      for await (const { key, value } of rowsOf(this.#records, range)) {
        const startMs = floorTo(MINUTE, timeOfRow(key));
        const cells = minutes.get(startMs) ?? new Map<string, Cell>();
        minutes.set(startMs, cells);
        addByQueue(cells, value);
      }
    }
    return minutes;
  }

  #view(fromMs: number): MinutesByQueue {
    const starts = Array.from({ length: MINUTES }, (_, at) => fromMs + at * MINUTE);
    const queues = new Map<string, (Cell | undefined)[]>();
    starts.forEach((startMs, at) => {
      for (const [queue, cell] of this.#minutes.get(startMs) ?? []) {
        const cells = queues.get(queue) ?? Array.from({ length: MINUTES }, () => undefined);
        queues.set(queue, cells);
        cells[at] = cell;
      }
    });
    return { starts, queues };
  }
}

function addByQueue(cells: Map<string, Cell>, row: string): void {
  const table = new CountTable();
  addRow(table, row);
  for (const [queue, , cell] of table.entries()) {
    const sum = cells.get(queue) ?? emptyCell();
    cells.set(queue, sum);
    addCell(sum, cell);
  }
}
