import type { TaskOptions } from '../../config/optionTypes';

/** The payload types of tasks, by task name. */
export type TaskMap = object;

/** A queue as it is named to a handler: a `Queue`, whose task types are known, for example. */
export interface NamedQueue<Tasks extends TaskMap> {
  readonly name: string;
  /** The payload types of its tasks, for the compiler alone. */
  readonly taskTypes?: Tasks;
}

/** One task of `queue.addMany`. */
export type TaskSpec<Tasks extends TaskMap> = {
  [Name in keyof Tasks & string]: {
    /** The name of the task. */
    readonly name: Name;
    /** The payload that goes with the name. */
    readonly payload: Tasks[Name];
    /** Options of this task only. */
    readonly options?: TaskOptions;
  };
}[keyof Tasks & string];
