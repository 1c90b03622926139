import type { RecordStore } from '../../modules/ports/recordStore';
import { addRow, CountTable, rowText } from '../../modules/statistics/counts';
import { closedAt, floorTo, keyOfRow, ROLLED_KEY, ROWS, timeOfRow } from '../../modules/statistics/statisticsRows';
import type { Rolled, RowKind } from '../../modules/statistics/statisticsRows';
import { readRolled, rowsOf } from './rowReader';

/** The parts of a Roller. */
export interface RollerParts {
  readonly records: Pick<RecordStore, 'read' | 'write' | 'list'>;
}

/**
 * Adds the rows of ten seconds of all processes up to rows of minutes, and these to rows of hours.
 *
 * Any process does it, and several may do it at once: the row of a minute is the same whoever adds it up, and is written only where there is none.
 */
export class Roller {
  readonly #records: RollerParts['records'];
  #known: Rolled = { minutes: 0, hours: 0 };

  constructor({ records }: RollerParts) {
    this.#records = records;
  }

  /** Tells whether a row that was written at an instant may wait for being added up now. */
  isDue(writtenMs: number, nowMs: number): boolean {
    const closed = closedAt(nowMs);
    const isDue = (part: keyof Rolled): boolean => writtenMs >= this.#known[part] && closed[part] > this.#known[part];
    return isDue('minutes') || isDue('hours');
  }

  /**
   * Adds up what no process has added up so far.
   *
   * @throws the error of the store.
   */
  async roll(nowMs: number): Promise<void> {
    const closed = closedAt(nowMs);
    const { rolled, rev } = await readRolled(this.#records);
    this.#known = rolled;
    if (rolled.minutes >= closed.minutes && rolled.hours >= closed.hours) return;
    await this.#addUp('seconds', 'minutes', rolled.minutes, closed.minutes);
    await this.#addUp('minutes', 'hours', rolled.hours, closed.hours);
    await this.#records.write({ kind: 'statistics', key: ROLLED_KEY, value: JSON.stringify(closed), rev });
    this.#known = closed;
  }

  async #addUp(from: RowKind, to: RowKind, fromMs: number, toMs: number): Promise<void> {
    let atMs = -1;
    let table = new CountTable();
    for await (const { key, value } of rowsOf(this.#records, { kind: from, fromMs, toMs })) {
      const startMs = floorTo(ROWS[to].ms, timeOfRow(key));
      if (startMs !== atMs) {
        await this.#write(to, atMs, table);
        [atMs, table] = [startMs, new CountTable()];
      }
      addRow(table, value);
    }
    await this.#write(to, atMs, table);
  }

  async #write(kind: RowKind, atMs: number, table: CountTable): Promise<void> {
    if (table.isEmpty) return;
    await this.#records.write({ kind: 'statistics', key: keyOfRow(kind, atMs), value: rowText(table), rev: 0, keepMs: ROWS[kind].keepMs });
  }
}
