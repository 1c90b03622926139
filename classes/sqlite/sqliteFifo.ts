import { ANSWER_BYTES, BATCH_TASKS, SETTLED_MEMORY_MS } from '../../constants/limits';
import { groupOf } from '../../modules/ports/fifoStore';
import type { FifoClaim, FifoListRequest, FifoSend, FifoSent, FifoSettlement, FifoStore, FifoTally } from '../../modules/ports/fifoStore';
import type { Namespace } from '../../modules/ports/namespace';
import type { HeldLease, Page } from '../../modules/ports/taskStore';
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
    return this.#connection.write(() => {
      const nowMs = this.#clock.now();
      const inside = this.#namespace.inside(queue);
      if (messages.some(({ onceAs }) => onceAs !== null)) this.#run('forget', nowMs, 2 * messages.length + FORGOTTEN);
      return messages.map((message) => this.#send(inside, message, nowMs));
    });
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
      return this.#thenRefresh(nowMs, (touched) => settlements.map((settlement) => (this.#settle(settlement, touched, nowMs) ? 'applied' : 'lost')));
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
          touched.set(`${inside}\n${grp}`, [inside, grp]);
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

  #send(queue: string, { task, onceAs }: FifoSend, nowMs: number): FifoSent {
    const before = onceAs === null ? undefined : this.#get<{ id: Uint8Array; seq: number }>('sent', queue, onceAs, nowMs);
    if (before) return { id: uuidOf(before.id), sequence: before.seq, added: false };
    const { id, due, payload, settings } = task;
    const bytes = uuidBytes(id);
    const visibleMs = 'delayMs' in due ? nowMs + due.delayMs : Math.max(nowMs, due.at.getTime());
    const { sequence, isNew } = this.#append([bytes, queue, groupOf(task), payload, fifoSettings(settings), 0, nowMs, visibleMs]);
    if (isNew && onceAs !== null) this.#run('remember', queue, onceAs, bytes, sequence, nowMs + SETTLED_MEMORY_MS);
    return { id, sequence, added: true };
  }

  /** Writes a message at the end of its group, unless it is there. */
  #append(values: readonly [id: Uint8Array, queue: string, group: string, ...rest: Value[]]): { readonly sequence: number; readonly isNew: boolean } {
    const { changes, lastInsertRowid } = this.#connection.prepare(FIFO_STATEMENTS.insert).run(...values);
    const [id, queue, group] = values;
    if (Number(changes) === 0) return { sequence: this.#get<{ seq: number }>('seqOf', id)?.seq ?? 0, isNew: false };
    this.#run('open', queue, group, values.at(-1) as number);
    return { sequence: Number(lastInsertRowid), isNew: true };
  }

  #claim(request: FifoClaim, limit: number, nowMs: number): Task[] {
    const queue = this.#namespace.inside(request.queue);
    const read = fifoReader(this.#namespace, nowMs - 1);
    const claimed: Task[] = [];
    for (let bytes = ANSWER_BYTES; claimed.length < limit && bytes > 0;) {
      const ready = this.#get<{ grp: string }>('ready', queue, nowMs);
      if (!ready) break;
      // A lease of no length locks as well: else the group would be the next one again.
      this.#run('lock', nowMs + Math.max(1, request.leaseMs), queue, ready.grp);
      for (const due of this.#all<{ seq: number; bytes: number; visible_at: number }>('due', queue, ready.grp, limit - claimed.length)) {
        if (due.visible_at > nowMs || bytes <= 0) break;
        bytes -= due.bytes;
        const row = this.#get<FifoRow>('claim', request.token, nowMs + request.leaseMs, request.leaseMs, due.seq);
        if (row) claimed.push(read(row));
      }
    }
    return claimed;
  }

  #settle({ id, queue, guard, change }: FifoSettlement, touched: Touched, nowMs: number): boolean {
    if ('token' in guard && change.kind !== 'move') {
      const held = this.#heldBy(id, queue, guard.token, nowMs);
      return change.kind === 'remove'
        ? this.#touch('remove', queue, touched, ...held)
        : this.#touch('wait', queue, touched, nowMs + change.delayMs, ...held);
    }
    const inside = this.#namespace.inside(queue);
    const row =
      'token' in guard
        ? this.#get<FifoRow>('held', uuidBytes(id), inside, nowMs, guard.token)
        : this.#get<FifoRow>('idle', uuidBytes(id), inside, nowMs, guard.attempt);
    if (!row) return false;
    this.#run('removeAt', row.seq);
    touched.set(`${inside}\n${row.grp}`, [inside, row.grp]);
    if (change.kind === 'move') {
      const { attempt, created_at: createdMs } = row;
      this.#append([row.id, this.#namespace.inside(change.to), row.grp, row.payload, fifoSettings(change.settings), attempt, createdMs, nowMs]);
    }
    return true;
  }

  #heldBy(id: string, queue: string, token: string, nowMs: number): Value[] {
    return [uuidBytes(id), this.#namespace.inside(queue), token, nowMs];
  }

  /** Runs a statement that changes one message and returns its group. */
  #touch(name: StatementName, queue: string, touched: Touched, ...parameters: Value[]): boolean {
    const row = this.#get<{ grp: string }>(name, ...parameters);
    const inside = this.#namespace.inside(queue);
    if (row) touched.set(`${inside}\n${row.grp}`, [inside, row.grp]);
    return row !== undefined;
  }

  #thenRefresh<T>(nowMs: number, change: (touched: Touched) => T): T {
    const touched: Touched = new Map();
    const answer = change(touched);
    for (const [queue, group] of touched.values()) {
      if (this.#run('refresh', queue, group, nowMs) === 0) this.#run('close', queue, group);
    }
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
