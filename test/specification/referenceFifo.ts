import { SETTLED_MEMORY_MS } from '../../constants/limits';
import { groupOf, sequenceText } from '../../modules/ports/fifoStore';
import type {
  FifoChange,
  FifoClaim,
  FifoGuard,
  FifoListRequest,
  FifoSend,
  FifoSent,
  FifoSettlement,
  FifoStore,
  FifoTally,
} from '../../modules/ports/fifoStore';
import type { Namespace } from '../../modules/ports/namespace';
import type { HeldLease, Page } from '../../modules/ports/taskStore';
import { headOf } from '../../modules/task/task';
import type { Lease, Task, TaskHead } from '../../modules/task/task';
import type { Now } from './referenceStore';
import type { ReferenceTables } from './referenceTables';

/** The specification of FIFO queues. Messages are in the order of their sequence. */
export class ReferenceFifo implements FifoStore {
  readonly #tables: ReferenceTables;
  readonly #clock: Now;
  readonly #namespace: Namespace;

  constructor(tables: ReferenceTables, now: Now, namespace: Namespace) {
    this.#tables = tables;
    this.#clock = now;
    this.#namespace = namespace;
  }

  send(queue: string, messages: readonly FifoSend[]): Promise<FifoSent[]> {
    return Promise.resolve(messages.map((message) => this.#send(queue, message)));
  }

  claim({ queue, limits, ...request }: FifoClaim): Promise<Task[][]> {
    const groups = new Set(this.#in(queue).map(groupOf));
    const open = [...groups].map((group) => this.#takable(queue, group)).filter((messages) => messages.length > 0);
    open.sort(([one], [other]) => this.#readyAt(one) - this.#readyAt(other));
    return Promise.resolve(limits.map((limit) => this.#fill(open, limit, request)));
  }

  renew(leases: readonly HeldLease[], ms: number): Promise<boolean[]> {
    const renewed = leases.map(({ id, queue, token }) =>
      this.#change({ id, queue, guard: { token } }, (task) => ({ ...task, lease: { ...(task.lease as Lease), ms, expiresAt: this.#after(ms) } })),
    );
    return Promise.resolve(renewed);
  }

  settle(settlements: readonly FifoSettlement[]): Promise<('applied' | 'lost')[]> {
    return Promise.resolve(settlements.map(({ change, ...key }) => (this.#change(key, (task) => this.#changed(task, change)) ? 'applied' : 'lost')));
  }

  find(queue: string, ids: readonly string[]): Promise<Task[]> {
    return Promise.resolve(this.#in(queue).filter(({ id }) => ids.includes(id)));
  }

  list({ queue, order, limit, after }: FifoListRequest): Promise<Page> {
    const sent = this.#in(queue).sort((one, other) => one.createdAt.getTime() - other.createdAt.getTime());
    const all = order === 'first' ? sent : sent.reverse();
    const rest = all.slice(after === undefined ? 0 : all.findIndex(({ id }) => id === after) + 1);
    return Promise.resolve({ tasks: rest.slice(0, limit), next: rest.length > limit ? (rest[limit - 1]?.id ?? null) : null });
  }

  overdue(queue: string, forMs: number, limit: number): Promise<TaskHead[]> {
    const isOverdue = (task: Task): boolean => task.state === 'waiting' && task.createdAt.getTime() <= this.#now() - forMs;
    const found = this.#in(queue).filter(isOverdue).sort((one, other) => one.createdAt.getTime() - other.createdAt.getTime()); // prettier-ignore
    return Promise.resolve(found.slice(0, limit).map(headOf));
  }

  tally(queue: string, most: number): Promise<FifoTally> {
    const count = (isCounted: (task: Task) => boolean): number => Math.min(most, this.#in(queue).filter(isCounted).length);
    const isDue = ({ state, availableAt }: Task): boolean => state === 'waiting' && availableAt.getTime() <= this.#now();
    return Promise.resolve({
      waiting: count(isDue),
      delayed: count((task) => task.state === 'waiting' && !isDue(task)),
      inFlight: count(({ state }) => state === 'running'),
      since: this.#in(queue).find(isDue)?.availableAt ?? null,
    });
  }

  nextDueMs(queues: readonly string[]): Promise<number | null> {
    const groups = queues.flatMap((queue) => [...new Set(this.#in(queue).map(groupOf))].map((group) => this.#dueAt(queue, group)));
    return Promise.resolve(groups.length === 0 ? null : Math.max(0, Math.min(...groups) - this.#now()));
  }

  purge(queue: string, until: Date): Promise<number> {
    const { fifo } = this.#tables;
    const inside = this.#namespace.inside(queue);
    const gone = fifo.messages.filter((task) => task.queue === inside && task.createdAt <= until);
    fifo.messages = fifo.messages.filter((task) => !gone.includes(task));
    for (const key of fifo.sent.keys()) if (key.startsWith(`${inside}\n`)) fifo.sent.delete(key);
    return Promise.resolve(gone.length);
  }

  repair(): Promise<void> {
    return Promise.resolve();
  }

  #now(): number {
    return Math.floor(this.#clock());
  }

  #after(ms: number): Date {
    return new Date(this.#now() + ms);
  }

  /** Returns the messages of a queue as they are now: a lease that has ended is none. */
  #in(queue: string): Task[] {
    const own = this.#tables.fifo.messages.filter((task) => task.queue === this.#namespace.inside(queue));
    return own.map((task) => ({ ...(this.#isInFlight(task) ? task : { ...task, state: 'waiting' as const, lease: null }), queue }));
  }

  #isInFlight({ lease }: Task): boolean {
    return lease !== null && lease.expiresAt.getTime() > this.#now();
  }

  #send(queue: string, { task, onceAs }: FifoSend): FifoSent {
    const { fifo } = this.#tables;
    const { id, name, payload, due, priority, maxRetries, settings } = task;
    const key = `${this.#namespace.inside(queue)}\n${onceAs}`;
    const before = onceAs === null ? undefined : fifo.sent.get(key);
    if (before && before.untilMs > this.#now()) return { id: before.id, sequence: before.sequence, added: false };
    const same = fifo.messages.find((other) => other.id === id);
    if (same) return { id, sequence: Number(same.settings.message?.sequence), added: true };
    const sequence = (fifo.last += 1);
    const fresh = { attempt: 0, failures: 0, suspect: false, rev: 0, finishedAt: null, lease: null, uniqueKey: null, result: null } as const;
    const availableAt = this.#after('delayMs' in due ? due.delayMs : 0);
    const made = { id, queue: this.#namespace.inside(queue), name, payload, priority, maxRetries, state: 'waiting', createdAt: this.#after(0), availableAt } as const; // prettier-ignore
    fifo.messages.push({ ...fresh, ...made, settings: sequenced(settings, sequence), error: null, progress: null, history: null });
    if (onceAs !== null) fifo.sent.set(key, { id, sequence, untilMs: this.#now() + SETTLED_MEMORY_MS });
    return { id, sequence, added: true };
  }

  /** Returns what a claim may take of a group: nothing while one of its messages is in flight, and nothing behind one that is delayed. */
  #takable(queue: string, group: string): Task[] {
    const messages = this.#in(queue).filter((task) => groupOf(task) === group);
    if (messages.some(({ state }) => state === 'running')) return [];
    const blocked = messages.findIndex(({ availableAt }) => availableAt.getTime() > this.#now());
    return blocked < 0 ? messages : messages.slice(0, blocked);
  }

  #readyAt(task: Task | undefined): number {
    return task?.availableAt.getTime() ?? 0;
  }

  #dueAt(queue: string, group: string): number {
    const messages = this.#in(queue).filter((task) => groupOf(task) === group);
    return Math.max(this.#readyAt(messages[0]), ...messages.map(({ lease }) => lease?.expiresAt.getTime() ?? 0));
  }

  #fill(open: Task[][], limit: number, { token, workerId, leaseMs }: Omit<FifoClaim, 'queue' | 'limits'>): Task[] {
    const taken: Task[] = [];
    while (taken.length < limit && open.length > 0) taken.push(...(open.shift() ?? []).slice(0, limit - taken.length));
    const marks = { extendedMs: 0, alone: false, timedOut: false, beside: false };
    const lease: Lease = { token, workerId, ms: leaseMs, expiresAt: this.#after(leaseMs), ...marks };
    return taken.map((task) => {
      const claimed = { ...task, state: 'running' as const, attempt: task.attempt + 1, lease };
      this.#write(task.id, [{ ...claimed, queue: this.#namespace.inside(task.queue) }]);
      return claimed;
    });
  }

  #change({ id, queue, guard }: Omit<FifoSettlement, 'change'>, change: (task: Task) => Task | null): boolean {
    const task = this.#tables.fifo.messages.find((other) => other.id === id && other.queue === this.#namespace.inside(queue));
    if (!task || !this.#holds(task, guard)) return false;
    const changed = change(task);
    if (changed?.queue === task.queue) this.#write(id, [changed]);
    else {
      this.#write(id, []);
      if (changed) this.#tables.fifo.messages.push(changed);
    }
    return true;
  }

  #holds(task: Task, guard: FifoGuard): boolean {
    if ('token' in guard) return this.#isInFlight(task) && task.lease?.token === guard.token;
    return !this.#isInFlight(task) && task.attempt === guard.attempt;
  }

  #changed(task: Task, change: FifoChange): Task | null {
    if (change.kind === 'remove') return null;
    const waits = { ...task, state: 'waiting' as const, lease: null };
    if (change.kind === 'wait') return { ...waits, availableAt: this.#after(change.delayMs) };
    const settings = sequenced(change.settings, (this.#tables.fifo.last += 1));
    return { ...waits, queue: this.#namespace.inside(change.to), settings, availableAt: this.#after(0) };
  }

  #write(id: string, by: readonly Task[]): void {
    const { messages } = this.#tables.fifo;
    messages.splice(messages.findIndex((task) => task.id === id), 1, ...by); // prettier-ignore
  }
}

const sequenced = (settings: Task['settings'], sequence: number): Task['settings'] => ({
  ...settings,
  message: { ...settings.message, sequence: sequenceText(sequence) },
});
