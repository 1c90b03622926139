import { processIdOption } from '../../config/options';
import { allRecords } from '../../modules/ports/recordPages';
import type { RecordStore, StoredRecord } from '../../modules/ports/recordStore';
import { checkOptions } from '../../modules/options/checkOptions';
import { GONE_AFTER_MS, readRow, viewProcess } from '../../modules/roster/processRow';
import type { ProcessView, RunningNote } from '../../modules/roster/processRow';
import type { ProcessBeat } from './processBeat';

/** The parts of Processes. */
export interface ProcessesParts {
  readonly records: Pick<RecordStore, 'read' | 'write' | 'list'>;
  readonly beat: ProcessBeat;
}

/**
 * The processes that have a worker on a store, those of other machines too.
 *
 * A process writes its row when a worker starts, and then every five seconds. It is gone when three of these beats were missed, by the clock of the store.
 *
 * @example
 * for (const { id, running, slots } of await store.processes.list()) console.log(id, `${running} of ${slots}`);
 */
export class Processes {
  readonly #parts: ProcessesParts;

  /** Use `store.processes`. @internal */
  constructor(parts: ProcessesParts) {
    this.#parts = parts;
  }

  /** The id of this process, whether or not it has a worker. */
  get id(): string {
    return this.#parts.beat.id;
  }

  /**
   * Returns the processes that are alive, by id.
   *
   * @throws HOLDFAST_STORE_….
   * @example
   * const served = (await store.processes.list()).flatMap(({ workers }) => workers.flatMap(({ queues }) => queues));
   */
  async list(): Promise<ProcessView[]> {
    return (await this.#records()).map(viewProcess);
  }

  /**
   * Makes the workers of a process take nothing more. What they run, they end; the process goes on until it is stopped. It hears of it at its next beat,
   * within five seconds. Safe to call twice. There is no way back but a new process.
   *
   * @param id the id of the process, or of one of its workers.
   * @returns false if no live process has this id.
   * @throws HOLDFAST_OPTION_INVALID if the id is none, or HOLDFAST_STORE_….
   * @example
   * const [oldest] = await store.processes.list();
   * if (oldest) await store.processes.drain(oldest.id);
   */
  async drain(id: string): Promise<boolean> {
    checkOptions(processIdOption, id, 'id');
    for (;;) {
      const found = await this.#find(id);
      if (!found) return false;
      if (found.key === this.id) this.#parts.beat.drain();
      const row = readRow(found);
      if (found.key === this.id || row.isDraining) return true;
      const value = JSON.stringify({ ...row, isDraining: true });
      if (await this.#parts.records.write({ kind: 'process', key: found.key, value, rev: found.rev, keepMs: GONE_AFTER_MS })) return true;
    }
  }

  /** Makes the workers of this process take nothing more, without a call to the store. @internal */
  drainOwn(): void {
    this.#parts.beat.drain();
  }

  /** What the workers of this process run now. @internal */
  get ownRunning(): readonly RunningNote[] {
    return this.#parts.beat.running;
  }

  async #find(id: string): Promise<StoredRecord | undefined> {
    const own = await this.#parts.records.read('process', id);
    if (own) return own;
    return (await this.#records()).find((record) => readRow(record).workers.some((worker) => worker.id === id));
  }

  #records(): Promise<StoredRecord[]> {
    return allRecords(this.#parts.records, 'process');
  }
}
