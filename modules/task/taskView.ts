import { viewHistory } from './history';
import type { AttemptRecord, LogLine } from './history';
import type { Jsonified } from './json';
import type { Task, TaskSettings } from './task';

/** A task as `queue.get` and `queue.list` show it: what the store keeps as JSON text are values. @interface */
export type TaskView<Payload = unknown> = Omit<Task, 'place' | 'payload' | 'result' | 'progress' | 'history' | 'settings' | 'rev' | 'suspect'> & {
  readonly payload: Jsonified<Payload>;
  readonly result: unknown;
  /** What its handler told last by `context.progress`. */
  readonly progress: unknown;
  /** Its last attempts, oldest first; a first attempt that succeeded and logged nothing is told by the task alone. */
  readonly attempts: readonly AttemptRecord[];
  /** The last lines that its handlers wrote by `context.log`, oldest first. */
  readonly log: readonly LogLine[];
  readonly settings: Omit<TaskSettings, 'deadlineAt' | 'tags' | 'metadata'>;
  readonly deadline: Date | null;
  readonly tags: readonly string[];
  readonly metadata: Readonly<Record<string, unknown>>;
};

/** Shows a task to a user. */
export function viewTask<Payload>({
  payload,
  result,
  progress,
  history,
  settings,
  rev: _rev,
  suspect: _suspect,
  place: _place,
  ...task
}: Task): TaskView<Payload> {
  const { deadlineAt, tags = [], metadata: _metadata, ...rest } = settings;
  return {
    ...task,
    ...viewHistory(history),
    payload: JSON.parse(payload) as Jsonified<Payload>,
    result: parsed(result),
    progress: parsed(progress),
    settings: rest,
    deadline: deadlineAt === undefined ? null : new Date(deadlineAt),
    tags,
    metadata: metadataOf(settings),
  };
}

/** The metadata of a task, empty where it has none. */
export const metadataOf = ({ metadata }: TaskSettings): Readonly<Record<string, unknown>> =>
  metadata === undefined ? {} : (JSON.parse(metadata) as Record<string, unknown>);

const parsed = (text: string | null): unknown => (text === null ? undefined : (JSON.parse(text) as unknown));
