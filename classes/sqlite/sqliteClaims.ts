import { ANSWER_BYTES, LOWEST_PRIORITY } from '../../constants/limits';
import type { Namespace } from '../../modules/ports/namespace';
import { after } from '../../modules/ports/takeBest';
import type { Claim, ClaimRequest } from '../../modules/ports/taskStore';
import {
  CLAIM_RANGE_STATEMENT,
  claimedTasks,
  claimStatement,
  DUE_TASKS,
  dueStatement,
  REST_STATEMENT,
  suspectStatement,
  takeRoom,
} from '../../modules/sqlite/sqliteClaim';
import type { ClaimedAlike, ClaimRoom, DueRow, RestRow } from '../../modules/sqlite/sqliteClaim';
import { rangeOf } from '../../modules/sqlite/rangeOf';
import type { Task } from '../../modules/task/task';
import { hexOf, uuidOfHex } from '../../modules/task/uuidBytes';
import type { SqliteConnection } from './sqliteConnection';

/** A part of a claim: the tasks of one priority in a queue. */
interface PartOfClaim {
  readonly queue: string;
  readonly priority: number;
  readonly suspect: boolean;
}

/** The JSON that a claim reads when nothing is due. */
const NONE_DUE = '[]';

/** The claim of SQLite, inside of a transaction: priority by priority, one statement for tasks that are alike. */
export class SqliteClaims {
  readonly #connection: Pick<SqliteConnection, 'prepare'>;
  readonly #namespace: Namespace;

  constructor(connection: Pick<SqliteConnection, 'prepare'>, namespace: Namespace) {
    this.#connection = connection;
    this.#namespace = namespace;
  }

  /** Claims inside of a transaction: the best of the queues, or, alone in the process, one suspect. */
  claim(request: ClaimRequest, nowMs: number): Claim {
    const queues = request.queues.map(this.#namespace.inside);
    const suspect = this.#suspectIn(queues, nowMs, exceptedBy(request));
    if (suspect && request.alone) return { tasks: this.#claimSuspect(suspect.queue, request, nowMs), suspect: null };
    const passedOver = suspect ? { suspect: suspect.id, suspectIn: this.#namespace.outside(suspect.queue) } : { suspect: null };
    return { ...this.#claimShares(queues, request, nowMs), ...passedOver };
  }

  #suspectIn(queues: readonly string[], nowMs: number, excepted: readonly string[]): { readonly id: string; readonly queue: string } | null {
    const statement = this.#connection.prepare(suspectStatement(excepted.length > 0));
    for (const queue of queues) {
      const row = statement.get(queue, nowMs, ...excepted) as { readonly hexId: string } | undefined;
      if (row) return { id: uuidOfHex(row.hexId), queue };
    }
    return null;
  }

  #claimSuspect(queue: string, request: ClaimRequest, nowMs: number): Task[] {
    const room: ClaimRoom = { tasks: 1, bytes: ANSWER_BYTES };
    for (let priority = 0; priority <= LOWEST_PRIORITY; priority += 1) {
      const tasks = this.#claimFrom({ queue, priority, suspect: true }, room, request, nowMs);
      if (tasks.length > 0) return tasks;
    }
    return [];
  }

  /** Claims priority by priority over all queues, and nothing worse than what a queue may still have behind its share. */
  #claimShares(queues: readonly string[], request: ClaimRequest, nowMs: number): Required<Pick<Claim, 'tasks' | 'left'>> {
    const { limit, worst = LOWEST_PRIORITY, shares = queues.map(() => limit) } = request;
    const open = [...shares];
    const seen = queues.map(() => -1);
    const tasks: Task[] = [];
    let bytes = ANSWER_BYTES;
    for (let priority = 0, isOver = false; priority <= worst && !isOver; priority += 1) {
      for (const [index, queue] of queues.entries()) {
        const wanted = Math.min(open[index] as number, limit - tasks.length);
        if (wanted === 0 || bytes <= 0) continue;
        const room: ClaimRoom = { tasks: wanted, bytes };
        const claimed = this.#claimFrom({ queue, priority, suspect: false }, room, request, nowMs);
        for (const task of claimed) tasks.push(task);
        bytes = room.bytes;
        open[index] = (open[index] as number) - claimed.length;
        if (claimed.length < wanted && bytes > 0) seen[index] = priority;
      }
      isOver = tasks.length >= limit || bytes <= 0 || open.includes(0);
    }
    return { tasks, left: request.queues.map((queue, index) => ({ queue, priority: after(seen[index] as number) })) };
  }

  /** Claims of one priority: with the priority given, the index leads past delayed tasks instead of through them. */
  #claimFrom(part: PartOfClaim, room: ClaimRoom, request: ClaimRequest, nowMs: number): Task[] {
    const claimed: Task[] = [];
    for (let isFull = true; isFull && room.tasks > 0 && room.bytes > 0;) {
      const asked = Math.min(room.tasks, DUE_TASKS);
      const tasks = this.#claimAlike({ namespace: this.#namespace, ...part, ...request, nowMs }, asked, room);
      for (const task of tasks) claimed.push(task);
      isFull = tasks.length === asked;
    }
    return claimed;
  }

  #claimAlike(alike: ClaimedAlike & Pick<ClaimRequest, 'except'>, limit: number, room: ClaimRoom): Task[] {
    const { queue, priority, suspect, token, workerId, leaseMs, beside, nowMs } = alike;
    const excepted = exceptedBy(alike);
    const wanted = [queue, priority, nowMs, ...excepted];
    const { due: text } = this.#connection.prepare(dueStatement(suspect, excepted.length > 0)).get(...wanted, limit) as { due: string };
    if (text === NONE_DUE) return [];
    const due = takeRoom(JSON.parse(text) as DueRow[], room);
    const tasks = claimedTasks(due, alike, (place) => this.#restOf(place));
    const range = rangeOf(tasks.map(({ place }) => place));
    const claim = this.#connection.prepare(range ? CLAIM_RANGE_STATEMENT : claimStatement(suspect, excepted.length > 0));
    claim.run(token, workerId, nowMs, leaseMs, leaseMs, Number(beside), ...(range ?? [...wanted, tasks.length]));
    return tasks;
  }

  #restOf(place: number): RestRow {
    const row: unknown = this.#connection.prepare(REST_STATEMENT).get(place);
    return row as RestRow;
  }
}

/** The ids that a claim leaves out, as one parameter in the spelling of hex(); no parameter where there are none. */
const exceptedBy = ({ except }: Pick<ClaimRequest, 'except'>): string[] =>
  except.length === 0 ? [] : [JSON.stringify(except.map((id) => hexOf(id).toUpperCase()))];
