import type { TaskState } from '../../constants/states';
import type { Task } from '../task/task';
import type { Part } from './taskStore';

/** Which tasks are looked at: those of these queues and states, by an index where one has them, newest first, from the id `after` on. */
export interface LookRequest {
  /** Names, and patterns such as `mail.*`; `*` for all queues. */
  readonly queues: readonly string[];
  readonly states: readonly TaskState[];
  readonly ids?: readonly string[];
  /** Unique keys. Only live tasks are found by them. */
  readonly uniqueKeys?: readonly string[];
  readonly failureGroups?: readonly string[];
  readonly after?: string;
  /** The most tasks that are returned. */
  readonly limit: number;
  readonly part?: Part;
}

/** What a look has found: fewer tasks than its limit where its answer would be too large, or where enough others were passed over. */
export interface Looked {
  readonly tasks: Task[];
  /** The tasks that were looked at, those of other queues and states too. */
  readonly looked: number;
  /** The `after` of the next look; null if there is certainly nothing after this one. */
  readonly next: string | null;
}

/** The port of searches: the tasks of many queues in one order. What no index has is for the caller to tell. */
export interface TaskSearch {
  look(request: LookRequest): Promise<Looked>;
}
