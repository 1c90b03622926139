import type { Inserted } from '../../modules/ports/taskStore';
import type { TaskView } from '../../modules/task/taskView';

/** Result of `add`: the id of the task or, if `added` is false, of the live task with its unique key. @interface */
export type Added = Inserted;

/** One page of a listing, newest first. Pass `next` as `after` to get the following page; it is null on the last page. */
export interface TaskPage {
  readonly tasks: readonly TaskView[];
  readonly next: string | null;
}
