import type { TaskOptions } from '../../config/optionTypes';

/** The payloads of tasks by the tasks' names. */
export type TaskMap = object;

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
