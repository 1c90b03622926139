import type { Inserted } from '../../modules/ports/taskStore';
import type { TaskMap } from '../../modules/task/taskSpec';
import type { TaskView } from '../../modules/task/taskView';

/** Result of `add`: the id of the task or, if `added` is false, of the live task with its unique key. @interface */
export type Added = Inserted;

/** A task of a typed queue: the payload is that of its name. */
export type TaskViewOf<Tasks extends TaskMap> = { [Name in keyof Tasks & string]: TaskView<Tasks[Name], Name> }[keyof Tasks & string];

/** One page of a listing, newest first. Pass `next` as `after` to get the following page; it is null on the last page. */
export interface TaskPage<View = TaskView> {
  readonly tasks: readonly View[];
  readonly next: string | null;
  /** For a listing with a `search`: the tasks that were looked at. */
  readonly looked?: number;
  /** For one with a `search`: false if looking ended before the page was full and before all was seen. */
  readonly isComplete?: boolean;
  /** For one with a `search`: the tokens that no index serves, each in a sentence. */
  readonly slow?: readonly string[];
}
