import { LIVE_STATES } from '../../constants/states';
import { schedulePages } from '../../modules/ports/schedulePages';
import { TRANSIT_TASKS } from '../../constants/limits';
import { settleAll } from '../lease/settleAll';
import { copyBrokerQueues } from './brokerQueues';
import { FifoCopying } from './fifoCopying';
import type { FifoLeft } from './fifoCopying';
import { chunksOf } from '../../modules/values/chunksOf';
import { sleep } from '../../modules/time/clock';
import { totalCounts } from '../../modules/task/counts';
import { removeChange } from '../../modules/task/outcome';
import { taskPages } from '../../modules/ports/taskPages';
import type { Task } from '../../modules/task/task';
import { transitLeases } from '../../modules/ports/transitLease';
import type { TransitLeases } from '../../modules/ports/transitLease';
import type { Store } from '../store/store';
import type { Settlement, TaskKey } from '../../modules/ports/taskStore';

type WaitingTask = Pick<Task, 'id' | 'queue' | 'rev'>;

/** Result of a copy. */
export interface CopyReport {
  /** Number of tasks, and of messages of FIFO queues, that this run released in the target. */
  readonly moved: number;
  /** Number of queues paused in the target because they are paused in the source. */
  readonly paused: number;
  /** Number of live tasks and messages still in the source. */
  readonly left: { readonly waiting: number; readonly running: number };
  /** Number of things that a copy leaves in the source: schedules stored by a Scheduler, and live tasks of other namespaces. */
  readonly stays: { readonly schedules: number; readonly elsewhere: number };
}

/** Observer of a copy. `onTaken` gets the tasks whose id or unique key exists in the target. */
export interface CopyWatcher {
  onMoved(count: number): void;
  onTaken(task: Task): void;
}

/** Interval and number of checks whether the expired leases of the source have been swept. */
const SWEEP_LOOK_MS = 100;
const SWEEP_LOOKS = 100;

/**
 * Moves live tasks from one store to another. At every instant each task is in at least one store, and can run in at most one.
 *
 * A task takes four steps:
 * 1. It is held in the source, where nobody can claim it any more.
 * 2. It is placed in the target, where nobody can claim it yet.
 * 3. It is removed from the source, once the target surely has it.
 * 4. It is released in the target.
 *
 * The queues of the broker come before the tasks that are their messages, and those of FIFO queues after them, in a way of their own.
 *
 * A killed copy is continued by the next one. A task that is held in the source goes on with step 2. A task that is placed in the target and not
 * held in the source goes on with step 4, because only step 3 removes a held task.
 */
export class Copying {
  readonly #source: Store;
  readonly #target: Store;
  readonly #leases: TransitLeases;
  readonly #watcher: CopyWatcher;
  #moved = 0;

  constructor(source: Store, target: Store, watcher: CopyWatcher) {
    this.#source = source;
    this.#target = target;
    this.#leases = transitLeases(source.url, target.url);
    this.#watcher = watcher;
  }

  /** Moves all waiting tasks. Running tasks are left to their workers; the next run moves what waits then. */
  async run(): Promise<CopyReport> {
    const paused = await this.#copyPauses();
    const fifoQueues = await copyBrokerQueues(this.#source, this.#target);
    await this.#goOn();
    const taken = new Map<string, Task>();
    for (let before = -1; before < this.#moved;) {
      before = this.#moved;
      taken.clear();
      await this.#untilSwept();
      await this.#source.parts.handOvers.all();
      await this.#copyWaiting(taken);
    }
    const fifo = new FifoCopying(this.#source, this.#target, this.#leases.leaving.workerId);
    await fifo.move(fifoQueues, (count) => this.#noteMoved(count));
    for (const task of taken.values()) this.#watcher.onTaken(task);
    return { moved: this.#moved, paused, left: await this.#left(await fifo.left(fifoQueues)), stays: await this.#stays() };
  }

  async #left(fifo: FifoLeft): Promise<CopyReport['left']> {
    const { waiting, running } = totalCounts(Object.values(await this.#source.parts.tasks.counts(LIVE_STATES)));
    return { waiting: waiting + fifo.waiting, running: running + fifo.running };
  }

  #noteMoved(count: number): void {
    this.#moved += count;
    this.#watcher.onMoved(count);
  }

  async #stays(): Promise<CopyReport['stays']> {
    let schedules = 0;
    for await (const page of schedulePages(this.#source.parts.schedules)) schedules += page.filter(({ declared }) => !declared).length;
    return { schedules, elsewhere: await this.#source.parts.liveElsewhere() };
  }

  /** Copies the pauses of queues, before any task, so that no task of a paused queue runs in the target. */
  async #copyPauses(): Promise<number> {
    const queues = await this.#source.parts.settings.paused();
    for (const queue of queues) await this.#target.parts.settings.setPaused(queue, true);
    return queues.size;
  }

  /** Finishes what a killed run has begun. The target is read first: a task that is placed there but no longer held has passed step 3. */
  async #goOn(): Promise<void> {
    const arrived = await this.#target.parts.tasks.held({ token: this.#leases.arriving.token, part: 'head' });
    const leaving = await this.#source.parts.tasks.held({ token: this.#leases.leaving.token, part: 'head' });
    const held = new Set(idsOf(leaving));
    await this.#welcome(arrived.filter(({ id }) => !held.has(id)));
    await this.#moveHeld(new Map());
  }

  /** Waits until expired leases are swept, because an expired lease is a failure to be counted before its task is moved. */
  async #untilSwept(): Promise<void> {
    for (let looks = 1; looks <= SWEEP_LOOKS && (await this.#source.parts.tasks.expired(1)).length > 0; looks += 1) {
      await sleep(this.#source.parts.clock, SWEEP_LOOK_MS);
    }
  }

  async #copyWaiting(taken: Map<string, Task>): Promise<void> {
    for (const queue of Object.keys(await this.#source.parts.tasks.counts(['waiting']))) {
      for (const part of chunksOf(await this.#waitingIn(queue), TRANSIT_TASKS)) {
        await this.#source.parts.transit.hold(part, this.#leases.leaving);
        await this.#moveHeld(taken);
      }
    }
  }

  /** Returns the waiting tasks of a queue, oldest first, so that tasks due at the same time keep their order. */
  async #waitingIn(queue: string): Promise<WaitingTask[]> {
    const found: WaitingTask[] = [];
    for await (const page of taskPages(this.#source.parts.tasks, { queue, states: ['waiting'] }))
      found.push(...page.map(({ id, rev }) => ({ id, queue, rev })));
    return found.reverse();
  }

  /** Moves what is held in the source. Large tasks come a few at a time. */
  async #moveHeld(taken: Map<string, Task>): Promise<void> {
    for (;;) {
      const leaving = await this.#source.parts.tasks.held({ token: this.#leases.leaving.token });
      if (leaving.length === 0) return;
      await this.#move(leaving, taken);
    }
  }

  /** Takes held tasks from the source to the target. Tasks that the target refuses wait in the source again. */
  async #move(leaving: readonly Task[], taken: Map<string, Task>): Promise<void> {
    const { leaving: held, arriving } = this.#leases;
    await this.#target.parts.transit.place(leaving, arriving, await this.#source.parts.transit.carried(keysOf(leaving)));
    const arrived = new Set(idsOf(await this.#target.parts.tasks.held({ token: arriving.token, part: 'head' })));
    const refused = leaving.filter(({ id }) => !arrived.has(id));
    await this.#handOver(leaving.filter(({ id }) => arrived.has(id)));
    if (refused.length === 0) return;
    for (const task of refused) taken.set(task.id, task);
    await this.#source.parts.transit.release(keysOf(refused), held.token);
  }

  /** Removes from the source the tasks that the target surely has, and releases them there. Tasks ended by hand meanwhile are dropped there. */
  async #handOver(tasks: readonly TaskKey[]): Promise<void> {
    const answers = await settleAll(this.#source.parts.tasks, removals(tasks, this.#leases.leaving.token));
    await this.#letGo(
      tasks.filter((_, index) => answers[index] === 'applied'),
      tasks.filter((_, index) => answers[index] !== 'applied'),
    );
  }

  /** Releases the tasks that an earlier run placed and removed from the source. The source may have no trace of them any more. */
  async #welcome(tasks: readonly TaskKey[]): Promise<void> {
    const inSource = await Promise.all(tasks.map(({ queue, id }) => this.#source.parts.tasks.find(queue, id, 'head')));
    await this.#letGo(
      tasks.filter((_, index) => inSource[index] === null),
      tasks.filter((_, index) => inSource[index] !== null),
    );
  }

  async #letGo(free: readonly TaskKey[], ended: readonly TaskKey[]): Promise<void> {
    const { token } = this.#leases.arriving;
    if (ended.length > 0) await settleAll(this.#target.parts.tasks, removals(ended, token));
    if (free.length > 0) await this.#target.parts.transit.release(keysOf(free), token);
    this.#moved += free.length;
    this.#watcher.onMoved(free.length);
  }
}

const idsOf = (tasks: readonly Pick<Task, 'id'>[]): string[] => tasks.map(({ id }) => id);

const keysOf = (tasks: readonly TaskKey[]): TaskKey[] => tasks.map(({ id, queue }) => ({ id, queue }));

const removals = (tasks: readonly TaskKey[], token: string): Settlement[] =>
  tasks.map(({ id, queue }) => ({ id, queue, guard: { token }, change: removeChange, by: token }));
