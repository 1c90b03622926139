import { LIVE_STATES } from '../../constants/states';
import { TRANSIT_TASKS } from '../../constants/limits';
import { chunksOf } from '../../modules/values/chunksOf';
import { sleep } from '../../modules/time/clock';
import { totalCounts } from '../../modules/task/counts';
import { removeChange } from '../../modules/task/outcome';
import { taskPages } from '../../modules/ports/taskPages';
import type { Task } from '../../modules/task/task';
import { transitLeases } from '../../modules/ports/transitLease';
import type { TransitLeases } from '../../modules/ports/transitLease';
import type { Store } from '../store/store';
import type { Settlement } from '../../modules/ports/taskStore';

/** What a copy has done, and what it could not do. */
export interface CopyReport {
  /** Tasks that this run let go in the target. */
  readonly copied: number;
  /** Queues that are paused in the target because they are in the source. */
  readonly paused: number;
  /** Live tasks that are still in the source. */
  readonly left: { readonly waiting: number; readonly running: number };
  /** What a copy leaves in the source: schedules that no code declares, and live tasks of other namespaces. */
  readonly stays: { readonly schedules: number; readonly elsewhere: number };
}

/** Told of each part that was copied, and of each task whose id or unique key the target has already. */
export interface CopyWatcher {
  onCopied(count: number): void;
  onTaken(task: Task): void;
}

/** How often, and how many times, is looked whether the store has swept the expired leases of the source. */
const SWEEP_LOOK_MS = 100;
const SWEEP_LOOKS = 100;

/**
 * Moves live tasks from one store to another, so that at every instant each of them can run in one of the two at most, and is in one at least.
 *
 * 1. Held in the source, where nobody can claim it then.
 * 2. Placed in the target, as it is, where nobody can claim it yet.
 * 3. Removed from the source, once the target surely has it.
 * 4. Let go in the target.
 *
 * A copy that is killed anywhere is continued by the next one: what is held in the source goes on with 2; what was placed and is no longer
 * held in the source goes on with 4, because nothing but 3 takes away what is held.
 */
export class Copying {
  readonly #source: Store;
  readonly #target: Store;
  readonly #leases: TransitLeases;
  readonly #watcher: CopyWatcher;
  #copied = 0;

  constructor(source: Store, target: Store, watcher: CopyWatcher) {
    this.#source = source;
    this.#target = target;
    this.#leases = transitLeases(source.url, target.url);
    this.#watcher = watcher;
  }

  /** Copies all that waits; what runs is left to its worker, and copied by the next run. */
  async run(): Promise<CopyReport> {
    const paused = await this.#copyPauses();
    await this.#goOn();
    const taken = new Map<string, Task>();
    for (let before = -1; before < this.#copied;) {
      before = this.#copied;
      taken.clear();
      await this.#untilSwept();
      await this.#copyWaiting(taken);
    }
    for (const task of taken.values()) this.#watcher.onTaken(task);
    const { waiting, running } = totalCounts(Object.values(await this.#source.parts.tasks.counts(LIVE_STATES)));
    return { copied: this.#copied, paused, left: { waiting, running }, stays: await this.#stays() };
  }

  async #stays(): Promise<CopyReport['stays']> {
    const schedules = await this.#source.parts.schedules.list();
    return { schedules: schedules.filter(({ declared }) => !declared).length, elsewhere: await this.#source.parts.liveElsewhere() };
  }

  /** First of all, so that no task of a paused queue runs in the target. */
  async #copyPauses(): Promise<number> {
    const queues = await this.#source.parts.settings.paused();
    for (const queue of queues) await this.#target.parts.settings.setPaused(queue, true);
    return queues.size;
  }

  /** Ends what an earlier run has begun. The target is asked first: what it has and the source does not hold any more is let go by the source. */
  async #goOn(): Promise<void> {
    const arrived = await this.#target.parts.tasks.held(this.#leases.arriving.token);
    const leaving = await this.#source.parts.tasks.held(this.#leases.leaving.token);
    const held = new Set(idsOf(leaving));
    await this.#welcome(idsOf(arrived).filter((id) => !held.has(id)));
    const taken = new Map<string, Task>();
    for (const part of chunksOf(leaving, TRANSIT_TASKS)) await this.#move(part, taken);
  }

  /** A lease that is over is a failure, which the store counts before the task is copied. */
  async #untilSwept(): Promise<void> {
    for (let looks = 1; looks <= SWEEP_LOOKS && (await this.#source.parts.tasks.expired(1)).length > 0; looks += 1) {
      await sleep(this.#source.parts.clock, SWEEP_LOOK_MS);
    }
  }

  async #copyWaiting(taken: Map<string, Task>): Promise<void> {
    for (const queue of Object.keys(await this.#source.parts.tasks.counts(['waiting']))) {
      for (const part of chunksOf(await this.#waitingIn(queue), TRANSIT_TASKS)) {
        await this.#source.parts.transit.hold(part, this.#leases.leaving);
        await this.#move(await this.#source.parts.tasks.held(this.#leases.leaving.token), taken);
      }
    }
  }

  /** Oldest first, so that tasks due at the same time keep their order. */
  async #waitingIn(queue: string): Promise<Pick<Task, 'id' | 'rev'>[]> {
    const found: Pick<Task, 'id' | 'rev'>[] = [];
    for await (const page of taskPages(this.#source.parts.tasks, { queue, states: ['waiting'] }))
      found.push(...page.map(({ id, rev }) => ({ id, rev })));
    return found.reverse();
  }

  /** Takes what is held in the source to the target; what the target refuses waits in the source again. */
  async #move(leaving: readonly Task[], taken: Map<string, Task>): Promise<void> {
    if (leaving.length === 0) return;
    const { leaving: held, arriving } = this.#leases;
    await this.#target.parts.transit.place(leaving, arriving);
    const arrived = new Set(idsOf(await this.#target.parts.tasks.held(arriving.token)));
    const refused = leaving.filter(({ id }) => !arrived.has(id));
    await this.#handOver(idsOf(leaving).filter((id) => arrived.has(id)));
    if (refused.length === 0) return;
    for (const task of refused) taken.set(task.id, task);
    await this.#source.parts.transit.release(idsOf(refused), held.token);
  }

  /** Removes from the source what the target surely has, and lets it go there; one that was ended by hand in between is dropped in the target as well. */
  async #handOver(ids: readonly string[]): Promise<void> {
    const answers = await this.#source.parts.tasks.settle(removals(ids, this.#leases.leaving.token));
    await this.#letGo(
      ids.filter((_, index) => answers[index] === 'applied'),
      ids.filter((_, index) => answers[index] !== 'applied'),
    );
  }

  /** What was placed by an earlier run and left the source, perhaps so long ago that the source has no trace of it any more. */
  async #welcome(ids: readonly string[]): Promise<void> {
    const inSource = await Promise.all(ids.map((id) => this.#source.parts.tasks.find(id)));
    await this.#letGo(
      ids.filter((_, index) => inSource[index] === null),
      ids.filter((_, index) => inSource[index] !== null),
    );
  }

  async #letGo(free: readonly string[], ended: readonly string[]): Promise<void> {
    const { token } = this.#leases.arriving;
    if (ended.length > 0) await this.#target.parts.tasks.settle(removals(ended, token));
    if (free.length > 0) await this.#target.parts.transit.release(free, token);
    this.#copied += free.length;
    this.#watcher.onCopied(free.length);
  }
}

const idsOf = (tasks: readonly Pick<Task, 'id'>[]): string[] => tasks.map(({ id }) => id);

const removals = (ids: readonly string[], token: string): Settlement[] =>
  ids.map((id) => ({ id, guard: { token }, change: removeChange, by: token }));
