import { ANSWER_BYTES, BATCH_TASKS, SETTLED_MEMORY_MS } from '../../constants/limits';
import { groupOf } from '../../modules/ports/fifoStore';
import type { FifoClaim, FifoListRequest, FifoSend, FifoSent, FifoSettlement, FifoStore, FifoTally } from '../../modules/ports/fifoStore';
import type { Namespace } from '../../modules/ports/namespace';
import type { HeldLease, Page } from '../../modules/ports/taskStore';
import { dueOf } from '../../modules/sqlite/fifoDue';
import type { ReadyRow } from '../../modules/sqlite/fifoDue';
import { FIFO_STATEMENTS, fifoReader, fifoSettings } from '../../modules/sqlite/sqliteFifo';
import type { FifoRow } from '../../modules/sqlite/sqliteFifo';
import type { Value } from '../../modules/sqlite/taskColumns';
import { headOf } from '../../modules/task/task';
import type { Task, TaskHead } from '../../modules/task/task';
import { hexOf, uuidBytes, uuidOf } from '../../modules/task/uuidBytes';
import type { Clock } from '../../modules/time/clock';
import type { SqliteConnection } from './sqliteConnection';

/** What is deleted of outdated memories with each send: twice what it may add, and a few more. */
const FORGOTTEN = 8;

type StatementName = keyof typeof FIFO_STATEMENTS;

/** Groups of a call whose times are set at its end, by queue and name. */
type Touched = Map<string, readonly [queue: string, group: string]>;

/** A message in flight, and the place among the pairs that it was looked for with. */
interface HeldRow extends Pick<FifoRow, 'seq' | 'queue' | 'grp'> {
  readonly at: number;
}

/** The removal of a message in flight, which is what most changes are. */
type Removal = FifoSettlement & { readonly guard: { readonly token: string } };

/** FIFO queues in a SQLite file. Each call is one transaction, so a group and its messages are never apart. */
export class SqliteFifo implements FifoStore {
  readonly #connection: SqliteConnection;
  readonly #clock: Pick<Clock, 'now'>;
  readonly #namespace: Namespace;

  constructor(connection: SqliteConnection, clock: Pick<Clock, 'now'>, namespace: Namespace) {
    this.#connection = connection;
    this.#clock = clock;
    this.#namespace = namespace;
  }

  send(queue: string, messages: readonly FifoSend[]): Promise<FifoSent[]> {
    return this.#connection.write(() => this.#send(this.#namespace.inside(queue), messages, this.#clock.now()));
  }

  claim(request: FifoClaim): Promise<Task[][]> {
    return this.#connection.write(() => {
      const nowMs = this.#clock.now();
      return request.limits.map((limit) => this.#claim(request, limit, nowMs));
    });
  }

  renew(leases: readonly HeldLease[], ms: number): Promise<boolean[]> {
    return this.#connection.write(() => {
      const nowMs = this.#clock.now();
      return this.#thenRefresh(nowMs, (touched) =>
        leases.map(({ id, queue, token }) => this.#touch('renew', queue, touched, ms, nowMs + ms, ...this.#heldBy(id, queue, token, nowMs))),
      );
    });
  }

  settle(settlements: readonly FifoSettlement[]): Promise<('applied' | 'lost')[]> {
    return this.#connection.write(() => {
      const nowMs = this.#clock.now();
      return this.#thenRefresh(nowMs, (touched) => {
        const areApplied = settlements.every(isRemoval)
          ? this.#removeAll(settlements, touched, nowMs)
          : settlements.map((settlement) => this.#settle(settlement, touched, nowMs));
        return areApplied.map((isApplied) => (isApplied ? 'applied' : 'lost'));
      });
    });
  }

  find(queue: string, ids: readonly string[]): Promise<Task[]> {
    return this.#read('find', this.#namespace.inside(queue), JSON.stringify(ids.map(hexOf)));
  }

  async list({ queue, order, limit, after }: FifoListRequest): Promise<Page> {
    const found = await this.#read(order, this.#namespace.inside(queue), after === undefined ? null : uuidBytes(after), limit + 1);
    const tasks = found.slice(0, limit);
    return { tasks, next: found.length > limit ? (tasks.at(-1)?.id ?? null) : null };
  }

  async overdue(queue: string, forMs: number, limit: number): Promise<TaskHead[]> {
    const nowMs = this.#clock.now();
    return (await this.#read('overdue', this.#namespace.inside(queue), nowMs - forMs, nowMs, limit)).map(headOf);
  }

  tally(queue: string, most: number): Promise<FifoTally> {
    return this.#connection.read(() => {
      const [inside, nowMs] = [this.#namespace.inside(queue), this.#clock.now()];
      const { count } = this.#get<{ count: number }>('inFlight', inside, nowMs, most) as { count: number };
      const found = this.#get<{ waiting: number; delayed: number; since: number | null }>('tally', inside, nowMs, most + count);
      const { waiting = 0, delayed = 0, since = null } = found ?? {};
      return { waiting: Math.min(most, waiting), delayed: Math.min(most, delayed), inFlight: count, since: since === null ? null : new Date(since) };
    });
  }

  nextDueMs(queues: readonly string[]): Promise<number | null> {
    return this.#connection.read(() => {
      const found = queues.flatMap((queue) => this.#get<{ due: number | null }>('nextDue', this.#namespace.inside(queue))?.due ?? []);
      return found.length === 0 ? null : Math.max(0, Math.min(...found) - this.#clock.now());
    });
  }

  purge(queue: string, until: Date): Promise<number> {
    return this.#connection.write(() => {
      const inside = this.#namespace.inside(queue);
      const forgotten = this.#run('forgetQueue', inside, BATCH_TASKS);
      const rows = this.#all<Pick<FifoRow, 'seq' | 'grp'>>('oldest', inside, until.getTime(), BATCH_TASKS);
      return this.#thenRefresh(this.#clock.now(), (touched) => {
        for (const { seq, grp } of rows) {
          this.#run('removeAt', seq);
          touch(touched, inside, grp);
        }
        return rows.length > 0 ? rows.length : forgotten > 0 ? this.#purgeRest(inside) : 0;
      });
    });
  }

  repair(): Promise<void> {
    return Promise.resolve();
  }

  /** Forgets the rest of what is remembered of the sends of a queue without messages. */
  #purgeRest(inside: string): number {
    while (this.#run('forgetQueue', inside, BATCH_TASKS) > 0);
    return 0;
  }

  #send(queue: string, messages: readonly FifoSend[], nowMs: number): FifoSent[] {
    const known = this.#sentBefore(queue, messages, nowMs);
    const remembered: [once: string, id: string, seq: number][] = [];
    const opened = new Map<string, number>();
    const answers = messages.map(({ task, onceAs }): FifoSent => {
      const before = onceAs === null ? undefined : known.get(onceAs);
      if (before) return { ...before, added: false };
      const { id, due, payload, settings } = task;
      const [bytes, group] = [uuidBytes(id), groupOf(task)];
      const visibleMs = 'delayMs' in due ? nowMs + due.delayMs : Math.max(nowMs, due.at.getTime());
      const { sequence, isNew } = this.#append([bytes, queue, group, payload, fifoSettings(settings), 0, nowMs, visibleMs]);
      if (isNew && !opened.has(group)) opened.set(group, visibleMs);
      if (isNew && onceAs !== null) {
        known.set(onceAs, { id, sequence });
        remembered.push([onceAs, hexOf(id), sequence]);
      }
      return { id, sequence, added: true };
    });
    this.#open(queue, opened);
    if (remembered.length > 0) this.#run('remember', queue, nowMs + SETTLED_MEMORY_MS, JSON.stringify(remembered));
    return answers;
  }

  /** Returns the messages that some of these repeat, by what they have in common. */
  #sentBefore(queue: string, messages: readonly FifoSend[], nowMs: number): Map<string, Omit<FifoSent, 'added'>> {
    const names = messages.flatMap(({ onceAs }) => onceAs ?? []);
    if (names.length === 0) return new Map();
    this.#run('forget', nowMs, 2 * names.length + FORGOTTEN);
    const rows = this.#all<{ once: string; id: Uint8Array; seq: number }>('sent', queue, nowMs, JSON.stringify(names));
    return new Map(rows.map(({ once, id, seq }) => [once, { id: uuidOf(id), sequence: seq }]));
  }

  /** Writes a message at the end of its group, unless it is there. */
  #append(values: readonly [id: Uint8Array, queue: string, group: string, ...rest: Value[]]): { readonly sequence: number; readonly isNew: boolean } {
    const { changes, lastInsertRowid } = this.#connection.prepare(FIFO_STATEMENTS.insert).run(...values);
    if (Number(changes) > 0) return { sequence: Number(lastInsertRowid), isNew: true };
    return { sequence: this.#get<{ seq: number }>('seqOf', values[0])?.seq ?? 0, isNew: false };
  }

  /** Makes groups that are not there, with the times at which their first messages can be claimed. */
  #open(queue: string, groups: ReadonlyMap<string, number>): void {
    if (groups.size > 0) this.#run('open', queue, JSON.stringify(Object.fromEntries(groups)));
  }

  /** Takes what is due of the first group as far as it goes, then of as many others as messages are wanted. */
  #claim(request: FifoClaim, limit: number, nowMs: number): Task[] {
    const queue = this.#namespace.inside(request.queue);
    const claimed: Task[] = [];
    let bytes = ANSWER_BYTES;
    for (let groups = 1; claimed.length < limit && bytes > 0; groups = limit - claimed.length) {
      const found = this.#all<ReadyRow>('ready', queue, nowMs, groups, limit - claimed.length);
      if (found.length === 0) break;
      const due = dueOf(found, nowMs, limit - claimed.length, bytes);
      bytes -= due.reduce((sum, row) => sum + row.bytes, 0);
      // A lease of no length locks as well, and so does a group in which nothing is due: else it would be the next one again.
      const locked = [...new Set((due.length > 0 ? due : found).map(({ grp }) => grp))];
      this.#run('lock', nowMs + Math.max(1, request.leaseMs), queue, JSON.stringify(locked));
      claimed.push(...this.#take(due, request, nowMs));
    }
    return claimed;
  }

  #take(due: readonly ReadyRow[], { token, leaseMs }: FifoClaim, nowMs: number): Task[] {
    if (due.length === 0) return [];
    const seqs = due.map(({ seq }) => seq);
    const rows = new Map(this.#all<FifoRow>('claim', token, nowMs + leaseMs, leaseMs, JSON.stringify(seqs)).map((row) => [row.seq, row]));
    const read = fifoReader(this.#namespace, nowMs - 1);
    return seqs.flatMap((seq) => {
      const row = rows.get(seq);
      return row ? [read(row)] : [];
    });
  }

  /** Removes messages in flight. Of the same pair of id and token, the first one is answered with `applied`. */
  #removeAll(removals: readonly Removal[], touched: Touched, nowMs: number): boolean[] {
    const pairs = removals.map(({ id, queue, guard: { token } }) => [hexOf(id), this.#namespace.inside(queue), token]);
    const rows = new Map<number, HeldRow>();
    for (const row of this.#all<HeldRow>('inFlightOf', JSON.stringify(pairs), nowMs)) if (!rows.has(row.seq)) rows.set(row.seq, row);
    if (rows.size > 0) this.#run('remove', JSON.stringify([...rows.keys()]));
    for (const { queue, grp } of rows.values()) touch(touched, queue, grp);
    const removed = new Set([...rows.values()].map(({ at }) => at));
    return removals.map((_, at) => removed.has(at));
  }

  #settle({ id, queue, guard, change }: FifoSettlement, touched: Touched, nowMs: number): boolean {
    if ('token' in guard && change.kind === 'remove') return this.#removeAll([{ id, queue, guard, change }], touched, nowMs)[0] === true;
    if ('token' in guard && change.kind === 'wait')
      return this.#touch('wait', queue, touched, nowMs + change.delayMs, ...this.#heldBy(id, queue, guard.token, nowMs));
    const inside = this.#namespace.inside(queue);
    const row =
      'token' in guard
        ? this.#get<FifoRow>('held', uuidBytes(id), inside, nowMs, guard.token)
        : this.#get<FifoRow>('idle', uuidBytes(id), inside, nowMs, guard.attempt);
    if (!row) return false;
    this.#run('removeAt', row.seq);
    touch(touched, inside, row.grp);
    if (change.kind === 'move') {
      const { attempt, created_at: createdMs } = row;
      const to = this.#namespace.inside(change.to);
      const { isNew } = this.#append([row.id, to, row.grp, row.payload, fifoSettings(change.settings), attempt, createdMs, nowMs]);
      if (isNew) this.#open(to, new Map([[row.grp, nowMs]]));
    }
    return true;
  }

  #heldBy(id: string, queue: string, token: string, nowMs: number): Value[] {
    return [uuidBytes(id), this.#namespace.inside(queue), token, nowMs];
  }

  /** Runs a statement that changes one message and returns its group. */
  #touch(name: StatementName, queue: string, touched: Touched, ...parameters: Value[]): boolean {
    const row = this.#get<{ grp: string }>(name, ...parameters);
    if (row) touch(touched, this.#namespace.inside(queue), row.grp);
    return row !== undefined;
  }

  #thenRefresh<T>(nowMs: number, change: (touched: Touched) => T): T {
    const touched: Touched = new Map();
    const answer = change(touched);
    if (touched.size === 0) return answer;
    const groups = JSON.stringify([...touched.values()]);
    if (this.#run('close', groups) < touched.size) this.#run('refresh', groups, nowMs);
    return answer;
  }

  #read(name: StatementName, ...parameters: Value[]): Promise<Task[]> {
    return this.#connection.read(() => this.#all<FifoRow>(name, ...parameters).map(fifoReader(this.#namespace, this.#clock.now())));
  }

  #run(name: StatementName, ...parameters: Value[]): number {
    return Number(this.#connection.prepare(FIFO_STATEMENTS[name]).run(...parameters).changes);
  }

  #get<Row>(name: StatementName, ...parameters: Value[]): Row | undefined {
    const row: unknown = this.#connection.prepare(FIFO_STATEMENTS[name]).get(...parameters);
    return row as Row | undefined;
  }

  #all<Row>(name: StatementName, ...parameters: Value[]): Row[] {
    const rows: unknown = this.#connection.prepare(FIFO_STATEMENTS[name]).all(...parameters);
    return rows as Row[];
  }
}

const isRemoval = (settlement: FifoSettlement): settlement is Removal => 'token' in settlement.guard && settlement.change.kind === 'remove';

const touch = (touched: Touched, queue: string, group: string): void => void touched.set(`${queue}\n${group}`, [queue, group]);
