import { COUNTED_TASKS, SECOND } from '../../constants/limits';
import { overviewOf } from '../../modules/admin/overviewOf';
import type { Snapshot } from '../../modules/admin/overviewOf';
import type { Overview, QueueRow } from '../../modules/admin/adminTypes';
import { queueRow } from '../../modules/admin/queueRow';
import { isUnanswered } from '../../modules/errors/holdfastError';
import { isPattern } from '../../modules/ports/queuePatterns';
import { allRecords } from '../../modules/ports/recordPages';
import type { ProcessView } from '../../modules/roster/processRow';
import type { MinutesByQueue } from '../../modules/statistics/minutesByQueue';
import { MinuteBook } from '../statistics/minuteBook';
import type { StoreParts } from '../store/storeParts';
import { Remembered } from './remembered';
import type { Aged } from './remembered';

/** How long each part of a picture is kept before it is read again. */
const KEPT_MS = { all: SECOND, names: 3 * SECOND, processes: 3 * SECOND, statistics: 5 * SECOND, brokers: 10 * SECOND };

/** Queues whose tasks are counted at once. */
const AT_ONCE = 4;

/** The parts of a Picture. */
export type PictureParts = Pick<StoreParts, 'looks' | 'tallies' | 'settings' | 'records' | 'processes' | 'schedules' | 'clock'>;

/** What is known of all queues beside their counts. */
interface Around {
  readonly nowMs: number;
  readonly paused: ReadonlySet<string>;
  readonly brokers: ReadonlySet<string>;
  readonly processes: readonly ProcessView[];
  readonly minutes: MinutesByQueue;
}

/** The state of all queues as it was read last, which all who look share. */
export class Picture {
  readonly #parts: PictureParts;
  readonly #waiting = new Map<number, ReadonlyMap<string, number>>();
  readonly #snapshot: Remembered<Snapshot>;
  readonly #names: Remembered<readonly string[]>;
  readonly #processes: Remembered<readonly ProcessView[]>;
  readonly #minutes: Remembered<MinutesByQueue>;
  readonly #brokers: Remembered<ReadonlySet<string>>;
  /** What `news` saw last. */
  #seen: { readonly counts: ReadonlyMap<string, string>; readonly ids: string } | undefined;

  constructor(parts: PictureParts) {
    this.#parts = parts;
    const { clock } = parts;
    const minuteBook = new MinuteBook(parts);
    this.#snapshot = new Remembered(() => this.#take(), KEPT_MS.all, clock);
    this.#names = new Remembered(() => parts.looks.names(), KEPT_MS.names, clock);
    this.#processes = new Remembered(() => parts.processes.list(), KEPT_MS.processes, clock);
    this.#minutes = new Remembered(async () => minuteBook.read(await parts.schedules.now()), KEPT_MS.statistics, clock);
    this.#brokers = new Remembered(() => this.#brokerQueues(), KEPT_MS.brokers, clock);
  }

  /**
   * Returns the state of the queues that the reader may see, at most a second old.
   *
   * @throws the error of the store.
   */
  async overview(isSeen: (queue: string) => boolean): Promise<Overview> {
    const { value, ageMs } = await this.#snapshot.read().catch((error: unknown) => this.#lastIfAway(error));
    return overviewOf(value, ageMs, isSeen);
  }

  /** When the last picture was taken, and how old it is; undefined if there is none. */
  get taken(): { readonly at: Date; readonly ageMs: number } | undefined {
    const { last } = this.#snapshot;
    return last && { at: new Date(last.value.takenMs), ageMs: last.ageMs };
  }

  /**
   * Takes a picture, and compares it with the one of the call before: the queues whose counts differ, and whether processes have come or gone.
   *
   * @throws the error of the store.
   */
  async news(): Promise<{ readonly tasks: readonly string[]; readonly processes: boolean }> {
    const { value } = await this.#snapshot.read();
    const { value: processes } = await this.#processes.read();
    const counts = new Map(value.rows.map(({ name, isPaused, counts }) => [name, JSON.stringify([isPaused, counts])]));
    const ids = processes.map(({ id, isDraining, running }) => `${id} ${isDraining} ${running}`).join();
    const before = this.#seen;
    this.#seen = { counts, ids };
    if (!before) return { tasks: [], processes: false };
    const names = new Set([...counts.keys(), ...before.counts.keys()]);
    return { tasks: [...names].filter((name) => counts.get(name) !== before.counts.get(name)), processes: ids !== before.ids };
  }

  /** Returns one queue as it is now. */
  async queue(name: string): Promise<QueueRow> {
    return this.#row(name, await this.#around());
  }

  /** Forgets what was read, after a change by hand. */
  forget(): void {
    this.#snapshot.forget();
  }

  /** A store that is away leaves the last picture, which says how old it is. */
  #lastIfAway(error: unknown): Aged<Snapshot> {
    const { last } = this.#snapshot;
    if (last && isUnanswered(error)) return last;
    throw error;
  }

  async #take(): Promise<Snapshot> {
    const [around, { value: names }] = await Promise.all([this.#around(), this.#names.read()]);
    const { paused, brokers, processes, minutes, nowMs } = around;
    const served = processes.flatMap(({ workers }) => workers.flatMap(({ queues }) => queues.filter((queue) => !isPattern(queue))));
    const all = [...new Set([...names, ...paused, ...brokers, ...served, ...minutes.queues.keys()])].filter((name) => name !== '').sort();
    const rows = await inGroups(all, (name) => this.#row(name, around));
    this.#noteWaiting(rows, minutes);
    return { takenMs: nowMs, rows, minutes, waiting: this.#waiting };
  }

  async #around(): Promise<Around> {
    const [nowMs, paused, processes, minutes, brokers] = await Promise.all([
      this.#parts.schedules.now(),
      this.#parts.settings.paused(),
      this.#processes.read(),
      this.#minutes.read(),
      this.#brokers.read(),
    ]);
    return { nowMs, paused, processes: processes.value, minutes: minutes.value, brokers: brokers.value };
  }

  async #row(name: string, { nowMs, paused, brokers, processes, minutes }: Around): Promise<QueueRow> {
    const tally = await this.#parts.tallies.of(name, COUNTED_TASKS);
    const known = { name, isPaused: paused.has(name), isBroker: brokers.has(name), tally, minutes: minutes.queues.get(name) ?? [] };
    return queueRow({ ...known, minuteMs: minutes.starts.at(-1) ?? nowMs, processes, nowMs });
  }

  #noteWaiting(rows: readonly QueueRow[], { starts }: MinutesByQueue): void {
    const [first, last] = [starts[0], starts.at(-1)];
    if (first === undefined || last === undefined) return;
    this.#waiting.set(last, new Map(rows.map(({ name, counts }) => [name, counts.waiting])));
    for (const at of this.#waiting.keys()) if (at < first) this.#waiting.delete(at);
  }

  async #brokerQueues(): Promise<ReadonlySet<string>> {
    return new Set((await allRecords(this.#parts.records, 'queue')).map(({ key }) => key));
  }
}

async function inGroups<T, R>(items: readonly T[], act: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  for (let at = 0; at < items.length; at += AT_ONCE) results.push(...(await Promise.all(items.slice(at, at + AT_ONCE).map(act))));
  return results;
}
