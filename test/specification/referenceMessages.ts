import type { MessageStore, Move } from '../../modules/ports/messageStore';
import type { Namespace } from '../../modules/ports/namespace';
import type { RecordKind, RecordRequest, RecordStore, RecordWrite, StoredRecord } from '../../modules/ports/recordStore';
import type { SettleAnswer } from '../../modules/ports/taskStore';
import { headOf } from '../../modules/task/task';
import type { Task, TaskHead } from '../../modules/task/task';
import type { Now } from './referenceStore';
import type { ReferenceTables } from './referenceTables';

/** The specification of moves and of what has waited too long. */
export class ReferenceMessages implements MessageStore {
  readonly #tables: ReferenceTables;
  readonly #now: Now;
  readonly #namespace: Namespace;

  constructor(tables: ReferenceTables, now: Now, namespace: Namespace) {
    this.#tables = tables;
    this.#now = now;
    this.#namespace = namespace;
  }

  move(moves: readonly Move[]): Promise<SettleAnswer[]> {
    return Promise.resolve(moves.map((move) => this.#move(move)));
  }

  overdue(queue: string, forMs: number, limit: number): Promise<TaskHead[]> {
    const inside = this.#namespace.inside(queue);
    const isOverdue = (task: Task): boolean => task.queue === inside && task.state === 'waiting' && task.availableAt.getTime() <= this.#now() - forMs;
    const found = this.#tables.tasks.filter(isOverdue).sort((a, b) => a.availableAt.getTime() - b.availableAt.getTime());
    return Promise.resolve(found.slice(0, limit).map((task) => headOf({ ...task, queue })));
  }

  #move({ id, queue, guard, to, settings, by }: Move): SettleAnswer {
    const entry = this.#tables.entries.get(id);
    const task = entry?.task;
    const isHere = task?.queue === this.#namespace.inside(queue);
    const holds = task && ('rev' in guard ? task.state === guard.state && task.rev === guard.rev : task.lease?.token === guard.token);
    if (!isHere || !holds) return entry?.settledBy === by ? 'applied' : 'lost';
    const moved: Task = { ...task, queue: this.#namespace.inside(to), state: 'waiting', suspect: false, rev: task.rev + 1, settings, lease: null, finishedAt: null, availableAt: new Date(this.#now()) }; // prettier-ignore
    if (this.#tables.twinOf(moved)) return 'clash';
    this.#tables.entries.set(id, { task: moved, settledBy: by, expireAtMs: null });
    return 'applied';
  }
}

/** The specification of records. */
export class ReferenceRecords implements RecordStore {
  readonly #records: ReferenceTables['records'];
  readonly #now: Now;
  readonly #namespace: Namespace;

  constructor({ records }: ReferenceTables, now: Now, namespace: Namespace) {
    this.#records = records;
    this.#now = now;
    this.#namespace = namespace;
  }

  read(kind: RecordKind, key: string): Promise<StoredRecord | null> {
    const found = this.#live(kind, key);
    return Promise.resolve(found ? found.record : null);
  }

  write({ kind, key, value, rev, keepMs }: RecordWrite): Promise<boolean> {
    const present = this.#live(kind, key)?.record;
    if ((present?.rev ?? 0) !== rev) return Promise.resolve(false);
    const now = new Date(this.#now());
    const record = { key, value, rev: rev + 1, createdAt: present?.createdAt ?? now, changedAt: now };
    this.#records.set(this.#idOf(kind, key), { record, kind, expireAtMs: keepMs === undefined ? null : now.getTime() + keepMs });
    return Promise.resolve(true);
  }

  list({ kind, prefix, after, limit }: RecordRequest): Promise<StoredRecord[]> {
    const own = [...this.#records].filter(([id, entry]) => entry.kind === kind && this.#namespace.owns(id) && this.#live(kind, entry.record.key));
    const found = own.map(([, { record }]) => record).filter(({ key }) => key.startsWith(prefix) && (after === undefined || key > after));
    return Promise.resolve(found.sort((a, b) => (a.key < b.key ? -1 : 1)).slice(0, limit));
  }

  remove(kind: RecordKind, key: string): Promise<void> {
    this.#records.delete(this.#idOf(kind, key));
    return Promise.resolve();
  }

  #live(kind: RecordKind, key: string) {
    const found = this.#records.get(this.#idOf(kind, key));
    return found && (found.expireAtMs === null || found.expireAtMs > this.#now()) ? found : undefined;
  }

  #idOf(kind: RecordKind, key: string): string {
    return this.#namespace.inside(`${kind}:${key}`);
  }
}
