import type { mongo } from 'mongoose';
import { MINUTE, SECOND } from '../../constants/limits';
import { within } from '../../modules/time/clock';
import type { Cancel, Clock } from '../../modules/time/clock';
import type { TaskDocument } from '../../modules/mongo/taskFields';
import { LOOK } from '../../modules/ports/hint';
import type { Hint } from '../../modules/ports/hint';
import { StreamLoad } from './streamLoad';

type Stream = mongo.ChangeStream<TaskDocument>;

/** A change to the collection of tasks. */
export type TaskChange = mongo.ChangeStreamDocument<TaskDocument>;

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

/** A store that is told of changes. */
export interface FeedMember {
  /** Whether somebody waits for a hint. */
  readonly isWaiting: boolean;
  /** Takes each change. */
  heed(change: TaskChange): void;
  /** Takes a hint that names no task. */
  tell(hint: Hint): void;
}

/** The parts of a feed. */
export interface ChangeFeedParts {
  readonly collection: Pick<mongo.Collection<TaskDocument>, 'watch'>;
  readonly clock: Clock;
  /** Whether the client has a connection to spare. */
  readonly mayStream: () => boolean;
  /** Time limit of one command. */
  readonly limitMs: number;
}

/**
 * The change stream of a process on one client and collection, which all its stores share. It is open only while one of them waits.
 *
 * Every write wakes every stream, also a filtered one: fifty of them under 93 adds a second took half a core of the server. So a busy one is closed,
 * and the process looks five times a second instead, until it is calm.
 */
export class ChangeFeed {
  readonly #parts: ChangeFeedParts;
  readonly #clock: Clock;
  readonly #load: StreamLoad;
  readonly #members = new Set<FeedMember>();
  #stream: Stream | undefined;
  /** The server has answered for the stream. */
  #isOpen = false;
  #cancelLook: Cancel | undefined;
  #cancelSilence: Cancel | undefined;
  #notBefore = -Infinity;
  #silentUntil = -Infinity;

  constructor(parts: ChangeFeedParts) {
    this.#parts = parts;
    this.#clock = parts.clock;
    this.#load = new StreamLoad(parts.clock);
  }

  /** Tells a member of each change until it leaves, and once when the stream is open, for changes that came before. */
  join(member: FeedMember): void {
    const isNew = !this.#members.has(member);
    this.#members.add(member);
    if (!this.#stream) this.#openWhenCalm();
    else if (isNew && this.#isOpen) this.#clock.soon(() => member.tell(LOOK));
  }

  /** Looks no more in place of a stream if nobody waits. */
  rest(): void {
    if (!this.#isAwaited) this.#cancelLook?.();
  }

  /** Tells a member no more. The stream is closed when the last one has left. */
  async leave(member: FeedMember): Promise<void> {
    this.#members.delete(member);
    if (this.#members.size === 0) await this.#close();
  }

  /** Notes that this process has claimed tasks, which it may have been hinted of. */
  noteClaimed(count: number): void {
    this.#load.noteClaimed(count);
  }

  get #isAwaited(): boolean {
    return [...this.#members].some(({ isWaiting }) => isWaiting);
  }

  /** Closes the stream. Safe to call twice. */
  async #close(): Promise<void> {
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
        if (!this.#isAwaited || this.#stream) return;
        // All processes look at different moments.
        this.#tell({ ...LOOK, isShared: false });
        this.#openAgain();
      },
      'idle',
    );
  }

  #open(): void {
    const stream = this.#parts.collection.watch<TaskDocument>(PIPELINE, { readConcern: { level: 'majority' }, maxAwaitTimeMS: AWAIT_MS });
    [this.#stream, this.#isOpen] = [stream, false];
    stream.on('change', (change) => this.#heed(stream, change));
    // The first token comes with the answer of the server or with the first change. The driver emits `init` only where nobody can listen.
    stream.once('resumeTokenChanged', () => this.#greet(stream));
    // Each answer of the server has a token, also one without changes.
    stream.on('resumeTokenChanged', () => this.#expectAnswer(stream));
    this.#expectAnswer(stream);
    stream.on('error', (error) => this.#giveUp(stream, error));
    // Each cursor of a stream closes: before an error, before the driver goes on with another, or for good when the collection is dropped.
    stream.on('close', () => this.#clock.after(RETRY_MS, () => this.#replace(stream), 'idle'));
  }

  #greet(stream: Stream): void {
    if (this.#stream === stream) this.#isOpen = true;
    this.#tell(LOOK);
  }

  #expectAnswer(stream: Stream): void {
    if (this.#stream !== stream) return;
    this.#cancelSilence?.();
    this.#cancelSilence = this.#clock.after(AWAIT_MS + this.#parts.limitMs, () => this.#leaveSilent(stream), 'idle');
  }

  #heed(stream: Stream, change: TaskChange): void {
    if (this.#stream !== stream) return;
    for (const member of this.#members) member.heed(change);
    if (!this.#load.note()) return;
    void this.#close();
    this.#openAgain();
  }

  #tell(hint: Hint): void {
    for (const member of this.#members) member.tell(hint);
  }

  /** Closes the stream after a fault. Polling goes on without it. */
  #giveUp(stream: Stream, error: unknown): void {
    // The driver may have gone on with a stream that was closed meanwhile; an error of its second close says nothing.
    if (this.#stream !== stream) return void stream.close().catch(() => undefined);
    const code = Number((error as { code?: unknown }).code);
    this.#notBefore = UNSUPPORTED.has(code) ? Infinity : this.#clock.monotonic() + RETRY_MS;
    void this.#close();
    if (this.#notBefore !== Infinity) this.#clock.after(RETRY_MS, () => this.#openAgain(), 'idle');
  }

  /**
   * Looks for a while in place of a stream that does not answer. The driver waits for the answer until the operating system ends the connection, so the
   * next stream would take one more out of the pool of a caller.
   */
  #leaveSilent(stream: Stream): void {
    if (this.#stream !== stream) return;
    this.#silentUntil = this.#clock.monotonic() + SILENT_MS;
    void this.#close();
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

  /** Opens another stream for who is still waiting. */
  #openAgain(): void {
    if (this.#isAwaited && !this.#stream) this.#openWhenCalm();
  }
}

/** The feeds of each client, by collection. */
const feeds = new WeakMap<object, Map<string, ChangeFeed>>();

/** Returns the feed of a collection on a client. The first call makes it. */
export function feedOf(client: object, collection: string, make: () => ChangeFeed): ChangeFeed {
  const known = feeds.get(client) ?? new Map<string, ChangeFeed>();
  feeds.set(client, known);
  const feed = known.get(collection) ?? make();
  known.set(collection, feed);
  return feed;
}
