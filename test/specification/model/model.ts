import { expect } from 'chai';
import { pre } from 'fast-check';
import type { Claim, ClaimRequest, HeldLease, Settlement } from '../../../modules/ports/taskStore';
import type { Database } from '../../../modules/ports/database';
import type { NewTask, Task } from '../../../modules/task/task';
import { openReference } from '../referenceDatabase';
import { ReferenceTables } from '../referenceStore';

/** The time that a store goes by, as a test sees it. */
export interface StoreClock {
  /** Milliseconds since the epoch, whole. */
  now(): number;
  /** Lets time pass. */
  pass(ms: number): Promise<void>;
  /** Both stores see the same time; else what is written at an instant differs by a little. */
  readonly isExact: boolean;
}

/** How near to an instant a call is not made, where clocks differ: in that time it ends. */
const CLEAR_MS = 40;

/** What the clocks of a server and of a test, and a call in between, may differ by. */
const TOLERANCE_MS = 500;

/** What the commands know: the specification, and what they have done to both stores. */
export class Model {
  /** Of this run alone, so that one database serves many runs. */
  readonly queues: readonly [string, string];
  readonly reference: Database;
  readonly added: NewTask[] = [];
  readonly sent: Settlement[][] = [];
  readonly clock: StoreClock;
  readonly #tables = new ReferenceTables();
  readonly #tokens = new Map<string, string[]>();
  #beganAtMs = 0;

  constructor(run: string, clock: StoreClock) {
    this.queues = [`${run} a`, `${run} b`];
    this.clock = clock;
    this.reference = openReference(this.#tables, () => clock.now());
  }

  /** Every task that is there. */
  get tasks(): readonly Task[] {
    return this.#tables.tasks;
  }

  find(id: string): Task | undefined {
    return this.tasks.find((task) => task.id === id);
  }

  /** The tokens under which a task was claimed, the first one first. */
  tokensOf(id: string): readonly string[] {
    return this.#tokens.get(id) ?? [];
  }

  /** Waits where an instant is so near that two clocks might not agree on what is due. */
  async begin(): Promise<void> {
    for (let at = this.#instantNear(0, CLEAR_MS); at !== undefined; at = this.#instantNear(0, CLEAR_MS)) {
      await this.clock.pass(at + CLEAR_MS / 4 - this.clock.now());
    }
    this.#beganAtMs = this.clock.now();
  }

  /** Compares every task of both stores; one that took too long to tell is not judged. */
  async end(real: Database): Promise<void> {
    pre(this.#instantNear(this.#beganAtMs - this.clock.now(), 0) === undefined);
    for (const queue of this.queues) {
      const [theirs, ours] = await this.both(real, ({ tasks }) => tasks.list({ queue, limit: 1_000 }));
      expect(theirs.map(idOf), 'the tasks that are there').to.deep.equal(ours.map(idOf));
      theirs.forEach((task, index) => this.#compare(task, ours[index] as Task));
    }
  }

  async both<T>(real: Database, ask: (database: Database) => Promise<T>): Promise<[T, T]> {
    return [await ask(real), await ask(this.reference)];
  }

  /** Whether a claim is decided by the port alone: where suspects are due, a store may see them late. */
  async follow(request: ClaimRequest, answer: Claim): Promise<void> {
    const due = this.#dueFor(request);
    const suspects = due.filter(({ suspect }) => suspect);
    const ids = answer.tasks.map(idOf);
    if (this.clock.isExact || suspects.length === 0) {
      const expected = await this.reference.tasks.claim(request);
      expect({ ...answer, tasks: ids }).to.deep.equal({ ...expected, tasks: expected.tasks.map(idOf) });
    } else {
      const claimed = due.filter(({ id }) => ids.includes(id));
      expect(claimed, 'what was claimed was due').to.have.length(ids.length);
      const isSuspect = claimed.some(({ suspect }) => suspect);
      expect(!isSuspect || (request.alone && claimed.length === 1), 'a suspect comes by itself').to.equal(true);
      expect(claimed.length > 0 || answer.suspect !== null, 'nothing was claimed only where a suspect waits').to.equal(true);
      const others = due.filter(({ id }) => !ids.includes(id)).map(idOf);
      if (ids.length > 0) await this.reference.tasks.claim({ ...request, limit: ids.length, except: others });
    }
    for (const { id } of answer.tasks) this.#tokens.set(id, [...this.tokensOf(id), request.token]);
  }

  /** A batch as one process may send it: it holds no id under two of its tokens. */
  asOneProcess<T extends HeldLease>(batch: readonly T[]): T[] {
    const tokens = new Set(batch.map(({ token }) => token));
    return batch.filter(({ id, token }, index) => {
      const current = this.find(id)?.lease?.token;
      const isFirst = batch.findIndex((other) => other.id === id) === index;
      return isFirst && (current === token || current === undefined || !tokens.has(current));
    });
  }

  #dueFor({ queues, except }: ClaimRequest): Task[] {
    const nowMs = this.clock.now();
    const isDue = ({ id, state, queue, availableAt }: Task): boolean =>
      state === 'waiting' && queues.includes(queue) && availableAt.getTime() <= nowMs && !except.includes(id);
    return this.tasks.filter(isDue);
  }

  #compare(theirs: Task, ours: Task): void {
    if (this.clock.isExact) return void expect(theirs).to.deep.equal(ours);
    expect(withoutInstants(theirs)).to.deep.equal(withoutInstants(ours));
    const differences = instantsOf(theirs).map((instant, index) => Math.abs(instant - (instantsOf(ours)[index] ?? NaN)));
    expect(Math.max(...differences), 'milliseconds between instants').to.be.below(TOLERANCE_MS);
    // From here on both go by what the real store has written.
    const entry = this.#tables.entries.get(theirs.id);
    if (entry) this.#tables.entries.set(theirs.id, { ...entry, task: theirs });
  }

  /** An instant at which something becomes due or over, in a span from now. */
  #instantNear(fromMs: number, toMs: number): number | undefined {
    if (this.clock.isExact) return undefined;
    const nowMs = this.clock.now();
    const instants = this.tasks.map(({ lease, availableAt }) => (lease?.expiresAt ?? availableAt).getTime());
    return instants.find((at) => at >= nowMs + fromMs - CLEAR_MS / 8 && at <= nowMs + toMs);
  }
}

const idOf = ({ id }: Task): string => id;

const withoutInstants = ({ availableAt: _a, createdAt: _c, finishedAt, lease, ...rest }: Task): object => ({
  ...rest,
  isFinished: finishedAt !== null,
  lease: lease && { ...lease, expiresAt: null },
});

const instantsOf = ({ availableAt, createdAt, finishedAt, lease }: Task): number[] =>
  [availableAt, createdAt, finishedAt, lease?.expiresAt].map((instant) => instant?.getTime() ?? 0);
