import { countOptions, purgeOptions } from '../../config/bulkOptions';
import { idOption, queueNameOption, resultOptions } from '../../config/options';
import type { CountOptions, ListOptions, PurgeOptions, RedriveOptions, ResultOptions, TaskOptions } from '../../config/optionTypes';
import { HoldfastError } from '../../modules/errors/holdfastError';
import { countsOfTally } from '../../modules/ports/queueTally';
import type { Explanation } from '../../modules/roster/explanation';
import type { BoundedCounts } from '../../modules/task/counts';
import { cancelChange, dueNowChange, removeChange } from '../../modules/task/outcome';
import { checkOptions } from '../../modules/options/checkOptions';
import { hintOf } from '../../modules/ports/hint';
import { sessionWithin, splitSession } from '../../modules/store/givenSession';
import { newTasks, newTasksInTurns } from '../../modules/task/newTasks';
import { resolveOptions } from '../../modules/options/resolveOptions';
import { newTask } from '../../modules/task/newTask';
import { resultOf } from '../../modules/task/taskEnd';
import { viewTask } from '../../modules/task/taskView';
import type { Emitter } from '../observe/emitter';
import type { TaskMap, TaskSpec } from '../../modules/task/taskSpec';
import type { Added, TaskPage, TaskViewOf } from './queueTypes';
import type { InSession } from '../../modules/store/givenSession';
import { changeTask } from './changeTask';
import { explained } from './explained';
import { listTasks } from './listTasks';
import { redriven } from './redriven';
import { sendSignal } from './sendSignal';
import type { Store } from '../store/store';
import { partsOf } from '../store/storeParts';
import type { StoreParts } from '../store/storeParts';

/** The parts of a Queue. */
type QueueParts = Parameters<typeof changeTask>[0] &
  Parameters<typeof explained>[0] &
  Pick<StoreParts, 'inserter' | 'searches' | 'bulks' | 'rules' | 'steps' | 'wakeups' | 'events' | 'clock' | 'endings'>;

/**
 * A named stream of tasks: adds them, shows them and changes them by hand.
 *
 * @example
 * const mail = new Queue<{ welcome: { to: string } }>(store, 'mail');
 * const { id } = await mail.add('welcome', { to: 'a@example.org' }, { delayMs: 5_000 });
 */
export class Queue<Tasks extends TaskMap = Record<string, unknown>> {
  /** Name of the queue. */
  readonly name: string;
  /** The payload types of its tasks, for the compiler alone: it is always undefined. */
  declare readonly taskTypes?: Tasks;
  readonly #parts: QueueParts;

  /**
   * Writes nothing. A queue exists once it has a task.
   *
   * @param name 1 to 128 characters without control characters, the last one not `*`: that makes a pattern, by which a worker serves several queues.
   * @throws HOLDFAST_OPTION_INVALID if the name is invalid, or `store` is not an opened Store.
   */
  constructor(store: Store, name: string) {
    this.#parts = partsOf(store);
    checkOptions(queueNameOption, name, 'queue');
    this.name = name;
  }

  /** Events of the store. */
  get events(): Emitter {
    return this.#parts.events;
  }

  /**
   * Adds a task. Resolves when the store has acknowledged it.
   *
   * @param options see `taskOptions` in `config/options`. With a `session` of the connection that the store was opened with, the task is added
   *   in its transaction and appears when that is committed.
   * @param name the name of the task, 1 to 128 characters. It selects the handler.
   * @param payload any JSON value of at most 1 MiB and 64 levels. A Date becomes its ISO string, undefined becomes null.
   *   Binary data and objects that JSON would empty (Map, Set, Promise, RegExp, Error) are refused.
   * @throws HOLDFAST_OPTION_…, HOLDFAST_PAYLOAD_… before anything is written, HOLDFAST_SESSION_UNUSABLE, HOLDFAST_STORE_…, or
   *   HOLDFAST_INSERT_UNKNOWN if the answer stayed away for minutes, so that sending it again could run the task twice.
   * @example
   * const { id, added } = await mail.add('welcome', { to: 'a@example.org' }, { delayMs: 5_000, uniqueKey: 'welcome:a@example.org' });
   * await connection.transaction((session) => mail.add('welcome', { to: 'b@example.org' }, { session }));
   */
  async add<Name extends keyof Tasks & string>(name: Name, payload: Tasks[Name], options: TaskOptions & InSession = {}): Promise<Added> {
    const { session, options: own } = splitSession(options);
    const task = newTask(this.name, name, payload, own, this.#parts.clock.now());
    if (session === undefined) return this.#parts.inserter.add(task);
    const [added] = await this.#parts.inserter.addWithin([task], session);
    return added as Added;
  }

  /**
   * Adds many tasks. All are checked before the first is written. They are written in batches, so an error of the store may leave some of them. The
   * checks of thousands take several turns of the event loop, in which their payloads must not change.
   *
   * @param specs the tasks, with the arguments of `add`.
   * @param within the `session` whose transaction the tasks join, as in `add`.
   * @returns the result of `add` for each task, in order.
   * @throws as `add`, and HOLDFAST_OPTION_UNKNOWN or HOLDFAST_OPTION_INVALID if `specs` is not an array of such objects.
   * @example
   * await mail.addMany(addresses.map((to) => ({ name: 'welcome', payload: { to }, options: { priority: 5 } })));
   */
  async addMany(specs: readonly TaskSpec<Tasks>[], within: InSession = {}): Promise<Added[]> {
    const session = sessionWithin(within);
    if (session === undefined) return this.#parts.inserter.addAll(newTasksInTurns(this.name, specs, this.#parts.clock));
    return this.#parts.inserter.addWithin(newTasks(this.name, specs, this.#parts.clock.now()), session);
  }

  /**
   * Returns a task of this queue by its id, or null.
   *
   * @throws HOLDFAST_OPTION_INVALID if the id is no UUID, or HOLDFAST_STORE_….
   * @example
   * const task = await mail.get(id);
   * if (task?.state === 'dead') console.error(task.error?.message);
   */
  async get(id: string): Promise<TaskViewOf<Tasks> | null> {
    checkOptions(idOption, id, 'id');
    const task = await this.#parts.tasks.find(this.name, id);
    return task && (viewTask(task) as TaskViewOf<Tasks>);
  }

  /**
   * Waits until a task of this queue has ended, in whatever process, and returns its result. For a call that needs the answer; a flow of work is better
   * told by the handler, which may add the next task.
   *
   * @throws what the task failed with, once it is dead; HOLDFAST_RESULT_LATE after `timeoutMs`, by default 30 s, HOLDFAST_TASK_CANCELLED,
   *   HOLDFAST_TASK_MISSING, HOLDFAST_OPTION_… or HOLDFAST_STORE_….
   * @example
   * const { answer } = (await mail.result(id, { timeoutMs: 5_000 })) as { answer: number };
   */
  async result(id: string, options?: Partial<ResultOptions>): Promise<unknown> {
    checkOptions(idOption, id, 'id');
    const { timeoutMs } = resolveOptions(resultOptions, options, 'result');
    const task = await this.#parts.endings.of(this.name, id, timeoutMs);
    if (!task) throw new HoldfastError('HOLDFAST_TASK_MISSING', { field: id });
    if (task.finishedAt === null) throw new HoldfastError('HOLDFAST_RESULT_LATE', { field: id, expected: `ended within ${timeoutMs} ms` });
    return resultOf(viewTask(task));
  }

  /**
   * Lists tasks, newest first, a page at a time.
   *
   * @param options `states`, `name` and `tag` filter the tasks, and so does a text as `search`, in the language of `store.search`; `limit` is the size of a page, 1 to 1,000, by default 50; `after` is the `next` of the
   *   previous page, null after the last. A page is shorter, or empty, where it would have more than 16 MiB, or where 5,000 others were looked at.
   *   Pages are no snapshot: a task that becomes `waiting` again while a page is read may be missing from it.
   * @throws HOLDFAST_OPTION_UNKNOWN or HOLDFAST_OPTION_INVALID, or HOLDFAST_STORE_….
   * @example
   * const first = await mail.list({ states: ['dead'], limit: 100 });
   * const second = first.next === null ? null : await mail.list({ states: ['dead'], limit: 100, after: first.next });
   */
  async list<Name extends keyof Tasks & string = keyof Tasks & string>(
    options?: Partial<ListOptions> & { readonly name?: Name },
  ): Promise<TaskPage<TaskViewOf<Pick<Tasks, Name>>>> {
    return (await listTasks(this.#parts, this.name, options)) as TaskPage<TaskViewOf<Pick<Tasks, Name>>>;
  }

  /**
   * Counts the tasks of this queue by state. A state without tasks counts 0.
   *
   * Each count is exact up to a bound, at which counting stops, so that a call costs the same however many tasks there are. States with more stand in `atLeast`.
   *
   * @param options `upTo` is the bound, by default 10,000.
   * @throws HOLDFAST_OPTION_UNKNOWN or HOLDFAST_OPTION_INVALID, or HOLDFAST_STORE_….
   * @example
   * const { waiting, dead, atLeast } = await mail.counts();
   * console.log(`${waiting}${atLeast.includes('waiting') ? ' or more' : ''} wait`);
   */
  async counts(options?: Partial<CountOptions>): Promise<BoundedCounts> {
    const { upTo } = resolveOptions(countOptions, options, 'counts');
    return countsOfTally(await this.#parts.tallies.of(this.name, upTo), upTo);
  }

  /**
   * Tells why a task of this queue is where it is: what it waits for, who runs it since when, why it is dead. Null if there is none.
   *
   * It reads the task, the list of processes and the statistics, and counts by an index at most 10,000 tasks that come first: nothing is locked or written.
   *
   * @returns a sentence for a reader, with a code for a program.
   * @throws HOLDFAST_OPTION_INVALID if the id is no UUID, or HOLDFAST_STORE_….
   * @example
   * console.log((await mail.explain(id))?.text); // 1,204 others come first (about 40 s at the present rate).
   */
  explain(id: string): Promise<Explanation | null> {
    return explained(this.#parts, this.name, id);
  }

  /**
   * Sends a signal to a task, which its handler gets from `context.waitForSignal`. Resolves when the store has it: it is taken once, whether the task
   * waits for it now, earlier or later. A task that waits for it runs at once.
   *
   * @param name the name that the handler waits for, 1 to 128 characters, with a JSON value of at most 1 MiB. Signals of one name keep their order.
   * @throws HOLDFAST_TASK_MISSING, HOLDFAST_TASK_FINISHED, HOLDFAST_SIGNALS_FULL, HOLDFAST_OPTION_…, HOLDFAST_PAYLOAD_… or HOLDFAST_STORE_….
   * @example
   * await mail.signal(id, 'paid', { amount: 5 });
   */
  signal(id: string, name: string, payload?: unknown): Promise<void> {
    return sendSignal(this.#parts, { queue: this.name, id }, name, payload);
  }

  /**
   * Cancels a waiting or running task. The signal of a running handler fires at its next heartbeat, and its result is dropped.
   *
   * @returns false if the task has finished or does not exist.
   * @throws HOLDFAST_OPTION_INVALID if the id is no UUID, or HOLDFAST_STORE_….
   * @example
   * const wasCancelled = await mail.cancel(id);
   */
  cancel(id: string): Promise<boolean> {
    return changeTask(this.#parts, this.name, id, (task) => (task.finishedAt === null ? cancelChange(task) : null));
  }

  /**
   * Makes a waiting task due now. Its attempts and failures stay the same.
   *
   * @returns false if the task is not waiting or does not exist.
   * @throws HOLDFAST_OPTION_INVALID if the id is no UUID, or HOLDFAST_STORE_….
   * @example
   * const isDueNow = await mail.retry(id);
   */
  retry(id: string): Promise<boolean> {
    return changeTask(this.#parts, this.name, id, ({ state }) => (state === 'waiting' ? dueNowChange : null));
  }

  /**
   * Makes dead tasks wait again: one, several, or all of the queue. They keep their ids and lose their failures. A task whose unique key a live
   * task has stays dead.
   *
   * @param which one id, several, or options that choose among the dead tasks of the queue, as `name` and `finishedBefore`; by default all of them.
   * @returns the number of tasks that wait again.
   * @throws HOLDFAST_OPTION_UNKNOWN or HOLDFAST_OPTION_INVALID, for example if an id is no UUID, or HOLDFAST_STORE_….
   * @example
   * await mail.redrive(id);
   * const count = await mail.redrive({ name: 'welcome', ratePerSecond: 100 });
   */
  async redrive(which: string | readonly string[] | Partial<RedriveOptions> = {}): Promise<number> {
    const { filter, options } = redriven(which);
    const { changed } = await this.#parts.bulks.run('redrive', { queue: this.name, states: ['dead'], ...filter }, options);
    return changed;
  }

  /**
   * Removes a task that is not running, with its result and history.
   *
   * @returns false if the task is running or does not exist.
   * @throws HOLDFAST_OPTION_INVALID if the id is no UUID, or HOLDFAST_STORE_….
   * @example
   * if (!(await mail.remove(id))) await mail.cancel(id);
   */
  remove(id: string): Promise<boolean> {
    return changeTask(this.#parts, this.name, id, ({ state }) => (state === 'running' ? null : removeChange));
  }

  /**
   * Removes all tasks of the given states, by default the waiting ones. Running tasks stay, unless `running` is among the states.
   *
   * It works in parts, beside which everything else goes on. What is added meanwhile stays. If its process dies, another one carries it to its end.
   *
   * @param options `states`, by default only `waiting`; `name`, `tag` and `finishedBefore` choose among them; `ratePerSecond`, `signal` and
   *   `onProgress` limit, stop and follow it.
   * @returns the number of removed tasks.
   * @throws HOLDFAST_OPTION_UNKNOWN or HOLDFAST_OPTION_INVALID, or HOLDFAST_STORE_….
   * @example
   * const count = await mail.purge({ states: ['succeeded', 'cancelled'] });
   */
  async purge(options?: Partial<PurgeOptions>): Promise<number> {
    const { ratePerSecond, signal, onProgress, ...filter } = resolveOptions(purgeOptions, options, 'purge');
    const { changed } = await this.#parts.bulks.run('remove', { queue: this.name, ...filter }, { ratePerSecond, signal, onProgress });
    return changed;
  }

  /**
   * Pauses the queue. Every worker of every process stops claiming from it within a second. Running tasks go on, and tasks can be added.
   *
   * The pause lasts until `resume`, also across restarts. Safe to call twice.
   *
   * @throws HOLDFAST_STORE_….
   * @example
   * await mail.pause();
   */
  async pause(): Promise<void> {
    await this.#setPaused(true);
    this.events.emit('queue-paused', { queue: this.name });
  }

  /**
   * Ends a pause. Every worker claims again within a second. Safe to call twice.
   *
   * @throws HOLDFAST_STORE_….
   * @example
   * await mail.resume();
   */
  async resume(): Promise<void> {
    await this.#setPaused(false);
    this.#parts.wakeups.tell(hintOf(this.name));
    this.events.emit('queue-resumed', { queue: this.name });
  }

  async #setPaused(paused: boolean): Promise<void> {
    await this.#parts.settings.setPaused(this.name, paused);
    this.#parts.rules.forget();
  }
}
