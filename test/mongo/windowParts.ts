import { ClaimWindow } from '../../classes/mongo/claimWindow';
import type { WindowRequest } from '../../classes/mongo/claimWindow';
import type { FindAtOnce, FoundAtOnce } from '../../classes/mongo/mongoConnection';
import { mongoId } from '../../modules/mongo/mongoSchema';
import type { TaskDocument } from '../../modules/mongo/mongoSchema';
import { newId } from '../../modules/task/newId';
import { EPOCH_MS, FakeClock } from '../support/fakeClock';

/** One find as the window asks for it. */
export interface Find {
  readonly filter: Readonly<Record<string, unknown>>;
  readonly options: FindAtOnce;
}

/** A waiting task, due so many milliseconds after the epoch of the tests. */
export const documentAt = (priority: number, dueMs: number): TaskDocument =>
  ({ _id: mongoId(newId()), priority, availableAt: new Date(EPOCH_MS + dueMs), suspect: false }) as TaskDocument;

export const documentsAt = (count: number, priority: number, dueMs: number): TaskDocument[] =>
  Array.from({ length: count }, () => documentAt(priority, dueMs));

/** What the store's clock shows when a test begins, after the epoch of the tests. */
export const NOW_MS = 60_000;

/** A window on a collection that records its finds; each is answered by the next of `answers`, else by nothing. */
export function windowParts() {
  const clock = new FakeClock();
  const finds: Find[] = [];
  const answers: TaskDocument[][] = [];
  const random = { value: 0 };
  const takes = { ms: 0 };
  const isCut = { value: false };
  const findAtOnce = (filter: Find['filter'], options: FindAtOnce): Promise<FoundAtOnce> => {
    finds.push({ filter, options });
    clock.stall(takes.ms);
    const documents = answers.shift() ?? [];
    return Promise.resolve({ documents, isCut: isCut.value && documents.length > 0 });
  };
  const window = new ClaimWindow({ findAtOnce }, clock, () => random.value);
  const find = (rest: Partial<WindowRequest> = {}) => {
    const nowMs = clock.now() + NOW_MS;
    return window.find({ queue: 'mail', limit: 200, earliestMs: nowMs, latestMs: nowMs, except: [], maxTimeMS: 2_000, ...rest });
  };
  /** What the finds since the last look asked for, shortly. */
  const asked = (): string[] => finds.splice(0).map(describeFind);
  /** Finds what is given, long after the find before, and tells what was asked for. */
  const look = async (...found: TaskDocument[][]): Promise<string> => {
    answers.splice(0, answers.length, ...found);
    asked();
    await find();
    return asked().join(', ');
  };
  return { clock, window, finds, answers, random, takes, isCut, find, asked, look };
}

/** Such as `priority 3 from 4900 limit 200 skip 400`; the upper bound of the time is left out. */
function describeFind({ filter, options }: Find): string {
  const { $gte } = filter['availableAt'] as { $gte?: Date };
  const from = $gte ? ` from ${$gte.getTime() - EPOCH_MS}` : '';
  const { limit, skip } = options;
  return `${describePriority(filter['priority'])}${from} limit ${limit}${skip > 0 ? ` skip ${skip}` : ''}`;
}

function describePriority(priority: unknown): string {
  if (priority === undefined) return 'all';
  if (typeof priority === 'number') return `priority ${priority}`;
  const { $in, $gte = $in?.[0], $lt = Number($in?.at(-1)) + 1 } = priority as { $in?: number[]; $gte?: number; $lt?: number };
  return `priorities ${$gte} to ${$lt - 1}`;
}
