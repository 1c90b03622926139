import type { RecordStore, StoredRecord } from '../../modules/ports/recordStore';
import { processFacts } from '../../modules/roster/processFacts';
import { BEAT_EVERY_MS, GONE_AFTER_MS, readRow, rowOf } from '../../modules/roster/processRow';
import type { ProcessFacts, ProcessRow, RunningNote, WorkerNote } from '../../modules/roster/processRow';
import type { Clock } from '../../modules/time/clock';
import { Loop } from '../async/loop';
import type { InternalErrors } from '../observe/internalErrors';

/** The most times that one beat writes a row which others write at the same time. */
const TRIES = 5;

/** A worker as the beat of its process sees it. */
export interface Beating {
  /** Tells what the worker is and runs. */
  note(): WorkerNote;
  /** Makes the worker take nothing more. It may be called again. */
  noteDraining(): void;
}

/** The parts of a ProcessBeat. */
export interface ProcessBeatParts {
  readonly records: Pick<RecordStore, 'read' | 'write' | 'remove'>;
  readonly internalErrors: InternalErrors;
  readonly clock: Clock;
}

/**
 * Writes the row of this process every five seconds, as long as it has a worker.
 *
 * A beat is one write, under the revision of the beat before. Whoever wants the process drained writes its row in between: the next beat then finds
 * another revision, and reads what is wanted.
 */
export class ProcessBeat {
  /** The id of this process in the list of processes. */
  readonly id: string;
  readonly #parts: ProcessBeatParts;
  readonly #workers = new Set<Beating>();
  readonly #loop: Loop;
  #facts: ProcessFacts | undefined;
  /** The revision of the row as this process wrote it; 0 if there is none. */
  #rev = 0;
  #isDraining = false;
  /** When the first worker came, by the clock of this process. */
  #since: number | undefined;
  /** How long it had been there when the row was made. */
  #upMs = 0;

  constructor(id: string, parts: ProcessBeatParts) {
    this.id = id;
    this.#parts = parts;
    this.#loop = new Loop({
      clock: parts.clock,
      run: () => this.#beat(),
      delayMs: () => BEAT_EVERY_MS,
      onError: (error) => parts.internalErrors.note('beat', error),
    });
  }

  /** Shows a worker that has started. */
  join(worker: Beating): void {
    this.#workers.add(worker);
    this.#since ??= this.#parts.clock.monotonic();
    if (this.#isDraining) worker.noteDraining();
    this.#loop.start();
    this.#loop.runNow();
  }

  /** Shows a worker no more. The row ends with the last one. */
  leave(worker: Beating): void {
    if (this.#workers.delete(worker)) this.#loop.runNow();
  }

  /** Makes the workers of this process take nothing more, those that start later too. */
  drain(): void {
    this.#isDraining = true;
    for (const worker of this.#workers) worker.noteDraining();
    this.#loop.runNow();
  }

  /** What the workers of this process run now. */
  get running(): readonly RunningNote[] {
    return [...this.#workers].flatMap((worker) => worker.note().running);
  }

  /** Stops, after a beat under way, and ends the row of a process without workers. Safe to call twice. */
  async stop(): Promise<void> {
    await this.#loop.stop();
    // The last worker may have left during that beat.
    if (this.#workers.size === 0) await this.#beat().catch((error: unknown) => this.#parts.internalErrors.note('beat', error));
  }

  async #beat(): Promise<void> {
    if (this.#workers.size > 0) return this.#write();
    this.#since = undefined;
    if (this.#rev > 0) await this.#remove();
  }

  async #remove(): Promise<void> {
    await this.#parts.records.remove('process', this.id);
    this.#rev = 0;
  }

  async #write(): Promise<void> {
    const { records } = this.#parts;
    for (let tries = 0; tries < TRIES; tries += 1) {
      const value = JSON.stringify(this.#row());
      const written = await records.write({ kind: 'process', key: this.id, value, rev: this.#rev, keepMs: GONE_AFTER_MS });
      if (written) this.#rev += 1;
      if (written) return;
      this.#obey(await records.read('process', this.id));
    }
  }

  #row(): ProcessRow {
    const now = this.#parts.clock.monotonic();
    if (this.#rev === 0) this.#upMs = Math.round(now - (this.#since ?? now));
    const notes = [...this.#workers].map((worker) => worker.note());
    return rowOf({ ...(this.#facts ??= processFacts()), upMs: this.#upMs, isDraining: this.#isDraining }, notes);
  }

  /** Takes over what another process has written. A row that is gone, because this process stood still, is written anew. */
  #obey(found: StoredRecord | null): void {
    this.#rev = found?.rev ?? 0;
    if (!found) return;
    const { upMs, isDraining } = readRow(found);
    this.#upMs = upMs;
    if (!isDraining || this.#isDraining) return;
    this.#isDraining = true;
    for (const worker of this.#workers) worker.noteDraining();
  }
}
