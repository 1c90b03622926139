import { randomUUID } from 'node:crypto';
import type { ClientSession } from 'mongoose';
import { idOption, listOptions, nameOption, purgeOptions } from '../config/options';
import type { ListOptions, PurgeOptions, TaskOptions } from '../config/options';
import { PAGE_TASKS } from '../constants/limits';
import { TASK_STATES } from '../constants/states';
import type { TaskState } from '../constants/states';
import { emptyCounts } from '../modules/counts';
import type { StateCounts } from '../modules/counts';
import { describeValue, HoldfastError } from '../modules/holdfastError';
import { isRecord } from '../modules/isRecord';
import { dueNowChange, nextChange, redriveChange, removeChange } from '../modules/outcome';
import type { Change } from '../modules/outcome';
import { checkOptions } from '../modules/checkOptions';
import { resolveOptions } from '../modules/resolveOptions';
import type { DatabaseSync } from '../modules/sqliteDriver';
import { newTask, viewTask } from '../modules/task';
import type { Task, TaskView } from '../modules/task';
import type { Events } from './events';
import type { Store } from './store';
import type { Guard, Inserted, SettleAnswer, Settlement } from './taskStore';
import type { TaskMap } from './handlerTypes';

/** What `add` returns: the id of the task, or, where `added` is false, that of the live task with its unique key. */
export type Added = Inserted;

/** A transaction of the caller's: a session of Mongoose, or the SQLite database that has one open. */
export interface InSession {
  readonly session?: ClientSession | DatabaseSync;
}

/** One task of `addMany`. */
export interface TaskSpec<Tasks extends TaskMap, Name extends keyof Tasks & string = keyof Tasks & string> {
  readonly name: Name;
  readonly payload: Tasks[Name];
  readonly options?: TaskOptions;
}

/** One page of a listing, newest first; `next` is what to pass as `after` for the page that follows, null on the last one. */
export interface TaskPage {
  readonly tasks: readonly TaskView[];
  readonly next: string | null;
}

/** Says what becomes of a task, or null where it is not in a state for that. */
type Decision = (task: Task) => Change | null;

/**
 * A named stream of tasks: adds them, shows them and changes them by hand.
 *
 * @example
 * const mail = new Queue<{ welcome: { to: string } }>(store, 'mail');
 * const { id } = await mail.add('welcome', { to: 'a@example.org' }, { delayMs: 5_000 });
 */
export class Queue<Tasks extends TaskMap = Record<string, unknown>> {
  readonly name: string;
  readonly #store: Store;

  /** @throws HOLDFAST_OPTION_INVALID where the name is empty or longer than 128 characters. */
  constructor(store: Store, name: string) {
    checkOptions(nameOption, name, 'queue');
    this.#store = store;
    this.name = name;
  }

  /** The events of its store. */
  get events(): Events {
    return this.#store.events;
  }

  /**
   * Adds a task; resolves when the store has it for good.
   *
   * @param options see `taskOptions` in `config/options`; with a `session` of the connection that the store was opened with, the task is added in
   *   its transaction, and is there when that is committed.
   * @throws HOLDFAST_OPTION_…, HOLDFAST_PAYLOAD_… before anything is written, HOLDFAST_SESSION_UNUSABLE, or HOLDFAST_STORE_….
   */
  async add<Name extends keyof Tasks & string>(name: Name, payload: Tasks[Name], options: TaskOptions & InSession = {}): Promise<Added> {
    const { session, ...rest } = isRecord(options) ? options : {};
    const task = newTask(this.name, name, payload, isRecord(options) ? rest : options, this.#store.clock.now());
    if (session === undefined) return this.#store.insert(task);
    const [added] = await this.#store.insertWithin([task], session);
    return added as Added;
  }

  /**
   * Adds many tasks; all are checked before the first is written. They are written in batches, so that after a fault of the store some may be there.
   *
   * @throws as `add`.
   */
  async addMany(specs: readonly TaskSpec<Tasks>[], { session }: InSession = {}): Promise<Added[]> {
    checkIsArray(specs, 'tasks');
    specs.forEach((spec, index) => checkIsSpec(spec, `tasks[${index}]`));
    const now = this.#store.clock.now();
    const tasks = specs.map(({ name, payload, options }) => newTask(this.name, name, payload, options, now));
    return session === undefined ? Promise.all(tasks.map((task) => this.#store.insert(task))) : this.#store.insertWithin(tasks, session);
  }

  /** Returns a task of this queue, or null. */
  async get(id: string): Promise<TaskView | null> {
    const task = await this.#find(id);
    return task && viewTask(task);
  }

  /**
   * Lists tasks, newest first, a page at a time.
   *
   * @example
   * for (let after; after !== null; ) ({ tasks, next: after } = await mail.list({ states: ['dead'], after }));
   */
  async list(options?: Partial<ListOptions>): Promise<TaskPage> {
    const { limit, ...filter } = resolveOptions(listOptions, options, 'list');
    const tasks = await this.#store.tasks.list({ queue: this.name, limit: limit + 1, ...filter });
    const page = tasks.slice(0, limit);
    return { tasks: page.map((task) => viewTask(task)), next: tasks.length > limit ? (page.at(-1)?.id ?? null) : null };
  }

  /** Counts the tasks of this queue by state. */
  async counts(): Promise<StateCounts> {
    return (await this.#store.tasks.counts(TASK_STATES))[this.name] ?? emptyCounts();
  }

  /** Cancels a waiting or running task; the signal of a running handler fires at its next heartbeat. False where it has finished. */
  cancel(id: string): Promise<boolean> {
    return this.#change(id, ({ state, ...task }) =>
      state === 'waiting' || state === 'running'
        ? nextChange({ ...task, state }, { kind: 'cancelled' }, { random: this.#store.random, backoffs: {} })
        : null,
    );
  }

  /** Makes a waiting task due now. False where it is not waiting. */
  retry(id: string): Promise<boolean> {
    return this.#change(id, ({ state }) => (state === 'waiting' ? dueNowChange : null));
  }

  /**
   * Makes dead tasks wait again, with their ids and without their failures: one, several, or all of the queue. One whose unique key
   * a live task has stays dead.
   *
   * @returns how many wait again.
   */
  async redrive(ids?: string | readonly string[]): Promise<number> {
    const redrive: Decision = ({ state }) => (state === 'dead' ? redriveChange : null);
    if (ids === undefined) return this.#changeAll(['dead'], redrive);
    if (typeof ids === 'string') return Number(await this.#change(ids, redrive));
    checkIsArray(ids, 'ids');
    ids.forEach((id, index) => checkOptions(idOption, id, `ids[${index}]`));
    return this.#changeEach(ids, redrive);
  }

  /** Removes a task that is not running. False where it is, or is not there. */
  remove(id: string): Promise<boolean> {
    return this.#change(id, ({ state }) => (state === 'running' ? null : removeChange));
  }

  /**
   * Removes all tasks of some states, by default the waiting ones; running ones stay.
   *
   * @returns how many were removed.
   */
  async purge(options?: Partial<PurgeOptions>): Promise<number> {
    const { states } = resolveOptions(purgeOptions, options, 'purge');
    return this.#changeAll(states, ({ state }) => (state === 'running' ? null : removeChange));
  }

  /** Pauses the queue: every worker stops claiming from it within a second; what runs goes on. */
  async pause(): Promise<void> {
    await this.#setPaused(true);
    this.events.emit('queue-paused', { queue: this.name });
  }

  /** Ends a pause. */
  async resume(): Promise<void> {
    await this.#setPaused(false);
    this.#store.wakeups.notify('work');
    this.events.emit('queue-resumed', { queue: this.name });
  }

  async #setPaused(paused: boolean): Promise<void> {
    await this.#store.settings.setPaused(this.name, paused);
    this.#store.claimer.forgetPauses();
  }

  async #find(id: string): Promise<Task | null> {
    checkOptions(idOption, id, 'id');
    const task = await this.#store.tasks.find(id);
    return task?.queue === this.name ? task : null;
  }

  /** Decides on what was read, and writes only if it is still so; else reads again. */
  async #change(id: string, decide: Decision): Promise<boolean> {
    for (;;) {
      const task = await this.#find(id);
      const change = task && decide(task);
      if (!task || !change) return false;
      const [answer] = await this.#settle([task], () => change);
      if (answer !== 'lost') return answer === 'applied';
    }
  }

  async #changeEach(ids: readonly string[], decide: Decision): Promise<number> {
    const changed = await Promise.all(ids.map((id) => this.#change(id, decide)));
    return changed.filter(Boolean).length;
  }

  /** Walks through all tasks of some states, page by page. One that changes meanwhile is left as it is. */
  async #changeAll(states: readonly TaskState[], decide: Decision): Promise<number> {
    let changed = 0;
    for (let after: string | undefined; ;) {
      const tasks = await this.#store.tasks.list({ queue: this.name, states, limit: PAGE_TASKS, ...(after === undefined ? {} : { after }) });
      changed += countApplied(await this.#settle(tasks, decide));
      after = tasks.at(-1)?.id;
      if (tasks.length < PAGE_TASKS) return changed;
    }
  }

  async #settle(tasks: readonly Task[], decide: Decision): Promise<readonly SettleAnswer[]> {
    const by = randomUUID();
    const settlements = tasks.flatMap((task): Settlement[] => {
      const change = decide(task);
      return change ? [{ id: task.id, guard: guardOf(task), change, by }] : [];
    });
    if (settlements.length === 0) return [];
    const answers = await this.#store.tasks.settle(settlements);
    const applied = countApplied(answers);
    const to = settlements[0]?.change.state;
    if (applied > 0 && to) this.events.emit('tasks-changed', { queue: this.name, to, count: applied });
    if (to === 'waiting') this.#store.wakeups.notify('work');
    return answers;
  }
}

const countApplied = (answers: readonly SettleAnswer[]): number => answers.filter((answer) => answer === 'applied').length;

const guardOf = ({ lease, state, rev }: Task): Guard => (lease ? { token: lease.token } : { state, rev });

function checkIsArray(given: unknown, field: string): void {
  if (Array.isArray(given)) return;
  throw new HoldfastError('HOLDFAST_OPTION_INVALID', { field, expected: 'an array', got: describeValue(given) });
}

function checkIsSpec(given: unknown, field: string): void {
  if (isRecord(given)) return;
  throw new HoldfastError('HOLDFAST_OPTION_INVALID', { field, expected: 'an object with name and payload', got: describeValue(given) });
}
