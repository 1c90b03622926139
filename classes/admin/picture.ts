import { SECOND } from '../../constants/limits';
import { isFifoRecord, tallyOfFifo } from '../../modules/admin/fifoQueue';
import { overviewOf } from '../../modules/admin/overviewOf';
import type { Snapshot } from '../../modules/admin/overviewOf';
import type { Overview, QueueRow } from '../../modules/admin/adminTypes';
import { queueRow } from '../../modules/admin/queueRow';
import { isUnanswered } from '../../modules/errors/holdfastError';
import { isPattern } from '../../modules/ports/queuePatterns';
import type { QueueTally } from '../../modules/ports/queueTally';
import { allRecords } from '../../modules/ports/recordPages';
import type { ProcessView } from '../../modules/roster/processRow';
import type { Cell } from '../../modules/statistics/counts';
import type { MinutesByQueue } from '../../modules/statistics/minutesByQueue';
import { MinuteBook } from '../statistics/minuteBook';
import type { StoreParts } from '../store/storeParts';
import { CountedQueues } from './countedQueues';
import type { CountedQueue } from './countedQueues';
import { Remembered } from './remembered';
import type { Aged } from './remembered';

/** How long each part of a picture is kept before it is read again. */
const KEPT_MS = { all: SECOND, names: 5 * SECOND, processes: 3 * SECOND, statistics: 5 * SECOND, brokers: 10 * SECOND };

/** The parts of a Picture. */
export type PictureParts = Pick<StoreParts, 'looks' | 'tallies' | 'fifo' | 'settings' | 'records' | 'processes' | 'schedules' | 'clock'>;

/** The kinds of queues of the broker. */
type BrokerKind = 'standard' | 'fifo';

/** What is known of all queues beside their counts. */
interface Around {
  readonly nowMs: number;
  readonly paused: ReadonlySet<string>;
  readonly brokers: ReadonlyMap<string, BrokerKind>;
  readonly processes: readonly ProcessView[];
  readonly minutes: MinutesByQueue;
}

/** The state of all queues as it was read last, which all who look share. */
export class Picture {
  readonly #parts: PictureParts;
  readonly #counted: CountedQueues;
  readonly #waiting = new Map<number, ReadonlyMap<string, number>>();
  readonly #snapshot: Remembered<Snapshot>;
  readonly #names: Remembered<readonly string[]>;
  readonly #processes: Remembered<readonly ProcessView[]>;
  readonly #minutes: Remembered<MinutesByQueue>;
  readonly #brokers: Remembered<ReadonlyMap<string, BrokerKind>>;
  /** What `news` saw last. */
  #seen: { readonly counts: ReadonlyMap<string, string>; readonly ids: string } | undefined;

  constructor(parts: PictureParts) {
    this.#parts = parts;
    const { clock } = parts;
    const minuteBook = new MinuteBook(parts);
    this.#counted = new CountedQueues({ clock, tallies: { atOnce: parts.tallies.atOnce, of: (queue, most) => this.#tally(queue, most) } });
    // What takes long of a snapshot is kept by its own parts, so that it is taken as often as it is asked for.
    this.#snapshot = new Remembered(() => this.#take(), KEPT_MS.all, clock, KEPT_MS.all);
    this.#names = new Remembered(() => parts.looks.names(), KEPT_MS.names, clock);
    this.#processes = new Remembered(() => parts.processes.list(), KEPT_MS.processes, clock);
    this.#minutes = new Remembered(async () => minuteBook.read(await parts.schedules.now()), KEPT_MS.statistics, clock);
    this.#brokers = new Remembered(() => this.#brokerQueues(), KEPT_MS.brokers, clock);
  }

  /**
   * Returns the state of the queues that the reader may see, at most a second old. The counts of long queues may be older, as each row tells.
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
    const [around, tally] = await Promise.all([this.#around(), this.#counted.count(name)]);
    return rowOf(name, { tally, ageMs: 0 }, around);
  }

  /** Has queues read again of which something was heard; null stands for all. */
  heardOf(queues: readonly string[] | null): void {
    for (const queue of queues ?? [null]) this.#counted.heardOf(queue);
    if (queues === null || queues.some((queue) => !this.#counted.knows(queue))) this.#forgetNames();
    this.#snapshot.forget();
  }

  /** Has a queue read again that a person has changed, so that the next picture shows it. */
  changedByHand(queue: string): void {
    if (!this.#counted.knows(queue)) this.#forgetNames();
    this.#counted.urge(queue);
    this.#snapshot.forget();
  }

  #forgetNames(): void {
    this.#names.forget();
    this.#brokers.forget();
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
    const all = [...new Set([...names, ...paused, ...brokers.keys(), ...served, ...minutes.queues.keys()])].filter((name) => name !== '').sort();
    const counted = await this.#counted.read(all, (name) => isBusy(minutes.queues.get(name)));
    const rows = all.flatMap((name) => (counted.has(name) ? [rowOf(name, counted.get(name) as CountedQueue, around)] : []));
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

  #noteWaiting(rows: readonly QueueRow[], { starts }: MinutesByQueue): void {
    const [first, last] = [starts[0], starts.at(-1)];
    if (first === undefined || last === undefined) return;
    this.#waiting.set(last, new Map(rows.map(({ name, counts }) => [name, counts.waiting])));
    for (const at of this.#waiting.keys()) if (at < first) this.#waiting.delete(at);
  }

  async #tally(queue: string, most: number): Promise<QueueTally> {
    const { tallies, fifo, schedules } = this.#parts;
    const { value: brokers } = await this.#brokers.read();
    if (brokers.get(queue) !== 'fifo') return tallies.of(queue, most);
    return tallyOfFifo(await fifo.tally(queue, most), most, new Date(await schedules.now()));
  }

  async #brokerQueues(): Promise<ReadonlyMap<string, BrokerKind>> {
    const records = await allRecords(this.#parts.records, 'queue');
    return new Map(records.map(({ key, value }) => [key, isFifoRecord(value) ? 'fifo' : 'standard']));
  }
}

const NO_MINUTES: readonly undefined[] = [];

function rowOf(name: string, { tally, ageMs }: CountedQueue, { nowMs, paused, brokers, processes, minutes }: Around): QueueRow {
  const known = {
    name,
    isPaused: paused.has(name),
    isBroker: brokers.has(name),
    isFifo: brokers.get(name) === 'fifo',
    tally,
    ageMs,
    minutes: minutes.queues.get(name) ?? NO_MINUTES,
  };
  return queueRow({ ...known, minuteMs: minutes.starts.at(-1) ?? nowMs, processes, nowMs });
}

/** Tells whether attempts of a queue ended in the last two minutes. */
const isBusy = (minutes: readonly (Cell | undefined)[] = []): boolean => minutes.slice(-2).some((cell) => cell !== undefined);
