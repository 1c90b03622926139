import type { Task } from '../../modules/task/task';
import type { Clock } from '../../modules/time/clock';

/** What a consumer asks for. */
export interface Receive {
  readonly queue: string;
  readonly max: number;
  readonly waitMs: number;
  readonly visibilityMs: number;
  readonly signal?: AbortSignal | undefined;
}

/** A receive that waits. */
export interface Poll {
  readonly max: number;
  readonly visibilityMs: number;
  readonly isLong: boolean;
  /** Ends the wait. Later calls have no effect. */
  readonly end: (tasks: readonly Task[]) => void;
  readonly fail: (error: unknown) => void;
}

/** The receives that wait for one queue, in the order in which they came. */
export interface Line {
  readonly polls: Set<Poll>;
  isServed: boolean;
  /** Something may have come in since it was served. */
  isDue: boolean;
}

/** How a poll ends. */
interface PollEnds {
  readonly resolve: (tasks: readonly Task[]) => void;
  readonly reject: (error: unknown) => void;
  /** Is called before either, with the poll. */
  readonly onOver: (poll: Poll) => void;
}

/** Makes a poll of a receive, which ends with no message when its time is over or its caller is gone. */
export function pollOf({ max, waitMs, visibilityMs, signal }: Receive, clock: Clock, { resolve, reject, onOver }: PollEnds): Poll {
  const endBy = <T>(settle: (value: T) => void) => (value: T): void => {
    cancel();
    signal?.removeEventListener('abort', leave);
    onOver(poll);
    settle(value);
  }; // prettier-ignore
  const poll: Poll = { max, visibilityMs, isLong: waitMs > 0, end: endBy(resolve), fail: endBy(reject) };
  const leave = (): void => poll.end([]);
  const cancel = waitMs > 0 ? clock.after(waitMs, leave) : () => undefined;
  signal?.addEventListener('abort', leave, { once: true });
  return poll;
}
