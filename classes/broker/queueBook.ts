import { queueAttributes, queueChanges } from '../../config/brokerOptions';
import type { QueueAttributes, QueueChanges } from '../../config/brokerOptions';
import { QUEUE_TAGS } from '../../constants/brokerLimits';
import { DAY, SECOND } from '../../constants/limits';
import { HoldfastError } from '../../modules/errors/holdfastError';
import { checkOptions } from '../../modules/options/checkOptions';
import { resolveOptions } from '../../modules/options/resolveOptions';
import type { RecordStore, StoredRecord } from '../../modules/ports/recordStore';
import type { Clock } from '../../modules/time/clock';
import { isRecord } from '../../modules/values/isRecord';

/** Maximum age of the known attributes of a queue. A change takes effect in every process within it. */
const KNOWN_MS = SECOND;

/** Queues that are remembered; then all are read again. */
const KNOWN_QUEUES = 10_000;

/** How long a dead-letter queue keeps messages that nobody looked at, counted from their sending. */
const DEAD_RETENTION_SECONDS = (14 * DAY) / SECOND;

/** Words about a queue, for people. */
export type Tags = Readonly<Record<string, string>>;

/** Texts that a protocol keeps with a queue. */
export type Extras = Readonly<Record<string, string>>;

/** What the store has of a queue. */
export interface QueueEntry {
  readonly name: string;
  readonly attributes: QueueAttributes;
  readonly tags: Tags;
  /** Texts that a protocol keeps with the queue, and that mean nothing to the broker. */
  readonly extras: Extras;
  readonly createdAt: Date;
  readonly modifiedAt: Date;
  readonly rev: number;
}

/** What a change of a queue writes: the attributes that change, and all tags and texts. */
export interface QueueChange {
  readonly attributes: QueueChanges;
  readonly tags: Tags;
  readonly extras: Extras;
}

/** The queues of the broker in their store, as this process knows them. */
export class QueueBook {
  readonly #records: RecordStore;
  readonly #clock: Pick<Clock, 'monotonic'>;
  readonly #createsQueues: boolean;
  readonly #known = new Map<string, { readonly entry: QueueEntry; readonly readAt: number }>();
  readonly #reading = new Map<string, Promise<QueueEntry>>();

  constructor(records: RecordStore, clock: Pick<Clock, 'monotonic'>, createsQueues: boolean) {
    this.#records = records;
    this.#clock = clock;
    this.#createsQueues = createsQueues;
  }

  /**
   * Returns a queue, as it was at most a second ago.
   *
   * @throws HOLDFAST_QUEUE_UNKNOWN
   */
  async get(name: string): Promise<QueueEntry> {
    const known = this.#known.get(name);
    if (known && this.#clock.monotonic() - known.readAt < KNOWN_MS) return known.entry;
    // Thousands of receives at once share one read.
    const reading = this.#reading.get(name) ?? this.read(name).finally(() => this.#reading.delete(name));
    this.#reading.set(name, reading);
    return reading;
  }

  /** Returns the queue that a message is sent to. It is made where the broker makes queues on first use. */
  async getOrCreate(name: string): Promise<QueueEntry> {
    try {
      return await this.get(name);
    } catch (error) {
      if (!this.#createsQueues || (error as HoldfastError).code !== 'HOLDFAST_QUEUE_UNKNOWN') throw error;
      return (await this.create(name, {}, {})).entry;
    }
  }

  /**
   * Reads a queue now.
   *
   * @throws HOLDFAST_QUEUE_UNKNOWN
   */
  async read(name: string): Promise<QueueEntry> {
    const found = await this.#find(name);
    if (!found) throw new HoldfastError('HOLDFAST_QUEUE_UNKNOWN', { field: name });
    return found;
  }

  /**
   * Makes a queue. One that is there with the same attributes and tags is left as it is.
   *
   * @throws HOLDFAST_QUEUE_EXISTS if it has others.
   */
  async create(name: string, given: QueueChanges, tags: Tags, extras?: Extras): Promise<{ readonly entry: QueueEntry; readonly created: boolean }> {
    const attributes = resolveOptions(queueAttributes, given, 'attributes');
    checkTags(tags);
    const created = await this.#records.write({ kind: 'queue', key: name, value: JSON.stringify({ attributes, tags, extras }), rev: 0 });
    const entry = await this.read(name);
    if (!created && !isSame(entry, attributes, given)) throw new HoldfastError('HOLDFAST_QUEUE_EXISTS', { field: name });
    return { entry, created };
  }

  /**
   * Makes the dead-letter queue of a queue, of the same kind, if it is not there. It keeps messages for two weeks, and hands them out without end.
   *
   * @throws HOLDFAST_QUEUE_EXISTS if it is of the other kind.
   */
  async ensureDead(name: string, fifo: boolean): Promise<void> {
    const entry = this.#known.get(name)?.entry ?? (await this.#find(name));
    if (entry && isFifo(entry) !== fifo)
      throw new HoldfastError('HOLDFAST_QUEUE_EXISTS', {
        field: name,
        expected: `${fifo ? 'a FIFO queue' : 'no FIFO queue'}, as the queue of its dead letters is`,
      });
    if (entry) return;
    const attributes = resolveOptions(queueAttributes, { retentionSeconds: DEAD_RETENTION_SECONDS, fifo }, 'attributes');
    await this.#records.write({ kind: 'queue', key: name, value: JSON.stringify({ attributes, tags: {} }), rev: 0 });
  }

  /** Changes attributes, and the tags if they are given. */
  async configure(name: string, changes: QueueChanges, tags?: Tags): Promise<QueueEntry> {
    return this.change(name, (old) => ({ attributes: changes, tags: tags ?? old.tags, extras: old.extras }));
  }

  /** Changes a queue by what it is now, however many do so at the same time. */
  async change(name: string, decide: (old: QueueEntry) => QueueChange): Promise<QueueEntry> {
    for (;;) {
      const old = await this.read(name);
      const { attributes, tags, extras } = decide(old);
      checkOptions(queueChanges, attributes, 'attributes');
      if (attributes.fifo !== undefined && attributes.fifo !== isFifo(old))
        throw new HoldfastError('HOLDFAST_OPTION_INVALID', { field: 'attributes.fifo', expected: `${isFifo(old)}, as a queue stays of its kind` });
      checkTags(tags);
      const value = JSON.stringify({ attributes: { ...old.attributes, ...attributes }, tags, extras });
      if (await this.#records.write({ kind: 'queue', key: name, value, rev: old.rev })) return this.read(name);
    }
  }

  async list(prefix: string, limit: number, after?: string): Promise<QueueEntry[]> {
    const records = await this.#records.list({ kind: 'queue', prefix, limit, ...(after === undefined ? {} : { after }) });
    return records.map(entryOf);
  }

  async remove(name: string): Promise<void> {
    await this.#records.remove('queue', name);
    this.#known.delete(name);
  }

  async #find(name: string): Promise<QueueEntry | null> {
    const readAt = this.#clock.monotonic();
    const record = await this.#records.read('queue', name);
    if (this.#known.size >= KNOWN_QUEUES) this.#known.clear();
    if (!record) this.#known.delete(name);
    else this.#known.set(name, { entry: entryOf(record), readAt });
    return record && entryOf(record);
  }
}

/** A queue that an earlier version has made lacks the attributes that it did not know. */
const defaultAttributes = (): QueueAttributes => (defaults ??= resolveOptions(queueAttributes, {}, 'queue'));
let defaults: QueueAttributes | undefined;

function entryOf({ key, value, rev, createdAt, changedAt }: StoredRecord): QueueEntry {
  const { attributes, tags, extras = {} } = JSON.parse(value) as Pick<QueueEntry, 'attributes' | 'tags'> & Partial<Pick<QueueEntry, 'extras'>>;
  return { name: key, attributes: { ...defaultAttributes(), ...attributes }, tags, extras, createdAt, modifiedAt: changedAt, rev };
}

/** Tells whether a queue is a FIFO queue. */
export const isFifo = ({ attributes }: Pick<QueueEntry, 'attributes'>): boolean => attributes.fifo;

/** Tells whether the attributes that a caller named are those of the queue. */
const isSame = ({ attributes }: QueueEntry, wanted: QueueAttributes, given: QueueChanges): boolean =>
  (Object.keys(given) as (keyof QueueAttributes)[]).every((name) => attributes[name] === wanted[name]);

function checkTags(tags: unknown): void {
  const isText = (text: unknown): boolean => typeof text === 'string' && text.length <= 256;
  const isFit =
    isRecord(tags) && Object.keys(tags).length <= QUEUE_TAGS && Object.entries(tags).every(([key, text]) => key.length <= 128 && isText(text));
  if (!isFit) throw new HoldfastError('HOLDFAST_OPTION_INVALID', { field: 'tags', expected: `an object of at most ${QUEUE_TAGS} short texts` });
}
