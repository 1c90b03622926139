import type { ErrorCode } from '../../constants/errors';
import type { LogLevel } from '../../constants/events';
import { SECOND } from '../../constants/limits';
import type { TaskOptions } from '../../config/optionTypes';
import type { Outcome } from '../../modules/task/change';
import { toJson } from '../../modules/task/json';
import { newTask } from '../../modules/task/newTask';
import type { Task } from '../../modules/task/task';
import type { TaskView } from '../../modules/task/taskView';
import type { Wish } from '../../modules/worker/runTask';
import { runTask } from '../../modules/worker/runTask';
import type { Handler } from '../../modules/worker/handlerTypes';
import { Emitter } from '../observe/emitter';
import type { Store } from '../store/store';
import { Attempt } from '../worker/attempt';
import { AttemptContext } from '../worker/attemptContext';
import { Call } from '../async/currentCall';
import { Iteration } from '../worker/iteration';
import { TestClock } from './testClock';
import { TestSteps } from './testSteps';
import { tasksOf } from './testStore';

/** The lease of a test's attempt. It lasts as long as the test. */
const LEASE_MS = 30 * SECOND;

/** The task that a handler is tested with. */
export interface TestTask<Payload> {
  readonly payload: Payload;
  /** The queue of the task, by default `test`. */
  readonly queue?: string;
  /** The name of the task, by default `test`. */
  readonly name?: string;
  /** The options of `queue.add`: `timeoutMs`, `tags`, `metadata`, `deadline` and the others. */
  readonly options?: TaskOptions;
  /** The number of the attempt, by default 1. */
  readonly attempt?: number;
  /** The number of failures before this attempt, by default 0. */
  readonly failures?: number;
  /** A store that the handler adds tasks to; `added` returns them. */
  readonly store?: Store;
  /** The clock for `timeoutMs` and for sleeps, by default one of its own. */
  readonly clock?: TestClock;
}

/** What one attempt leaves to the next one. @internal */
interface Before {
  readonly id: string;
  readonly steps: TestSteps;
}

/**
 * Creates the context of one attempt for a handler under test. Nothing is stored, and time passes only by its clock.
 *
 * @throws HOLDFAST_OPTION_… or HOLDFAST_PAYLOAD_…, as `queue.add` does.
 * @example
 * const context = testContext({ payload: { to: 'a@example.org' } });
 * const outcome = await context.run(({ payload }) => sendWelcome(payload.to));
 */
export function testContext<Payload>(task: TestTask<Payload>): TestContext<Payload> {
  return new TestContext(task);
}

/** A follow-up that a handler under test added with `add`. */
export interface TestFollowUp {
  readonly id: string;
  readonly queue: string;
  readonly name: string;
  /** The payload after JSON. */
  readonly payload: unknown;
  readonly priority: number;
  readonly uniqueKey: string | null;
  /** Its delay, unless it has an instant. */
  readonly delayMs?: number;
  readonly runAt?: Date;
}

/** A line that a handler under test wrote with `log`. */
export interface LoggedLine {
  readonly level: LogLevel;
  readonly message: string;
}

/**
 * The context of a handler under test, which records what the handler does with it.
 *
 * @example
 * const context = testContext({ payload: { to: 'a@example.org' } });
 * context.interrupt('HOLDFAST_STOPPING');
 */
export class TestContext<Payload = unknown> extends AttemptContext<Payload> {
  /** The clock of this attempt. `await clock.advance(1_000)` advances it, and fires the signal when `timeoutMs` is over. */
  readonly clock: TestClock;
  /** The lines that the handler wrote with `log`, in order. */
  readonly logged: readonly LoggedLine[];
  /** The values that the handler reported with `progress`, in order. */
  readonly reported: readonly unknown[];
  /** The milliseconds that the handler passed to `extend`, in order. */
  readonly extended: readonly number[];
  readonly #attempt: Attempt;
  readonly #store: Store | undefined;
  readonly #before: Promise<ReadonlySet<string>>;
  readonly #steps: TestSteps;
  readonly #given: TestTask<Payload>;

  /** Use `testContext`. @internal */
  constructor(given: TestTask<Payload>, before?: Before) {
    const { clock = new TestClock(), store, ...task } = given;
    const steps = before?.steps ?? new TestSteps(clock);
    const logged: LoggedLine[] = [];
    const reported: unknown[] = [];
    const extended: number[] = [];
    const events = new Emitter();
    events.on('task-log', ({ level, message }) => logged.push({ level, message }));
    const attempt = attemptOf({ ...claimedTask(task, clock), ...(before && { id: before.id }) }, clock, events);
    super(attempt, {
      clock,
      steps,
      random: Math.random,
      progress: { write: ({ progress }) => Promise.resolve(void reported.push(JSON.parse(progress))) },
      leases: { extend: (_, ms) => Promise.resolve(void extended.push(ms)) },
    });
    this.clock = clock;
    this.logged = logged;
    this.reported = reported;
    this.extended = extended;
    this.#attempt = attempt;
    this.#steps = steps;
    this.#given = { ...given, clock };
    this.#store = store;
    this.#before = idsOf(store);
    // `added` gets the error.
    this.#before.catch(() => undefined);
  }

  /** The follow-ups that the handler added with `add`, in order, whatever became of it. A worker hands them over if the outcome is `succeeded`. */
  get followUps(): readonly TestFollowUp[] {
    const tasks = this.#attempt.followUps?.tasks ?? [];
    return tasks.map(({ id, queue, name, payload, priority, uniqueKey, due }) => ({
      ...{ id, queue, name, payload: JSON.parse(payload) as unknown, priority, uniqueKey },
      ...('at' in due ? { runAt: due.at } : { delayMs: due.delayMs }),
    }));
  }

  /** The results of the steps that the task has recorded so far, by their names. */
  get recorded(): Readonly<Record<string, unknown>> {
    return this.#steps.results;
  }

  /**
   * Sends a signal to the task, as `queue.signal` does.
   *
   * @throws HOLDFAST_PAYLOAD_…
   * @example
   * context.signalTask('paid', { amount: 5 });
   */
  signalTask(name: string, payload?: unknown): void {
    this.#steps.send(name, toJson(payload, 'payload'));
  }

  /**
   * Returns the context of the next attempt of the same task. It has the recorded steps and the signals; time is what the clock says.
   *
   * @example
   * await context.clock.advance(7 * 24 * 3_600_000);
   * const outcome = await context.next().run(handler);
   */
  next(): TestContext<Payload> {
    const { attempt, failures, id } = this;
    return new TestContext({ ...this.#given, attempt: attempt + 1, failures }, { id, steps: this.#steps });
  }

  /** The last request that the handler made with `snooze` or `release`, or that it sleeps; undefined if there was none. */
  get wish(): Wish | undefined {
    return this.#attempt.wish;
  }

  /**
   * Fires the signal, as a stopping worker, a lost lease or an exceeded time limit does.
   *
   * @param code the reason: HOLDFAST_STOPPING, HOLDFAST_LEASE_LOST, HOLDFAST_LEASE_EXPIRED or HOLDFAST_TIMED_OUT.
   * @example
   * context.interrupt('HOLDFAST_LEASE_LOST');
   */
  interrupt(code: Extract<ErrorCode, 'HOLDFAST_STOPPING' | 'HOLDFAST_LEASE_LOST' | 'HOLDFAST_LEASE_EXPIRED' | 'HOLDFAST_TIMED_OUT'>): void {
    this.#attempt.interrupt(code);
  }

  /**
   * Runs a handler with this context, and returns the outcome that a worker would record: `succeeded` with the JSON text of the result, `failed` with
   * the error and the kind of retry, `snoozed`, `released`, `suspended` or `expired`. Never throws.
   *
   * @example
   * const outcome = await context.run(handler);
   * assert.equal(outcome.kind, 'succeeded');
   */
  async run(handler: Handler<Payload>): Promise<Outcome> {
    const { timeoutMs } = this.#attempt.task.settings;
    this.#attempt.begin(this.clock.monotonic());
    if (timeoutMs !== undefined) this.#attempt.limitTime(this.clock, timeoutMs);
    const outcome = await runTask<TestContext<Payload>>(
      (context) => new Call(context as AttemptContext).enter(handler, context),
      this,
      this.#attempt,
    );
    const ended = (await this.begunSteps?.end(outcome)) ?? outcome;
    this.#attempt.end();
    return ended;
  }

  /**
   * Returns the tasks added to the store since this context was created, oldest first; none if it has no store.
   *
   * @throws HOLDFAST_STORE_…
   * @example
   * const [welcome] = await context.added();
   */
  async added(): Promise<TaskView[]> {
    const before = await this.#before;
    return this.#store ? (await tasksOf(this.#store)).filter(({ id }) => !before.has(id)) : [];
  }
}

async function idsOf(store: Store | undefined): Promise<ReadonlySet<string>> {
  return new Set(store ? (await tasksOf(store)).map(({ id }) => id) : []);
}

function attemptOf(task: Task, clock: TestClock, events: Emitter): Attempt {
  const now = clock.monotonic();
  return new Attempt(task, { sentAt: now, answeredAt: now }, 'test', events, new Iteration(1, now, () => undefined));
}

/** Returns the task as a store has it after the claim of this attempt. */
function claimedTask<Payload>(
  { payload, queue = 'test', name = 'test', options, attempt = 1, failures = 0 }: TestTask<Payload>,
  clock: TestClock,
): Task {
  const { due: _due, ...task } = newTask(queue, name, payload, options, clock.now());
  const now = new Date(clock.now());
  return {
    ...task,
    ...{ state: 'running', attempt, failures, suspect: false, rev: 0, availableAt: now, createdAt: now, finishedAt: null },
    ...{ result: null, error: null, progress: null, history: null },
    lease: {
      token: task.id,
      workerId: 'test',
      expiresAt: new Date(clock.now() + LEASE_MS),
      ms: LEASE_MS,
      extendedMs: 0,
      alone: false,
      timedOut: false,
      beside: false,
    },
  };
}
