import type { ClientSession } from 'mongoose';
import type { TaskOptions } from '../../config/optionTypes';
import type { DatabaseSync } from '../sqlite/sqliteDriver';
import type { TaskView } from './task';
import type { TaskMap } from '../worker/handlerTypes';
import type { Inserted } from '../ports/taskStore';

/** What `add` returns: the id of the task, or, where `added` is false, that of the live task with its unique key. @interface */
export type Added = Inserted;

/** A transaction of the caller's. */
export interface InSession {
  /** A session of Mongoose, or the SQLite database that has a transaction open; of the connection that the store was opened with. */
  readonly session?: ClientSession | DatabaseSync;
}

/** One task of `addMany`. */
export type TaskSpec<Tasks extends TaskMap> = {
  [Name in keyof Tasks & string]: {
    /** As that of `add`. */
    readonly name: Name;
    /** As that of `add`: what the name goes with. */
    readonly payload: Tasks[Name];
    /** Those of this task alone. */
    readonly options?: TaskOptions;
  };
}[keyof Tasks & string];

/** One page of a listing, newest first; `next` is what to pass as `after` for the page that follows, null on the last one. */
export interface TaskPage {
  readonly tasks: readonly TaskView[];
  readonly next: string | null;
}
