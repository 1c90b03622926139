import type {
  Claim,
  ClaimRequest,
  Guard,
  HeldLease,
  HeldRequest,
  Inserted,
  ListRequest,
  Page,
  Part,
  Renewal,
  QueueCounts,
  SettleAnswer,
  Settlement,
  TaskStore,
} from '../../modules/ports/taskStore';
import { LOWEST_PRIORITY, SETTLED_MEMORY_MS } from '../../constants/limits';
import type { TaskState } from '../../constants/states';
import { emptyCounts, noCounts } from '../../modules/task/counts';
import { namespaceOf } from '../../modules/ports/namespace';
import type { DueQueue, QueueLook } from '../../modules/ports/queueLook';
import { isNamed } from '../../modules/ports/queuePatterns';
import { takeBest } from '../../modules/ports/takeBest';
import { HoldfastError } from '../../modules/errors/holdfastError';
import type { Change } from '../../modules/task/change';
import { instantAfter } from '../../modules/time/instantAfter';
import { headOf } from '../../modules/task/task';
import type { NewTask, Task, TaskHead } from '../../modules/task/task';
import type { Entry, ReferenceTables } from './referenceTables';

/** The time of the store, in milliseconds since the epoch. */
export type Now = () => number;

/**
 * The executable specification of the port: every verb, without a database, in as little code as possible.
 *
 * Each rule is a method of its own, so that a mutant can break one of them.
 */
export class ReferenceStore implements TaskStore, Pick<QueueLook, 'due'> {
  readonly tables: ReferenceTables;
  readonly #clock: Now;
  readonly #namespace;
  #isClosed = false;

  constructor(tables: ReferenceTables, now: Now, namespace = namespaceOf()) {
    this.tables = tables;
    this.#clock = now;
    this.#namespace = namespace;
  }

  insert(tasks: readonly NewTask[], session?: unknown): Promise<Inserted[]> {
    return this.answer(() => {
      if (session !== undefined) throw new HoldfastError('HOLDFAST_SESSION_UNUSABLE');
      return this.insertNow(tasks);
    });
  }

  insertNow = (tasks: readonly NewTask[]): Inserted[] => tasks.map((task) => this.add({ ...task, queue: this.#namespace.inside(task.queue) }));

  claim(request: ClaimRequest): Promise<Claim> {
    return this.answer(() => {
      const { limit, except, shares = [], worst = LOWEST_PRIORITY } = request;
      const due = request.queues.map((queue) => this.dueIn(this.#namespace.inside(queue)).filter(({ id }) => !except.includes(id)));
      const suspects = due.flat().filter(({ suspect }) => suspect);
      if (request.alone && suspects.length > 0) return { tasks: suspects.slice(0, 1).map((task) => this.#begun(task, request)), suspect: null };
      const fit = due.map((tasks) => tasks.filter((task) => task.priority <= worst && !this.needsSolitude(task)));
      const found = fit.map((tasks, index) => tasks.slice(0, shares[index] ?? limit));
      const taken = takeBest(found.map((tasks, index) => ({ priorities: tasks.map(({ priority }) => priority), isCut: tasks.length === (shares[index] ?? limit) })), limit, worst); // prettier-ignore
      const tasks = sorted(found.flatMap((each, index) => each.slice(0, taken.counts[index])), ({ priority }) => [priority]); // prettier-ignore
      const left = request.queues.map((queue, index) => ({ queue, priority: taken.next[index] ?? null }));
      const [suspect] = suspects;
      const passedOver = suspect ? { suspect: suspect.id, suspectIn: this.#namespace.outside(suspect.queue) } : { suspect: null };
      return { tasks: tasks.map((task) => this.#begun(task, request)), ...passedOver, left };
    });
  }

  due(queues: readonly string[]): Promise<DueQueue[]> {
    return this.answer(() => {
      const best = new Map<string, number>();
      for (const { queue, priority } of this.#shownAll(this.tables.tasks.filter((task) => this.#isNamed(queues, task) && this.isDue(task))))
        best.set(queue, Math.min(priority, best.get(queue) ?? priority));
      return [...best].map(([queue, priority]) => ({ queue, priority }));
    });
  }

  held({ token, queues, part }: HeldRequest): Promise<Task[]> {
    const isAsked = ({ lease, queue }: Task): boolean => lease?.token === token && (queues?.map(this.#namespace.inside).includes(queue) ?? true);
    return this.answer(() => this.#partsOf(this.running().filter(isAsked), part));
  }

  renew(leases: readonly HeldLease[], renewal: Renewal = {}): Promise<boolean[]> {
    return this.answer(() => leases.map((lease) => this.renewOne(lease, renewal)));
  }

  settle(settlements: readonly Settlement[]): Promise<SettleAnswer[]> {
    return this.answer(() => settlements.map((settlement) => this.settleOne(settlement)));
  }

  expired(limit: number, _inTurn = false, skip = 0): Promise<TaskHead[]> {
    return this.answer(() => {
      const over = this.running().filter((task) => this.isOver(task));
      return this.#partsOf(sorted(over, ({ lease }) => [lease?.expiresAt.getTime() ?? 0]).slice(skip, skip + limit), 'head');
    });
  }

  find(queue: string | null, id: string, part?: Part): Promise<Task | null> {
    return this.answer(() => {
      const task = this.tables.entries.get(id)?.task;
      const isThere = task && this.#namespace.owns(task.queue) && (queue === null || task.queue === this.#namespace.inside(queue));
      return isThere ? (this.#partsOf([task], part)[0] as Task) : null;
    });
  }

  list({ queue, states, name, tag, failureGroup, limit, after, part }: ListRequest): Promise<Page> {
    const isAsked = (task: Task): boolean =>
      task.queue === this.#namespace.inside(queue) &&
      (states?.includes(task.state) ?? true) &&
      (name ?? task.name) === task.name &&
      (failureGroup === undefined || task.error?.group === failureGroup) &&
      (tag === undefined || (task.settings.tags?.includes(tag) ?? false)) &&
      (after === undefined || task.id < after);
    return this.answer(() => {
      const found = this.#partsOf(this.tables.tasks.filter(isAsked), part).sort((a, b) => (a.id < b.id ? 1 : -1));
      return { tasks: found.slice(0, limit), next: found.length > limit ? (found[limit - 1]?.id ?? null) : null };
    });
  }

  counts(states: readonly TaskState[]): Promise<QueueCounts> {
    return this.answer(() => {
      const counts = noCounts();
      const own = this.tables.tasks.filter((task) => this.#namespace.owns(task.queue));
      for (const { queue, state } of this.#shownAll(own)) if (states.includes(state)) (counts[queue] ??= emptyCounts())[state] += 1;
      return counts;
    });
  }

  nextDueMs(queues: readonly string[], except: readonly string[] = []): Promise<number | null> {
    return this.answer(() => {
      const waiting = this.tables.tasks.filter((task) => this.#isNamed(queues, task) && !except.includes(this.#namespace.outside(task.queue)));
      const first = Math.min(...waiting.map(({ availableAt }) => availableAt.getTime()));
      return waiting.length === 0 ? null : Math.max(0, first - this.now());
    });
  }

  prune(limit: number): Promise<number> {
    return this.answer(() => {
      const over = [...this.tables.entries].filter(([, { expireAtMs }]) => expireAtMs !== null && expireAtMs <= this.now());
      const pruned = sorted(over, ([, { expireAtMs }]) => [expireAtMs ?? 0]).slice(0, limit);
      for (const [id] of pruned) this.tables.entries.delete(id);
      return pruned.length;
    });
  }

  close(): void {
    this.#isClosed = true;
  }

  #begun(task: Task, request: ClaimRequest): Task {
    return this.#shown(this.begin(task, request));
  }

  /** Tells whether a task waits in one of the queues. */
  #isNamed(queues: readonly string[], { queue, state }: Task): boolean {
    return state === 'waiting' && this.#namespace.owns(queue) && isNamed(queues, this.#namespace.outside(queue));
  }

  /** Returns a task under the name of its queue that users know. */
  #shown(task: Task): Task {
    return { ...task, queue: this.#namespace.outside(task.queue) };
  }

  #shownAll(tasks: readonly Task[]): Task[] {
    return tasks.map((task) => this.#shown(task));
  }

  /** Returns whole tasks, or their heads. */
  #partsOf(tasks: readonly Task[], part: Part | undefined): Task[] {
    const shown = this.#shownAll(tasks);
    return part ? shown.map((task) => headOf(task) as Task) : shown;
  }

  /** Returns the time of the store. It goes back when the clock of the machine does. */
  now(): number {
    return Math.floor(this.#clock());
  }

  answer<T>(verb: () => T): Promise<T> {
    if (this.#isClosed) return Promise.reject(new HoldfastError('HOLDFAST_STORE_CLOSED'));
    return new Promise((resolve) => resolve(verb()));
  }

  /** Adds a task. An id that is known, even of a removed task, counts as added. A unique key admits one live task. */
  protected add(task: NewTask): Inserted {
    if (this.tables.entries.has(task.id)) return { id: task.id, added: true };
    const other = this.twinOf(task);
    if (other) return { id: other.id, added: false };
    this.tables.entries.set(task.id, { task: this.begotten(task), settledBy: null, expireAtMs: null });
    return { id: task.id, added: true };
  }

  protected begotten({ due, ...given }: NewTask): Task {
    const nowMs = this.now();
    const availableAt = 'at' in due ? new Date(Math.max(due.at.getTime(), nowMs)) : instantAfter(nowMs, due.delayMs);
    const fresh = { state: 'waiting', attempt: 0, failures: 0, suspect: false, rev: 0, finishedAt: null, lease: null } as const;
    return { ...given, ...fresh, availableAt, createdAt: new Date(nowMs), result: null, error: null, progress: null, history: null };
  }

  protected twinOf(task: Task | NewTask): Task | undefined {
    return this.tables.twinOf(task);
  }

  /** Returns the due tasks of a queue in the order of claims: by priority, then by time, then by insertion. */
  dueIn(queue: string): Task[] {
    const due = this.tables.tasks.filter((task) => task.queue === queue && task.state === 'waiting' && this.isDue(task));
    return sorted(due, ({ priority, availableAt }) => [priority, availableAt.getTime()]);
  }

  protected isDue({ availableAt }: Task): boolean {
    return availableAt.getTime() <= this.now();
  }

  protected needsSolitude({ suspect }: Task): boolean {
    return suspect;
  }

  protected begin(task: Task, { token, workerId, leaseMs, beside }: ClaimRequest): Task {
    const ms = task.settings.leaseMs ?? leaseMs;
    const lease = { token, workerId, ms, expiresAt: new Date(this.now() + ms), extendedMs: 0, alone: false, timedOut: false, beside };
    return this.write({ ...task, state: 'running', attempt: task.attempt + 1, lease });
  }

  protected renewOne({ id, token }: HeldLease, { alone = false, beside = false, ms, failures, isExact = false }: Renewal): boolean {
    const task = this.tables.entries.get(id)?.task;
    if (!task?.lease || !this.isHeldBy(task, token)) return false;
    const { lease } = task;
    const nowMs = this.now();
    const extendedMs = isExact ? (ms ?? 0) : Math.max(lease.extendedMs, ms ?? 0);
    const heldMs = isExact ? 0 : Math.min(lease.expiresAt.getTime(), nowMs + Math.max(lease.ms, extendedMs));
    const endMs = Math.max(heldMs, nowMs + (ms ?? lease.ms));
    const marks = { alone: lease.alone || alone, timedOut: lease.timedOut || failures !== undefined, beside: lease.beside || beside };
    this.write({ ...task, failures: failures ?? task.failures, lease: { ...lease, ...marks, extendedMs, expiresAt: new Date(endMs) } });
    return true;
  }

  protected isHeldBy({ lease }: Task, token: string): boolean {
    return lease?.token === token;
  }

  protected isOver({ lease }: Task): boolean {
    return lease !== null && lease.expiresAt.getTime() <= this.now();
  }

  /** Applies a change if its guard holds. A change that was applied before is recognised until somebody settles the task again. */
  settleOne({ id, guard, change, by }: Settlement): SettleAnswer {
    const entry = this.tables.entries.get(id);
    if (!entry) return 'lost';
    if (!entry.task || !this.holds(entry.task, guard)) return entry.settledBy === by ? 'applied' : 'lost';
    if (change.state === 'waiting' && this.twinOf(entry.task)) return 'clash';
    this.apply(entry.task, change, by);
    return 'applied';
  }

  protected holds(task: Task, guard: Guard): boolean {
    // What keeps follow-ups is not removed before they are in their queues.
    if ('rev' in guard) return task.state === guard.state && task.rev === guard.rev && task.followUps === undefined;
    if (!this.isHeldBy(task, guard.token)) return false;
    return !('expiresAt' in guard) || task.lease?.expiresAt.getTime() === guard.expiresAt.getTime();
  }

  /** Applies a change. Fields that it leaves out stay, except the lease, which always ends. */
  protected apply(task: Task, change: Change, by: string): void {
    const expireAtMs = instantAfter(this.now(), Math.max(change.keepMs ?? 0, SETTLED_MEMORY_MS)).getTime();
    if (change.state === 'removed') return void this.tables.entries.set(task.id, { task: null, settledBy: by, expireAtMs });
    const { failures = task.failures, suspect = task.suspect, result = task.result, error = task.error, history = task.history } = change;
    const changed = { ...task, state: change.state, failures, suspect, result, error, history, lease: null };
    if (change.state === 'waiting') {
      const isSignalled = change.signals !== undefined && this.tables.awaitSignals(task, change.signals);
      const availableAt = instantAfter(this.now(), isSignalled ? 0 : (change.delayMs ?? 0));
      this.write({ ...changed, rev: task.rev + 1, availableAt, finishedAt: null }, { settledBy: by, expireAtMs: null });
    } else if (change.followUps === undefined) this.write({ ...changed, finishedAt: new Date(this.now()) }, { settledBy: by, expireAtMs });
    else this.write({ ...changed, followUps: change.followUps, finishedAt: new Date(this.now()) }, { settledBy: by, expireAtMs: null });
  }

  protected write(task: Task, rest: Partial<Entry> = {}): Task {
    const before = this.tables.entries.get(task.id) ?? { settledBy: null, expireAtMs: null };
    this.tables.entries.set(task.id, { ...before, ...rest, task });
    return task;
  }

  protected running = (): Task[] => this.tables.tasks.filter(({ state }) => state === 'running');
}

/** Sorts by the keys, and keeps the order of equal items. */
function sorted<T>(items: readonly T[], keysOf: (item: T) => readonly number[]): T[] {
  return [...items].sort((a, b) => {
    const others = keysOf(b);
    return keysOf(a).reduce((order, key, index) => order || key - (others[index] ?? 0), 0);
  });
}
