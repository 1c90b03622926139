import { queueOfAgain } from '../../modules/mongo/again';
import { LOOK } from '../../modules/ports/hint';
import type { Hint } from '../../modules/ports/hint';
import type { Namespace } from '../../modules/ports/namespace';
import type { Unwatch } from '../../modules/ports/taskStore';
import type { Cancel, Clock } from '../../modules/time/clock';
import type { ChangeFeed, FeedMember, TaskChange } from './changeFeed';
import type { ClaimWindow } from './claimWindow';
import type { MongoClock } from './mongoClock';

/**
 * Time that a store stays with the stream when nobody waits, because opening one is a command of its own. An open stream makes the server look at all
 * writes, once for each process.
 */
const LINGER_MS = 100;

/** The parts of a watch. */
export interface ChangeWatchParts {
  /** The stream that the stores on the client of now share. */
  readonly feed: () => ChangeFeed;
  readonly window: Pick<ClaimWindow, 'cameIn' | 'waitAgain'>;
  readonly namespace: Namespace;
  /** The clock of the server. */
  readonly time: Pick<MongoClock, 'now'>;
  readonly clock: Clock;
}

/** What a store makes of the changes of its collection: hints of tasks, with their queues and due times, where the deployment has change streams. */
export class ChangeWatch {
  readonly #parts: ChangeWatchParts;
  readonly #clock: Clock;
  readonly #member: FeedMember;
  /** The feed that this store is with. */
  #feed: ChangeFeed | undefined;
  #onHint: ((hint: Hint) => void) | undefined;
  #cancelLinger: Cancel | undefined;
  /** A change came while nobody waited. */
  #missed = false;

  constructor(parts: ChangeWatchParts) {
    this.#parts = parts;
    this.#clock = parts.clock;
    const isWaiting = (): boolean => this.#onHint !== undefined;
    this.#member = {
      get isWaiting() {
        return isWaiting();
      },
      heed: (change) => this.#heed(change),
      tell: (hint) => this.#tell(hint),
    };
  }

  /** Calls back at each change until it is ended, and once when the stream is open, for changes that came before. */
  watch(onHint: (hint: Hint) => void): Unwatch {
    this.#onHint = onHint;
    this.#cancelLinger?.();
    this.#join();
    if (this.#missed) this.#clock.soon(() => this.#tell(LOOK));
    return () => {
      if (this.#onHint !== onHint) return;
      this.#onHint = undefined;
      this.#feed?.rest();
      this.#cancelLinger?.();
      this.#cancelLinger = this.#clock.after(LINGER_MS, () => void this.close(), 'idle');
    };
  }

  /** Notes that this process has claimed tasks, which it may have been hinted of. */
  noteClaimed(count: number): void {
    this.#feed?.noteClaimed(count);
  }

  /** Leaves the stream. Safe to call twice. */
  async close(): Promise<void> {
    this.#cancelLinger?.();
    const feed = this.#feed;
    this.#feed = undefined;
    await feed?.leave(this.#member);
  }

  /** A connection of the caller's that was opened again has another client. */
  #join(): void {
    const feed = this.#parts.feed();
    if (this.#feed !== feed) void this.#feed?.leave(this.#member);
    this.#feed = feed;
    feed.join(this.#member);
  }

  /** Tells the window of a change, which may come late after a long transaction or command, and the workers when its task is due. */
  #heed(change: TaskChange): void {
    const { queue, availableAt } = changedBy(change);
    if (change.operationType === 'insert') this.#parts.window.cameIn(change.fullDocument);
    else if (availableAt) this.#parts.window.waitAgain(availableAt.getTime());
    if (queue === undefined) this.#tell(LOOK);
    else void this.#tellOf(queue, availableAt);
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
}

/** What a change tells of a task that waits: its queue in the database, unless somebody has edited it by hand, and its due time, if that is new. */
interface Changed {
  readonly queue?: string | undefined;
  readonly availableAt?: Date | undefined;
}

function changedBy(change: TaskChange): Changed {
  if (change.operationType === 'insert') return change.fullDocument;
  if (change.operationType !== 'update') return {};
  const { again, availableAt } = change.updateDescription.updatedFields ?? {};
  return { queue: again === undefined ? undefined : queueOfAgain(again), availableAt };
}
