import { viewFollowUps } from './followUps';
import type { PendingFollowUp } from './followUps';
import type { SleepsOn } from '../../constants/events';
import { LONGEST_DELAY_MS } from '../../constants/limits';
import { viewHistory } from './history';
import type { AttemptRecord, LogLine } from './history';
import type { Jsonified } from './json';
import type { Task, TaskSettings } from './task';

/** A task as `queue.get` and `queue.list` return it, with its JSON texts parsed. @interface */
export type TaskView<Payload = unknown, Name extends string = string> = Omit<
  Task,
  'name' | 'place' | 'payload' | 'result' | 'progress' | 'history' | 'settings' | 'rev' | 'suspect' | 'followUps'
> & {
  readonly name: Name;
  readonly payload: Jsonified<Payload>;
  readonly result: unknown;
  /** The last value that the handler reported with `context.progress`. */
  readonly progress: unknown;
  /** The last attempts, oldest first. A first attempt that succeeded and logged nothing is left out. */
  readonly attempts: readonly AttemptRecord[];
  /** What the task sleeps on, and until when by the clock of the store, null for a wait without a time limit; null if it does not sleep. */
  readonly sleeps: (SleepsOn & { readonly until: Date | null }) | null;
  /** The last lines that the handlers wrote with `context.log`, oldest first. */
  readonly log: readonly LogLine[];
  readonly settings: Omit<TaskSettings, 'deadlineAt' | 'tags' | 'metadata'>;
  readonly deadline: Date | null;
  readonly tags: readonly string[];
  readonly metadata: Readonly<Record<string, unknown>>;
  /** The follow-ups of a task that succeeded which are not in their queues yet; mostly for milliseconds. */
  readonly followUps: readonly PendingFollowUp[];
};

/** Returns the user's view of a task. */
export function viewTask<Payload>({
  payload,
  result,
  progress,
  history,
  settings,
  rev: _rev,
  suspect: _suspect,
  place: _place,
  followUps,
  ...task
}: Task): TaskView<Payload> {
  const { deadlineAt, tags = [], metadata: _metadata, ...rest } = settings;
  const { attempts, log } = viewHistory(history);
  return {
    ...task,
    ...{ attempts, log, sleeps: sleepOf(task, attempts.at(-1)) },
    payload: JSON.parse(payload) as Jsonified<Payload>,
    result: parsed(result),
    progress: parsed(progress),
    settings: rest,
    deadline: deadlineAt === undefined ? null : new Date(deadlineAt),
    tags,
    metadata: metadataOf(settings),
    followUps: viewFollowUps(followUps),
  };
}

/** The last attempt tells what a waiting task sleeps on. A wait without a time limit ends as late as a task can be due. */
function sleepOf({ state, availableAt }: Pick<Task, 'state' | 'availableAt'>, last: AttemptRecord | undefined): TaskView['sleeps'] {
  if (state !== 'waiting' || !last?.on) return null;
  const isEndless = last.on.kind === 'signal' && availableAt.getTime() > Date.now() + LONGEST_DELAY_MS / 2;
  return { ...last.on, until: isEndless ? null : availableAt };
}

/** Returns the metadata of a task, empty if it has none. */
export const metadataOf = ({ metadata }: TaskSettings): Readonly<Record<string, unknown>> =>
  metadata === undefined ? {} : (JSON.parse(metadata) as Record<string, unknown>);

const parsed = (text: string | null): unknown => (text === null ? undefined : (JSON.parse(text) as unknown));
