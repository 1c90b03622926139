import type { mongo } from 'mongoose';
import { SECOND } from '../../constants/limits';
import type { Cancel, Clock } from '../../modules/time/clock';
import type { TaskDocument } from '../../modules/mongo/taskFields';
import type { ClaimWindow } from './claimWindow';
import type { Unwatch } from '../../modules/ports/taskStore';

type Stream = mongo.ChangeStream<TaskDocument>;

/**
 * Time that a stream stays open when nobody waits, because opening one is a command of its own. An open stream makes the server look at all writes,
 * once for each process.
 */
const LINGER_MS = 100;

/** Time from a fault to the next stream. */
const RETRY_MS = 5 * SECOND;

/** Matches what may make a task claimable: an insert, a return to waiting, and a new due time. The last two raise `rev`. */
const PIPELINE = [
  { $match: { $or: [{ operationType: 'insert' }, { operationType: 'update', 'updateDescription.updatedFields.rev': { $exists: true } }] } },
  {
    $project: {
      operationType: 1,
      'fullDocument.queue': 1,
      'fullDocument.priority': 1,
      'fullDocument.availableAt': 1,
      'updateDescription.updatedFields.availableAt': 1,
    },
  },
];

/** Codes of a server that has no change streams: it is no replica set (40573), or does not know the stage (40324, 115). */
const UNSUPPORTED = new Set([40573, 40324, 115]);

/** The change stream of a process: a hint that there may be work, where the deployment has such streams. It is open only while workers idle. */
export class ChangeWatch {
  readonly #collection: mongo.Collection<TaskDocument>;
  readonly #window: Pick<ClaimWindow, 'cameIn' | 'waitAgain'>;
  readonly #clock: Clock;
  #stream: Stream | undefined;
  #onChange: (() => void) | undefined;
  #cancelLinger: Cancel | undefined;
  #notBefore = -Infinity;
  /** A change came while nobody waited. */
  #missed = false;

  constructor(collection: mongo.Collection<TaskDocument>, window: Pick<ClaimWindow, 'cameIn' | 'waitAgain'>, clock: Clock) {
    this.#collection = collection;
    this.#window = window;
    this.#clock = clock;
  }

  /** Calls back at each change until it is ended, and once when the stream is open, for changes that came before. */
  watch(onChange: () => void): Unwatch {
    this.#onChange = onChange;
    this.#cancelLinger?.();
    if (!this.#stream && this.#clock.monotonic() >= this.#notBefore) this.#open();
    if (this.#missed) this.#clock.soon(() => this.#tell());
    return () => {
      if (this.#onChange === onChange) this.#onChange = undefined;
      this.#cancelLinger?.();
      this.#cancelLinger = this.#clock.after(LINGER_MS, () => void this.close(), 'idle');
    };
  }

  /** Closes the stream. Safe to call twice. */
  async close(): Promise<void> {
    this.#cancelLinger?.();
    const stream = this.#stream;
    this.#stream = undefined;
    // The server ends a cursor that nobody reads; nothing is lost with it.
    await stream?.close().catch(() => undefined);
  }

  #open(): void {
    const stream = this.#collection.watch<TaskDocument>(PIPELINE, { readConcern: { level: 'majority' } });
    this.#stream = stream;
    stream.on('change', (change) => this.#heed(change));
    // The first token comes with the answer of the server or with the first change. The driver emits `init` only where nobody can listen.
    stream.once('resumeTokenChanged', () => this.#tell());
    stream.on('error', (error) => this.#giveUp(stream, error));
    // Each cursor of a stream closes: before an error, before the driver goes on with another, or for good when the collection is dropped.
    stream.on('close', () => this.#clock.after(RETRY_MS, () => this.#replace(stream), 'idle'));
  }

  /** Tells the window of a change, which may come late after a long transaction or command. */
  #heed(change: mongo.ChangeStreamDocument<TaskDocument>): void {
    if (change.operationType === 'insert') this.#window.cameIn(change.fullDocument);
    const availableAt = change.operationType === 'update' ? change.updateDescription.updatedFields?.availableAt : undefined;
    if (availableAt) this.#window.waitAgain(availableAt.getTime());
    this.#tell();
  }

  #tell(): void {
    this.#missed = this.#onChange === undefined;
    this.#onChange?.();
  }

  /** Closes the stream after a fault. Polling goes on without it. */
  #giveUp(stream: Stream, error: unknown): void {
    // The driver may have gone on with a stream that was closed meanwhile; an error of its second close says nothing.
    if (this.#stream !== stream) return void stream.close().catch(() => undefined);
    const code = Number((error as { code?: unknown }).code);
    this.#notBefore = UNSUPPORTED.has(code) ? Infinity : this.#clock.monotonic() + RETRY_MS;
    void this.close();
    if (this.#notBefore !== Infinity) this.#clock.after(RETRY_MS, () => this.#openAgain(), 'idle');
  }

  #replace(stream: Stream): void {
    if (this.#stream !== stream || !stream.closed) return;
    this.#stream = undefined;
    this.#openAgain();
  }

  /** Opens another stream for a watch that is still waiting. */
  #openAgain(): void {
    if (this.#onChange && !this.#stream) this.#open();
  }
}
