import type { mongo } from 'mongoose';
import { MINUTE, SECOND } from '../../constants/limits';
import { within } from '../../modules/time/clock';
import type { Cancel, Clock } from '../../modules/time/clock';
import { queueOfAgain } from '../../modules/mongo/again';
import type { TaskDocument } from '../../modules/mongo/taskFields';
import { LOOK } from '../../modules/ports/hint';
import type { Hint } from '../../modules/ports/hint';
import type { Namespace } from '../../modules/ports/namespace';
import type { Unwatch } from '../../modules/ports/taskStore';
import type { ClaimWindow } from './claimWindow';
import type { MongoClock } from './mongoClock';
import { StreamLoad } from './streamLoad';

type Stream = mongo.ChangeStream<TaskDocument>;

/**
 * Time that a stream stays open when nobody waits, because opening one is a command of its own. An open stream makes the server look at all writes,
 * once for each process.
 */
const LINGER_MS = 100;

/** Time from a fault to the next stream. */
const RETRY_MS = 5 * SECOND;

/** Longest time in which the server answers for a stream without changes. */
const AWAIT_MS = SECOND;

/** Time from a stream that did not answer to the next one. */
const SILENT_MS = MINUTE;

/** Time between two looks while the stream is closed. */
const LOOK_EVERY_MS = SECOND / 5;

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
      'updateDescription.updatedFields.again': 1,
    },
  },
];

/** Codes of a server that has no change streams: it is no replica set (40573), or does not know the stage (40324, 115). */
const UNSUPPORTED = new Set([40573, 40324, 115]);

/** The parts of a watch. */
export interface ChangeWatchParts {
  /** The collection of the client of now. */
  readonly collection: () => mongo.Collection<TaskDocument>;
  readonly window: Pick<ClaimWindow, 'cameIn' | 'waitAgain'>;
  readonly namespace: Namespace;
  /** The clock of the server. */
  readonly time: Pick<MongoClock, 'now'>;
  readonly clock: Clock;
  /** Whether the client has a connection to spare. */
  readonly mayStream: () => boolean;
  /** Time limit of one command. */
  readonly limitMs: number;
}

/**
 * The change stream of a process: hints of tasks, with their queues and due times, where the deployment has such streams. It is open only while
 * workers idle.
 *
 * Every write wakes every stream, also a filtered one: fifty of them under 93 adds a second took half a core of the server. So a busy one is closed,
 * and the process looks five times a second instead, until it is calm.
 */
export class ChangeWatch {
  readonly #parts: ChangeWatchParts;
  readonly #clock: Clock;
  readonly #load: StreamLoad;
  #stream: Stream | undefined;
  #onHint: ((hint: Hint) => void) | undefined;
  #cancelLinger: Cancel | undefined;
  #cancelLook: Cancel | undefined;
  #cancelSilence: Cancel | undefined;
  #notBefore = -Infinity;
  #silentUntil = -Infinity;
  /** A change came while nobody waited. */
  #missed = false;

  constructor(parts: ChangeWatchParts) {
    this.#parts = parts;
    this.#clock = parts.clock;
    this.#load = new StreamLoad(parts.clock);
  }

  /** Calls back at each change until it is ended, and once when the stream is open, for changes that came before. */
  watch(onHint: (hint: Hint) => void): Unwatch {
    this.#onHint = onHint;
    this.#cancelLinger?.();
    if (!this.#stream) this.#openWhenCalm();
    if (this.#missed) this.#clock.soon(() => this.#tell(LOOK));
    return () => {
      if (this.#onHint !== onHint) return;
      this.#onHint = undefined;
      this.#cancelLook?.();
      this.#cancelLinger?.();
      this.#cancelLinger = this.#clock.after(LINGER_MS, () => void this.close(), 'idle');
    };
  }

  /** Notes that this process has claimed tasks, which it may have been hinted of. */
  noteClaimed(count: number): void {
    this.#load.noteClaimed(count);
  }

  /** Closes the stream. Safe to call twice. */
  async close(): Promise<void> {
    this.#cancelLinger?.();
    this.#cancelLook?.();
    this.#cancelSilence?.();
    const stream = this.#stream;
    this.#stream = undefined;
    // The server ends a cursor that nobody reads; nothing is lost with it.
    if (stream) await within(this.#clock, this.#parts.limitMs, stream.close()).catch(() => undefined);
  }

  /** Opens a stream, or looks now and then while it would be too busy. */
  #openWhenCalm(): void {
    if (this.#clock.monotonic() < this.#notBefore) return;
    const closedForMs = this.#closedForMs;
    if (closedForMs <= 0) return this.#open();
    this.#cancelLook?.();
    this.#cancelLook = this.#clock.after(
      Math.min(LOOK_EVERY_MS, closedForMs),
      () => {
        if (!this.#onHint || this.#stream) return;
        // All processes look at different moments.
        this.#tell({ ...LOOK, isShared: false });
        this.#openAgain();
      },
      'idle',
    );
  }

  #open(): void {
    const stream = this.#parts.collection().watch<TaskDocument>(PIPELINE, { readConcern: { level: 'majority' }, maxAwaitTimeMS: AWAIT_MS });
    this.#stream = stream;
    stream.on('change', (change) => this.#heed(stream, change));
    // The first token comes with the answer of the server or with the first change. The driver emits `init` only where nobody can listen.
    stream.once('resumeTokenChanged', () => this.#tell(LOOK));
    // Each answer of the server has a token, also one without changes.
    stream.on('resumeTokenChanged', () => this.#expectAnswer(stream));
    this.#expectAnswer(stream);
    stream.on('error', (error) => this.#giveUp(stream, error));
    // Each cursor of a stream closes: before an error, before the driver goes on with another, or for good when the collection is dropped.
    stream.on('close', () => this.#clock.after(RETRY_MS, () => this.#replace(stream), 'idle'));
  }

  #expectAnswer(stream: Stream): void {
    if (this.#stream !== stream) return;
    this.#cancelSilence?.();
    this.#cancelSilence = this.#clock.after(AWAIT_MS + this.#parts.limitMs, () => this.#leaveSilent(stream), 'idle');
  }

  /** Tells the window of a change, which may come late after a long transaction or command, and the workers when its task is due. */
  #heed(stream: Stream, change: mongo.ChangeStreamDocument<TaskDocument>): void {
    if (this.#stream !== stream) return;
    const { queue, availableAt } = changedBy(change);
    if (change.operationType === 'insert') this.#parts.window.cameIn(change.fullDocument);
    else if (availableAt) this.#parts.window.waitAgain(availableAt.getTime());
    if (queue === undefined) this.#tell(LOOK);
    else void this.#tellOf(queue, availableAt);
    if (!this.#load.note()) return;
    void this.close();
    this.#openAgain();
  }

  /** Tells when a task is due by the clock of the server. */
  async #tellOf(queue: string, availableAt: Date | undefined): Promise<void> {
    const { namespace, time } = this.#parts;
    if (!namespace.owns(queue)) return;
    // If the time is not to be had, a look is.
    const nowMs = await time.now().then(
      ({ earliestMs }) => earliestMs,
      () => Infinity,
    );
    this.#tell({ queue: namespace.outside(queue), dueInMs: Math.max(0, (availableAt?.getTime() ?? 0) - nowMs), isShared: true });
  }

  #tell(hint: Hint): void {
    this.#missed = this.#onHint === undefined;
    this.#onHint?.(hint);
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

  /**
   * Looks for a while in place of a stream that does not answer. The driver waits for the answer until the operating system ends the connection, so the
   * next stream would take one more out of the pool of a caller.
   */
  #leaveSilent(stream: Stream): void {
    if (this.#stream !== stream) return;
    this.#silentUntil = this.#clock.monotonic() + SILENT_MS;
    void this.close();
    this.#openAgain();
  }

  /** The time for which no stream is opened, in milliseconds. */
  get #closedForMs(): number {
    return this.#parts.mayStream() ? Math.max(this.#load.closedForMs, this.#silentUntil - this.#clock.monotonic()) : Infinity;
  }

  #replace(stream: Stream): void {
    if (this.#stream !== stream || !stream.closed) return;
    this.#stream = undefined;
    this.#openAgain();
  }

  /** Opens another stream for a watch that is still waiting. */
  #openAgain(): void {
    if (this.#onHint && !this.#stream) this.#openWhenCalm();
  }
}

/** What a change tells of a task that waits: its queue in the database, unless somebody has edited it by hand, and its due time, if that is new. */
interface Changed {
  readonly queue?: string | undefined;
  readonly availableAt?: Date | undefined;
}

function changedBy(change: mongo.ChangeStreamDocument<TaskDocument>): Changed {
  if (change.operationType === 'insert') return change.fullDocument;
  if (change.operationType !== 'update') return {};
  const { again, availableAt } = change.updateDescription.updatedFields ?? {};
  return { queue: again === undefined ? undefined : queueOfAgain(again), availableAt };
}
