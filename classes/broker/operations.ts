import { listQueuesOptions, peekOptions, deadLetterRedriveOptions } from '../../config/brokerOptions';
import type { ListQueuesOptions, PeekOptions, QueueChanges, DeadLetterRedriveOptions } from '../../config/brokerOptions';
import { SECOND } from '../../constants/limits';
import type { PeekedMessage, QueueInfo, QueueStats } from '../../modules/broker/brokerTypes';
import { deadQueueOf } from '../../modules/broker/deadQueueOf';
import { peekedMessage } from '../../modules/broker/messageTask';
import { resolveOptions } from '../../modules/options/resolveOptions';
import { Queue } from '../queue/queue';
import type { Store } from '../store/store';
import { partsOf } from '../store/storeParts';
import type { StoreParts } from '../store/storeParts';
import { FifoOperations } from './fifoOperations';
import { isFifo } from './queueBook';
import type { QueueBook, QueueEntry, Tags } from './queueBook';
import type { Moves } from './moves';

/** What a queue of messages may have. */
const LIVE = ['waiting', 'running'] as const;

/** Bound up to which messages are counted. */
const COUNTED = 10_000;

/** Most pages that one peek reads for messages of one state. */
const PEEKED_PAGES = 10;

/** What operators do with queues and their messages. */
export class Operations {
  readonly #store: Store;
  readonly #parts: StoreParts;
  readonly #book: QueueBook;
  readonly #moves: Moves;
  readonly #fifo: FifoOperations;

  constructor(store: Store, book: QueueBook, moves: Moves) {
    this.#store = store;
    this.#parts = partsOf(store);
    this.#book = book;
    this.#moves = moves;
    this.#fifo = new FifoOperations(this.#parts);
  }

  async create(name: string, attributes: QueueChanges, tags: Tags): Promise<{ readonly queue: QueueInfo; readonly created: boolean }> {
    const { entry, created } = await this.#book.create(name, attributes, tags);
    return { queue: await this.#infoOf(entry), created };
  }

  async configure(name: string, changes: QueueChanges, tags?: Tags): Promise<QueueInfo> {
    return this.#infoOf(await this.#book.configure(name, changes, tags));
  }

  async get(name: string): Promise<QueueInfo> {
    return this.#infoOf(await this.#book.read(name));
  }

  async list(given: Partial<ListQueuesOptions>): Promise<{ readonly queues: QueueInfo[]; readonly next: string | null }> {
    const { prefix, limit, after } = resolveOptions(listQueuesOptions, given, 'list');
    const entries = await this.#book.list(prefix, limit + 1, after);
    const queues = await Promise.all(entries.slice(0, limit).map((entry) => this.#infoOf(entry)));
    return { queues, next: entries.length > limit ? (queues.at(-1)?.name ?? null) : null };
  }

  /** Removes a queue with its messages. Its name is gone first, so that nothing is sent to it meanwhile. */
  async remove(name: string): Promise<void> {
    const entry = await this.#book.read(name);
    await this.#book.remove(name);
    await this.#purge(entry);
    await this.#parts.settings.setPaused(name, false);
    this.#parts.rules.forget();
  }

  async purge(name: string): Promise<number> {
    return this.#purge(await this.#book.read(name));
  }

  async setPaused(name: string, paused: boolean): Promise<void> {
    await this.#book.read(name);
    const queue = new Queue(this.#store, name);
    await (paused ? queue.pause() : queue.resume());
  }

  async peek(name: string, given: Partial<PeekOptions>): Promise<{ readonly messages: PeekedMessage[]; readonly next: string | null }> {
    const { state, limit, after } = resolveOptions(peekOptions, given, 'peek');
    if (isFifo(await this.#book.get(name))) return this.#fifo.peek(name, { state, limit, ...(after === undefined ? {} : { after }) });
    const nowMs = await this.#parts.schedules.now();
    const states = state === undefined ? LIVE : state === 'in-flight' ? (['running'] as const) : (['waiting'] as const);
    const messages: PeekedMessage[] = [];
    for (let page = 0, last = after; ; page += 1) {
      const { tasks, next } = await this.#parts.tasks.list({ queue: name, states, limit, ...(last === undefined ? {} : { after: last }) });
      const shown = tasks.map((task) => peekedMessage(task, nowMs)).filter((message) => state === undefined || message.state === state);
      const room = limit - messages.length;
      messages.push(...shown.slice(0, room));
      last = (shown.length > room ? messages.at(-1)?.id : next) ?? last;
      if (next === null && shown.length <= room) return { messages, next: null };
      if (messages.length === limit || page === PEEKED_PAGES) return { messages, next: last ?? null };
    }
  }

  /** Returns dead letters to the queue that they came from. */
  async redrive(name: string, given: Partial<DeadLetterRedriveOptions>): Promise<number> {
    const { limit, reason, ratePerSecond } = resolveOptions(deadLetterRedriveOptions, given, 'redrive');
    const { attributes } = await this.#book.read(name);
    return this.#moves.run({ from: deadQueueOf(name, attributes), to: name, origin: name, reason, limit, ratePerSecond });
  }

  async stats(name: string): Promise<QueueStats> {
    const entry = await this.#book.get(name);
    const { attributes } = entry;
    if (isFifo(entry)) return this.#fifo.stats(name, deadQueueOf(name, attributes));
    const { tallies } = this.#parts;
    const [{ counts: own, dueSince, now }, { counts: letters }] = await Promise.all([
      tallies.of(name, COUNTED),
      tallies.of(deadQueueOf(name, attributes), COUNTED),
    ]);
    const oldestSeconds = dueSince ? Math.max(0, Math.floor((now.getTime() - dueSince.getTime()) / SECOND)) : null;
    const counts = { waiting: own.due, delayed: own.delayed, inFlight: own.running, dead: letters.due + letters.delayed + letters.running };
    return { ...counts, isRounded: Object.values(counts).some((count) => count >= COUNTED), oldestSeconds };
  }

  /** Asks the store once. */
  async isAlive(): Promise<boolean> {
    return this.#parts.records.list({ kind: 'queue', prefix: '', limit: 1 }).then(
      () => true,
      () => false,
    );
  }

  async #purge(entry: QueueEntry): Promise<number> {
    const { name } = entry;
    if (isFifo(entry)) return this.#fifo.purge(name);
    const { changed } = await this.#parts.bulks.run('remove', { queue: name, states: LIVE });
    return changed;
  }

  async #infoOf({ name, attributes, tags, createdAt, modifiedAt }: QueueEntry): Promise<QueueInfo> {
    const paused = await this.#parts.rules.paused();
    return { name, attributes, tags, createdAt, modifiedAt, isPaused: paused.has(name) };
  }
}
