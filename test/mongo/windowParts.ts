import type { mongo } from 'mongoose';
import { ClaimWindow } from '../../classes/mongo/claimWindow';
import type { FindAtOnce, FoundAtOnce } from '../../modules/mongo/findAtOnce';
import { mongoId } from '../../modules/mongo/uuid';
import type { TaskDocument } from '../../modules/mongo/taskFields';
import { newId } from '../../modules/task/newId';
import { EPOCH_MS, FakeClock } from '../support/fakeClock';
import { seededRandom } from '../support/samples';

/** The start of a test, in milliseconds after the epoch of the tests. */
export const NOW_MS = 60_000;

/** A waiting task, due this many milliseconds after the epoch of the tests. */
export const taskAt = (priority: number, dueMs: number, rest: Partial<TaskDocument> = {}): TaskDocument =>
  ({ _id: mongoId(newId()), queue: 'mail', priority, availableAt: new Date(EPOCH_MS + dueMs), suspect: false, ...rest }) as TaskDocument;

/** Makes tasks that become due one after another, a millisecond apart. */
export const tasksFrom = (count: number, priority: number, dueMs: number): TaskDocument[] =>
  Array.from({ length: count }, (_, index) => taskAt(priority, dueMs + index));

export const inOrder = (tasks: readonly TaskDocument[]): TaskDocument[] =>
  [...tasks].sort(
    (a, b) => a.priority - b.priority || a.availableAt.getTime() - b.availableAt.getTime() || (a._id.toString() < b._id.toString() ? -1 : 1),
  );

/** Returns tasks in short form, such as `3 at 5000`: most tests compare their order. */
export const shown = (tasks: readonly TaskDocument[]): string[] =>
  tasks.map(({ priority, availableAt }) => `${priority} at ${availableAt.getTime() - EPOCH_MS}`);

type Filter = Readonly<Record<string, unknown>>;

/** Tells whether a key is in the part of the claim index that a filter selects. */
export function partOf(filter: Filter): (task: TaskDocument) => boolean {
  const { $gte: from = -Infinity, $lte: to = Infinity } = (filter['availableAt'] ?? {}) as { $gte?: number; $lte?: number };
  const [fromMs, toMs] = [Number(from), Number(to)];
  const wanted = filter['priority'] ?? {};
  const { $in, $gte = 0, $lt = 10 } = (typeof wanted === 'number' ? { $in: [wanted] } : wanted) as { $in?: number[]; $gte?: number; $lt?: number };
  return ({ priority, availableAt }) => {
    const ms = availableAt.getTime();
    return ms >= fromMs && ms <= toMs && ($in?.includes(priority) ?? (priority >= $gte && priority < $lt));
  };
}

/** A collection of tasks that answers finds as MongoDB does. Claimed tasks leave dead keys in the index. */
export class Pile {
  #keys: TaskDocument[] = [];
  readonly #dead = new Set<TaskDocument>();
  /** The number of finds, and of keys that they examined. */
  finds = 0;
  walked = 0;
  /** The number of tasks that fit into an answer. */
  fits = Infinity;
  /** The time that a find takes. */
  takesMs = 0;

  constructor(readonly clock: FakeClock) {}

  /** The waiting tasks, in the order of claims. */
  get waiting(): TaskDocument[] {
    return this.#keys.filter((task) => !this.#dead.has(task));
  }

  add(...tasks: TaskDocument[]): void {
    this.#keys = inOrder([...this.#keys, ...tasks]);
  }

  /** Claims those of the tasks that still wait. */
  claim(tasks: readonly TaskDocument[]): TaskDocument[] {
    const won = tasks.filter((task) => !this.#dead.has(task));
    for (const task of won) this.#dead.add(task);
    return won;
  }

  findAtOnce(filter: Filter, { limit, skip }: Pick<FindAtOnce, 'limit' | 'skip'>): Promise<FoundAtOnce> {
    const except = (filter['_id'] as { $nin?: readonly unknown[] } | undefined)?.$nin ?? [];
    const isIn = partOf(filter);
    const documents: TaskDocument[] = [];
    let toSkip = skip;
    this.finds += 1;
    this.clock.stall(this.takesMs);
    for (const task of this.#keys) {
      if (documents.length === Math.min(limit, this.fits)) break;
      if (task.queue !== filter['queue'] || !isIn(task)) continue;
      this.walked += 1;
      if (this.#dead.has(task) || except.includes(task._id)) continue;
      if (toSkip > 0) toSkip -= 1;
      else documents.push(task);
    }
    return Promise.resolve({ documents, isCut: documents.length === this.fits && this.fits < limit });
  }
}

/** A window of one process on a pile. */
export function windowOn(pile: Pile, seed = 1) {
  const { clock } = pile;
  const window = new ClaimWindow(
    { findAtOnce: (filter: mongo.Filter<TaskDocument>, options) => pile.findAtOnce(filter, options) },
    clock,
    seededRandom(seed),
  );
  const now = () => ({ earliestMs: clock.now() + NOW_MS, latestMs: clock.now() + NOW_MS });
  const find = (limit = 10, { queue = 'mail', except = [] as readonly unknown[] } = {}): Promise<TaskDocument[]> =>
    window.find({ queue, limit, except, leftMs: () => 1_000, ...now() });
  /** Claims the found tasks, and reports to the window how many it won, as a store does. */
  const claim = async (limit = 10): Promise<TaskDocument[]> => {
    const found = await find(limit);
    const won = pile.claim(found);
    window.note('mail', found.length, won.length);
    return won;
  };
  /** Claims until nothing is found. */
  const claimAll = async (limit = 10, betweenMs = 1): Promise<TaskDocument[]> => {
    const all: TaskDocument[] = [];
    for (let won = await claim(limit); won.length > 0; won = await claim(limit)) {
      all.push(...won);
      await clock.advance(betweenMs);
    }
    return all;
  };
  return { window, find, claim, claimAll, now };
}

/** A pile of tasks with one window on it. */
export function windowParts(...tasks: TaskDocument[]) {
  const clock = new FakeClock();
  const pile = new Pile(clock);
  pile.add(...tasks);
  return { clock, pile, ...windowOn(pile) };
}
