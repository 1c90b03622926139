import { expect } from 'chai';
import { pre } from 'fast-check';
import type { Claim, ClaimRequest, Settlement } from '../../../modules/ports/taskStore';
import type { Database } from '../../../modules/ports/database';
import type { NewTask, Task } from '../../../modules/task/task';
import { openReference } from '../referenceDatabase';
import { ReferenceTables } from '../referenceTables';

/** The clock of a store, as the test sees it. */
export interface StoreClock {
  /** Returns whole milliseconds since the epoch. */
  now(): number;
  /** Lets time pass; a negative time sets the clock back. */
  pass(ms: number): Promise<void>;
  /** True if both stores use this clock. Otherwise their instants differ a little. */
  readonly isExact: boolean;
}

/** Distance that a call keeps from an instant when the clocks differ. A call takes less time than this. */
const CLEAR_MS = 40;

/** Maximum difference between instants of the server and of the test, including a call between them. */
const TOLERANCE_MS = 500;

/** The state that commands share: the specification, and all that they have done to both stores. */
export class Model {
  /** Named after this run, so that one database serves many runs. */
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

  /** The tasks in the store. */
  get tasks(): readonly Task[] {
    return this.#tables.tasks;
  }

  find(id: string): Task | undefined {
    return this.tasks.find((task) => task.id === id);
  }

  /** Returns the tokens under which a task was claimed, oldest first. */
  tokensOf(id: string): readonly string[] {
    return this.#tokens.get(id) ?? [];
  }

  /** Waits if an instant is so near that the two clocks might disagree on what is due. */
  async begin(): Promise<void> {
    for (let at = this.#instantNear(0, CLEAR_MS); at !== undefined; at = this.#instantNear(0, CLEAR_MS)) {
      await this.clock.pass(at + CLEAR_MS / 4 - this.clock.now());
    }
    this.#beganAtMs = this.clock.now();
  }

  /** Compares all tasks of both stores. A command during which something became due is not judged. */
  async end(real: Database): Promise<void> {
    pre(this.#instantNear(this.#beganAtMs - this.clock.now(), 0) === undefined);
    for (const queue of this.queues) {
      const [{ tasks: theirs }, { tasks: ours }] = await this.both(real, ({ tasks }) => tasks.list({ queue, limit: 1_000 }));
      expect(theirs.map(idOf), 'the tasks that are there').to.deep.equal(ours.map(idOf));
      theirs.forEach((task, index) => this.#compare(task, ours[index] as Task));
    }
  }

  async both<T>(real: Database, ask: (database: Database) => Promise<T>): Promise<[T, T]> {
    return [await ask(real), await ask(this.reference)];
  }

  /** Repeats a claim on the specification. If suspects are due, a real store may see them late, so several answers are right. */
  async follow(request: ClaimRequest, answer: Claim): Promise<void> {
    const due = this.#dueFor(request);
    const suspects = due.filter(({ suspect }) => suspect);
    const ids = answer.tasks.map(idOf);
    if (this.clock.isExact || suspects.length === 0) {
      const expected = await this.reference.tasks.claim(request);
      // What is left is a bound, which stores may tell more or less exactly.
      expect({ ...answer, tasks: ids, left: null }).to.deep.equal({ ...expected, tasks: expected.tasks.map(idOf), left: null });
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
    // From here on both stores use the instants of the real one.
    const entry = this.#tables.entries.get(theirs.id);
    if (entry) this.#tables.entries.set(theirs.id, { ...entry, task: theirs });
  }

  /** Returns an instant in this span from now at which a task becomes due or a lease ends. */
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
