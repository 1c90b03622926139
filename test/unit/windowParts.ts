import { ClaimWindow } from '../../classes/claimWindow';
import type { WindowRequest } from '../../classes/claimWindow';
import type { FindAtOnce } from '../../classes/mongoConnection';
import type { TaskDocument } from '../../modules/mongoSchema';
import { EPOCH_MS, FakeClock } from './fakeClock';

/** One find as the window asks for it. */
export interface Find {
  readonly filter: Readonly<Record<string, unknown>>;
  readonly options: FindAtOnce;
}

/** A waiting task, due so many milliseconds after the epoch of the tests. */
export const documentAt = (priority: number, dueMs: number): TaskDocument =>
  ({ priority, availableAt: new Date(EPOCH_MS + dueMs), suspect: false }) as TaskDocument;

export const documentsAt = (count: number, priority: number, dueMs: number): TaskDocument[] =>
  Array.from({ length: count }, () => documentAt(priority, dueMs));

/** A window on a collection that records its finds; each is answered by the next of `answers`, else by nothing. */
export function windowParts() {
  const clock = new FakeClock();
  const finds: Find[] = [];
  const answers: TaskDocument[][] = [];
  const random = { value: 0 };
  const findAtOnce = (filter: Find['filter'], options: FindAtOnce): Promise<TaskDocument[]> => {
    finds.push({ filter, options });
    return Promise.resolve(answers.shift() ?? []);
  };
  const window = new ClaimWindow({ findAtOnce }, clock, () => random.value);
  const find = (rest: Partial<WindowRequest> = {}) =>
    window.find({ queue: 'mail', limit: 10, earliestMs: EPOCH_MS + 60_000, latestMs: EPOCH_MS + 60_000, except: [], maxTimeMS: 2_000, ...rest });
  /** What the finds since the last look asked for, shortly. */
  const asked = (): string[] => finds.splice(0).map(describeFind);
  /** Makes a window that has claimed a thousand tasks, with a mark for each of the priorities. */
  const warm = async (...priorities: number[]): Promise<void> => {
    answers.push(priorities.map((priority) => documentAt(priority, 5_000)));
    await find();
    window.note('mail', 1_000, 1_000);
    finds.splice(0);
  };
  return { clock, window, finds, answers, random, find, asked, warm };
}

/** Such as `priority 3 from 4900 limit 10 skip 20`; the upper bound of the time is left out. */
function describeFind({ filter, options }: Find): string {
  const { priority } = filter as { priority?: number | { $gte: number; $lt: number } };
  const { $gte } = filter['availableAt'] as { $gte?: Date };
  const where =
    priority === undefined ? 'head' : typeof priority === 'number' ? `priority ${priority}` : `priorities ${priority.$gte} to ${priority.$lt - 1}`;
  const from = $gte ? ` from ${$gte.getTime() - EPOCH_MS}` : '';
  const { limit, skip } = options;
  return `${where}${from} limit ${limit}${skip > 0 ? ` skip ${skip}` : ''}`;
}
