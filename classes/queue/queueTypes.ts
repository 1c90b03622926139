import type { Inserted } from '../../modules/ports/taskStore';
import type { TaskView } from '../../modules/task/taskView';

/** What `add` returns: the id of the task, or, where `added` is false, that of the live task with its unique key. @interface */
export type Added = Inserted;

/** One page of a listing, newest first; `next` is what to pass as `after` for the page that follows, null on the last one. */
export interface TaskPage {
  readonly tasks: readonly TaskView[];
  readonly next: string | null;
}
