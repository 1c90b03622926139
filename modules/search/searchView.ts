import type { TaskView } from '../task/taskView';

/** One page of a search, newest first. Pass `next` as `after` to get the following page; it is null on the last page. */
export interface SearchPage<View = TaskView> {
  readonly tasks: readonly View[];
  readonly next: string | null;
  /** The tasks that were looked at for this page, those that were not found too. */
  readonly looked: number;
  /** False if looking ended before the page was full and before all was seen: the rest is behind `next`. */
  readonly isComplete: boolean;
  /** The tokens that no index serves, each in a sentence. */
  readonly slow: readonly string[];
}

/** Returns the sentences about the tokens of a search that no index serves. */
export const slowSentences = (labels: readonly string[], looked: number): string[] =>
  labels.map((label) => `${label} is not indexed: ${looked.toLocaleString('en-US')} ${looked === 1 ? 'task was' : 'tasks were'} looked at`);
