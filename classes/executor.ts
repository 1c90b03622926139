import { MINUTE, SECOND } from '../constants/limits';
import type { BackoffFunctions } from '../modules/backoff';
import { nextChange } from '../modules/outcome';
import type { Change, Outcome } from '../modules/outcome';
import { runTask } from '../modules/runTask';
import { refOf } from '../modules/task';
import type { Task } from '../modules/task';
import { taskError } from '../modules/taskError';
import { tellEnding } from '../modules/tellEnding';
import type { Attempt } from './attempt';
import type { Handlers } from './handlers';
import type { Ending } from './iteration';
import type { Store } from './store';
import { TaskContext } from './taskContext';

/** The bounds of the delay of a task whose name has no handler here; it doubles with each attempt. */
const UNKNOWN_MIN_MS = SECOND;
const UNKNOWN_MAX_MS = MINUTE;

const RELEASED: Outcome = Object.freeze({ kind: 'released', delayMs: 0 });

/** Runs attempts: handler → Outcome → Change → one guarded write. */
export class Executor {
  readonly #store: Store;
  readonly #handlers: Handlers;
  readonly #backoffs: BackoffFunctions;
  #stopped = false;

  constructor(store: Store, handlers: Handlers, backoffs: BackoffFunctions) {
    this.#store = store;
    this.#handlers = handlers;
    this.#backoffs = backoffs;
  }

  /** Begins no handler any more: what is still asked for is released. */
  stop(): void {
    this.#stopped = true;
  }

  /**
   * Runs one attempt, from its handler to the writing of its outcome; that of a suspect with nothing beside it. Never rejects.
   *
   * @param onHandlerEnd called when the handler has ended and its outcome is still to be written.
   */
  execute(attempt: Attempt, onHandlerEnd: () => void): Promise<Ending> {
    const { solitude } = this.#store;
    const finish = (outcome: Outcome): Promise<Ending> => {
      onHandlerEnd();
      return this.settle(attempt, outcome);
    };
    return attempt.task.suspect
      ? solitude.alone(() => this.#performAlone(attempt).then(finish))
      : solitude.among(() => this.#perform(attempt).then(finish));
  }

  /** Writes how an attempt ended, and tells it. */
  async settle(attempt: Attempt, outcome: Outcome): Promise<Ending> {
    if (attempt.status === 'taken' || attempt.settling) return 'lost';
    const { id, token } = attempt;
    const change = this.#decide(judgedTask(attempt), outcome);
    attempt.settling = true;
    attempt.returning = change.state === 'waiting';
    const answer = await this.#store.settler.settle({ id, guard: { token }, change, by: token });
    if (answer === 'lost') attempt.onTaken();
    if (answer !== 'applied') return 'lost';
    if (change.state === 'waiting') this.#store.wakeups.notify('hint');
    return tellEnding(this.#store.events, attempt, outcome, change, this.#store.clock.monotonic());
  }

  /** The store must know that a suspect runs alone before it does: only then a crash is surely its own. */
  async #performAlone(attempt: Attempt): Promise<Outcome> {
    try {
      const renewed = this.#stopped ? [] : await this.#store.tasks.renew([attempt], true);
      if (renewed.length === 0) return RELEASED;
      attempt.isAlone = true;
      return await this.#perform(attempt);
    } catch {
      return RELEASED;
    }
  }

  async #perform(attempt: Attempt): Promise<Outcome> {
    const { task } = attempt;
    const now = this.#store.clock.monotonic();
    if (this.#stopped || attempt.isOverAt(now)) return RELEASED;
    const handler = this.#handlers.of(refOf(task));
    if (!handler) return { kind: 'released', delayMs: Math.min(UNKNOWN_MAX_MS, UNKNOWN_MIN_MS * 2 ** Math.min(task.attempt - 1, 16)) };
    attempt.startedAt = now;
    this.#store.events.emit('task-started', { workerId: attempt.workerId, task: refOf(task) });
    const { timeoutMs } = task.settings;
    if (timeoutMs !== undefined) attempt.limitTime(this.#store.clock, timeoutMs);
    const outcome = await runTask(handler, new TaskContext(attempt), () => attempt.interruption);
    attempt.end();
    return outcome;
  }

  #decide(task: Task, outcome: Outcome): Change {
    const onBackoffFault = (fault: unknown): void => {
      const { backoff } = task.settings;
      const name = backoff?.type === 'custom' ? backoff.name : 'exponential';
      this.#store.events.emit('backoff-failed', { task: refOf(task), backoff: name, error: taskError(fault) });
    };
    return nextChange(task, outcome, { random: this.#store.random, backoffs: this.#backoffs, onBackoffFault });
  }
}

/** The task as the store has it since its attempt began. */
const judgedTask = ({ task, isAlone }: Attempt): Task => (isAlone && task.lease ? { ...task, lease: { ...task.lease, alone: true } } : task);
