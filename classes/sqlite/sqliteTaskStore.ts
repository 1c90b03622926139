import { ANSWER_BYTES } from '../../constants/limits';
import type { TaskState } from '../../constants/states';
import type { Clock } from '../../modules/time/clock';
import { HoldfastError } from '../../modules/errors/holdfastError';
import { LOOK } from '../../modules/ports/hint';
import type { Hint } from '../../modules/ports/hint';
import type { DueQueue, QueueLook } from '../../modules/ports/queueLook';
import { SEPARATOR } from '../../modules/ports/namespace';
import type { Namespace } from '../../modules/ports/namespace';
import { countWithin } from '../../modules/sqlite/countWithin';
import type { SizedRow } from '../../modules/sqlite/countWithin';
import { readStatement, SQLITE_STATEMENTS } from '../../modules/sqlite/sqliteSchema';
import type { Value } from '../../modules/sqlite/taskColumns';
import { headsOfRows, tasksOfRows } from '../../modules/sqlite/taskRows';
import type { TaskRow } from '../../modules/sqlite/taskRows';
import type { NewTask, Task, TaskHead } from '../../modules/task/task';
import { uuidBytes } from '../../modules/task/uuidBytes';
import type { SqliteConnection } from './sqliteConnection';
import type { SqliteCounts } from './sqliteCounts';
import type { SqliteInserts } from './sqliteInserts';
import { SqliteListing } from './sqliteListing';
import { SqliteClaims } from './sqliteClaims';
import { SqliteSettling } from './sqliteSettling';
import { SqliteQueueLook } from './sqliteQueueLook';
import { pruneSteps } from './sqliteStepStore';
import { SqliteWatch } from './sqliteWatch';
import type {
  Claim,
  ClaimRequest,
  HeldLease,
  HeldRequest,
  Inserted,
  ListRequest,
  Page,
  Part,
  QueueCounts,
  Renewal,
  SettleAnswer,
  Settlement,
  TaskStore,
  Unwatch,
} from '../../modules/ports/taskStore';

/** The parts of the store of tasks. */
export interface SqliteTaskStoreParts {
  readonly connection: SqliteConnection;
  readonly clock: Clock;
  readonly namespace: Namespace;
  readonly counts: SqliteCounts;
  readonly inserts: SqliteInserts;
}

/** The lease port on a SQLite file. Its clock is that of the machine, which all processes on the file share. */
export class SqliteTaskStore implements TaskStore, QueueLook {
  readonly #connection: SqliteConnection;
  readonly #clock: Clock;
  readonly #namespace: Namespace;
  readonly #counts: SqliteCounts;
  readonly #inserts: SqliteInserts;
  readonly #claims: SqliteClaims;
  readonly #settling: SqliteSettling;
  readonly #listing: SqliteListing;
  readonly #watch: SqliteWatch;
  readonly #looks: SqliteQueueLook;

  constructor({ connection, clock, namespace, counts, inserts }: SqliteTaskStoreParts) {
    this.#connection = connection;
    this.#clock = clock;
    this.#namespace = namespace;
    this.#counts = counts;
    this.#inserts = inserts;
    this.#claims = new SqliteClaims(connection, namespace);
    this.#settling = new SqliteSettling(connection);
    this.#looks = new SqliteQueueLook(connection, namespace, () => this.#now());
    this.#listing = new SqliteListing(connection, namespace, clock);
    this.#watch = new SqliteWatch(connection, clock);
  }

  async insert(tasks: readonly NewTask[], session?: unknown): Promise<Inserted[]> {
    const insert = (): Inserted[] => this.#inserts.insert(tasks, this.#now());
    return session === undefined ? this.#connection.write(insert) : this.#connection.writeWithin(session, () => this.#insertLocked(insert));
  }

  async claim(request: ClaimRequest): Promise<Claim> {
    const until = this.#clock.monotonic() + request.deadlineMs;
    // A claim that has waited for a lock past its deadline does nothing.
    const claim = await this.#connection.write(() => (this.#clock.monotonic() > until ? null : this.#claims.claim(request, this.#now())));
    if (!claim)
      throw new HoldfastError('HOLDFAST_STORE_TIMEOUT', { field: 'claim', expected: `given the lock of the file within ${request.deadlineMs} ms` });
    return claim;
  }

  held({ token, part }: HeldRequest): Promise<Task[]> {
    return this.#connection.read(() => {
      if (part) return this.#tasks(part, SQLITE_STATEMENTS.heldHeads, token);
      const rows = this.#prepared<SizedRow>(SQLITE_STATEMENTS.held, token);
      return this.#tasks(part, readStatement(part, 'ASC'), placesOf(rows.slice(0, countWithin(rows, HELD_BYTES))));
    });
  }

  renew(leases: readonly HeldLease[], { alone = false, beside = false, ms, failures, isExact = false }: Renewal = {}): Promise<boolean[]> {
    return this.#connection.write(() => {
      const statement = this.#connection.prepare(SQLITE_STATEMENTS.renew);
      const nowMs = this.#now();
      return leases.map(
        ({ id, token }) =>
          Number(statement.run(nowMs, ms ?? null, Number(alone), failures ?? null, Number(beside), uuidBytes(id), token, Number(isExact)).changes) ===
          1,
      );
    });
  }

  settle(settlements: readonly Settlement[]): Promise<SettleAnswer[]> {
    return this.#connection.write(() => this.#settling.settle(settlements, this.#now()));
  }

  expired(limit: number, _inTurn = false, skip = 0): Promise<TaskHead[]> {
    return this.#connection.read(() => {
      this.#connection.file.checkIdentity();
      return this.#tasks('head', SQLITE_STATEMENTS.expired, this.#now(), limit, skip);
    });
  }

  find(queue: string | null, id: string, part?: Part): Promise<Task | null> {
    const isWanted = (found: Task): boolean => (queue === null ? !found.queue.includes(SEPARATOR) : found.queue === queue);
    return this.#connection.read(
      () => this.#tasks(part, part ? SQLITE_STATEMENTS.findHead : SQLITE_STATEMENTS.find, uuidBytes(id)).find(isWanted) ?? null,
    );
  }

  list(request: ListRequest): Promise<Page> {
    return this.#listing.page(request);
  }

  counts(states: readonly TaskState[]): Promise<QueueCounts> {
    return this.#counts.byQueue(states);
  }

  due(queues: readonly string[]): Promise<DueQueue[]> {
    return this.#looks.due(queues);
  }

  names(): Promise<string[]> {
    return this.#looks.names();
  }

  nextDueMs(queues: readonly string[], except: readonly string[] = []): Promise<number | null> {
    return this.#connection.read(() => {
      const due = this.#looks.nextDueAt(queues, except);
      return due === null ? null : Math.max(0, due - this.#now());
    });
  }

  prune(limit: number): Promise<number> {
    return this.#connection.write(() => {
      const nowMs = this.#now();
      const tasks = pruneSteps(this.#connection, nowMs, limit);
      const { changes } = this.#connection.prepare(SQLITE_STATEMENTS.prune).run(nowMs, tasks);
      this.#connection.file.shrink();
      return Number(changes);
    });
  }

  watch(onHint: (hint: Hint) => void): Unwatch {
    return this.#watch.start(() => onHint(LOOK));
  }

  /**
   * Inserts in a transaction of the caller, which may begin with it. SQLite does not wait for the lock of another process when a transaction that
   * began with a read then writes, so a write comes first.
   */
  #insertLocked(insert: () => Inserted[]): Inserted[] {
    this.#connection.prepare(SQLITE_STATEMENTS.lock).run();
    return insert();
  }

  /** Reads tasks, or what is asked for of them. */
  #tasks(part: Part | undefined, sql: string, ...parameters: Value[]): Task[] {
    const rows = this.#prepared<TaskRow>(sql, ...parameters);
    return part ? (headsOfRows(rows, this.#namespace) as Task[]) : tasksOfRows(rows, this.#namespace);
  }

  #prepared<Row>(sql: string, ...parameters: Value[]): Row[] {
    const rows: unknown = this.#connection.prepare(sql).all(...parameters);
    return rows as Row[];
  }

  /** Returns the time of the store. It follows the clock of the machine at once, also when that is set back: else delays would stand still meanwhile. */
  #now(): number {
    return this.#clock.now();
  }
}

/** Most bytes of the tasks under a token. A claim takes half of it at most. */
const HELD_BYTES = 2 * ANSWER_BYTES;

const placesOf = (rows: readonly SizedRow[]): string => JSON.stringify(rows.map(({ seq }) => seq));
