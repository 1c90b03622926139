import { randomUUID } from 'node:crypto';
import type { Ending, TaskError } from '../../constants/events';
import { hintOf } from '../../modules/ports/hint';
import type { SettleAnswer, Settlement, TaskStore } from '../../modules/ports/taskStore';
import type { BackoffFunctions } from '../../modules/task/backoff';
import { leastDelayMs } from '../../modules/task/change';
import type { Change, Outcome } from '../../modules/task/change';
import { endingEvent, endingOf, errorOf } from '../../modules/task/endings';
import type { EndingEvent } from '../../modules/task/endings';
import { hasNoHistory, withHistory } from '../../modules/task/history';
import type { AttemptFacts } from '../../modules/task/history';
import { countedOutcome, nextChange } from '../../modules/task/outcome';
import { isConsumers, refOf } from '../../modules/task/task';
import type { Task, TaskHead } from '../../modules/task/task';
import { inFull } from '../../modules/ports/namespace';
import { grouped } from '../../modules/errors/failureGroup';
import { HoldfastError } from '../../modules/errors/holdfastError';
import { taskError } from '../../modules/errors/taskError';
import type { Clock, Random } from '../../modules/time/clock';
import type { Wakeups } from '../idle/wakeups';
import type { Emitter } from '../observe/emitter';
import type { InternalErrors } from '../observe/internalErrors';
import type { FailureBook } from '../statistics/failureBook';
import type { TaskCounter } from '../statistics/taskCounter';
import type { HandOvers } from './handOvers';
import type { Holding } from './leaseKeeper';
import { settleAll } from './settleAll';
import type { Settled, Settler } from './settler';

const EXPIRED: Outcome = Object.freeze({ kind: 'expired' });

/** A success that the store refuses for good, as where its task has become too large. An expired lease would blame the process for it. */
const REFUSED: Outcome = Object.freeze({
  kind: 'failed',
  error: grouped(taskError(new HoldfastError('HOLDFAST_SUCCESS_REFUSED'))),
  retry: 'backoff',
});

/** Nobody saw the end of an attempt whose lease expired. */
const UNSEEN: AttemptFacts = Object.freeze({ lines: [] });

/** An attempt of this process, as needed to record its end. */
export interface RecordedAttempt extends Holding {
  readonly task: Task;
  readonly workerId: string;
  readonly lines: AttemptFacts['lines'];
  factsAt(now: number): AttemptFacts;
  durationAt(now: number): number;
}

/** Returns the requested change of a task, or null if the task's state does not allow it. */
export type Decision = (task: TaskHead) => Change | null;

/** The parts of a Recorder. */
export interface RecorderParts {
  readonly tasks: Pick<TaskStore, 'settle'>;
  readonly settler: Settler;
  readonly handOvers: Pick<HandOvers, 'begin' | 'idle'>;
  readonly wakeups: Wakeups;
  readonly events: Emitter;
  /** Absent where nothing is counted. */
  readonly counter?: TaskCounter | undefined;
  readonly failureBook?: FailureBook | undefined;
  readonly internalErrors: InternalErrors;
  readonly clock: Clock;
  readonly random: Random;
}

/**
 * Records every state change but the claim: it decides the change, writes it under its guard, and emits its event.
 *
 * A change that the store did not apply emits nothing.
 */
export class Recorder {
  readonly #parts: RecorderParts;

  constructor(parts: RecorderParts) {
    this.#parts = parts;
  }

  /**
   * Records how an attempt of this process ended. It calls back once, with the ending or `lost`; it returns no promise, because this is the hot path.
   */
  end(attempt: RecordedAttempt, outcome: Outcome, backoffs: BackoffFunctions, onEnding: (ending: Ending) => void): void {
    if (attempt.status === 'taken' || attempt.settling) return onEnding('lost');
    try {
      const counted = countedOutcome(attempt.task, outcome);
      this.#submit(attempt, counted, backoffs, onEnding);
    } catch (error) {
      // The lease is left to expire, so that the task is tried again.
      this.#parts.internalErrors.note('settle', error);
      onEnding('lost');
    }
  }

  /** Resolves when every outcome has been answered, and the follow-ups of those that succeeded are handed over. */
  async idle(): Promise<void> {
    await this.#parts.settler.idle();
    await this.#parts.handOvers.idle();
  }

  /**
   * Takes back tasks whose leases expired, unless the lease was renewed since it was read. Returns the number of tasks taken back.
   *
   * @throws the error of the store.
   */
  async expire(tasks: readonly TaskHead[]): Promise<number> {
    const { random, events, counter, failureBook } = this.#parts;
    const changes = tasks.map((task) => expiryChange(task, random));
    const by = randomUUID();
    const answers = await settleAll(
      this.#parts.tasks,
      tasks.map((task, at) => ({ id: task.id, queue: task.queue, by, change: changes[at] as Change, guard: sweepGuard(task) })),
    );
    const taken = tasks.filter((_, at) => answers[at] === 'applied');
    tasks.forEach((task, at) => {
      if (answers[at] !== 'applied') return;
      const told = { workerId: task.lease?.workerId ?? '', task: refOf({ ...task, queue: inFull(task.queue) }) };
      if (isConsumers(task)) return events.emit('message-returned', { queue: told.task.queue, id: task.id });
      events.emit('lease-swept', told);
      counter?.noteSwept(task, changes[at]?.state !== 'waiting', changes[at]?.error !== undefined);
      failureBook?.note(task, changes[at]?.error);
      if (changes[at]?.state !== 'waiting') events.emit('task-dead', { ...told, error: changes[at]?.error ?? errorOf(EXPIRED) });
    });
    tasks.forEach(({ queue }, at) => answers[at] === 'applied' && this.#wake(queue, changes[at] as Change));
    return taken.length;
  }

  /**
   * Changes tasks of a queue on request, each only if it was not written to since it was read. It answers, in order, for the tasks that the decision
   * changes.
   *
   * @throws the error of the store.
   */
  async change(queue: string, tasks: readonly TaskHead[], decide: Decision): Promise<readonly SettleAnswer[]> {
    const { events } = this.#parts;
    const settlements = settlementsOf(tasks, decide);
    const [first] = settlements;
    if (!first) return [];
    const answers = await settleAll(this.#parts.tasks, settlements);
    const { state: to } = first.change;
    const count = countApplied(answers);
    if (count > 0) events.emit('tasks-changed', { queue, to, count });
    settlements.forEach(({ change }, at) => answers[at] === 'applied' && this.#wake(queue, change));
    return answers;
  }

  #decide(attempt: RecordedAttempt, outcome: Outcome, backoffs: BackoffFunctions): Change {
    const { events, random, clock } = this.#parts;
    const { task } = attempt;
    const onBackoffFault = (backoff: string, fault: unknown): void =>
      events.emit('backoff-failed', { task: refOf(task), backoff, error: taskError(fault) });
    const change = nextChange(task, outcome, { random, backoffs, onBackoffFault });
    if (hasNoHistory(task, outcome, change, attempt.lines)) return change;
    return withHistory(task, outcome, change, attempt.factsAt(clock.monotonic()));
  }

  /** A callback that throws must not turn the other answers of its batch into none. */
  #submit(attempt: RecordedAttempt, outcome: Outcome, backoffs: BackoffFunctions, onEnding: (ending: Ending) => void): void {
    const change = this.#decide(attempt, outcome, backoffs);
    const { id, queue, token, task } = attempt;
    attempt.settling = true;
    attempt.returning = change.state === 'waiting';
    const ranMs = this.#parts.counter ? attempt.durationAt(this.#parts.clock.monotonic()) : 0;
    this.#parts.settler.submit({ id, queue, place: task.place, guard: { token }, change, by: token }, (answer) => {
      try {
        if (answer === 'refused' && outcome.kind === 'succeeded') return this.#submit(attempt, REFUSED, backoffs, onEnding);
        const ending = this.#noteAnswer(attempt, outcome, change, answer);
        if (ending !== 'lost') this.#parts.counter?.noteEnd(task, ending, outcome.kind === 'expired', ranMs);
        if (ending === 'dead' || ending === 'retried') this.#parts.failureBook?.note(task, errorOf(outcome));
        onEnding(ending);
      } catch (error) {
        this.#parts.internalErrors.note('settle', error);
      }
    });
  }

  #noteAnswer(attempt: RecordedAttempt, outcome: Outcome, change: Change, answer: Settled): Ending {
    if (answer === 'lost') attempt.onTaken();
    if (answer !== 'applied') return 'lost';
    this.#wake(attempt.task.queue, change);
    if (change.followUps !== undefined) this.#parts.handOvers.begin(attempt.task, change);
    const { event, tally } = endingOf(outcome, change);
    if (outcome.kind === 'succeeded' && outcome.dropped) this.#tellDropped(attempt, outcome.dropped);
    if (this.#parts.events.hears(event)) this.#tell(event, attempt, outcome, change);
    return tally;
  }

  #tellDropped({ workerId, task }: RecordedAttempt, error: TaskError): void {
    this.#parts.events.emit('result-dropped', { workerId, task: refOf(task), error });
  }

  /** Wakes a worker of this process for a task that waits again, when it is due. */
  #wake(queue: string, change: Change): void {
    if (change.state === 'waiting') this.#parts.wakeups.tell(hintOf(queue, leastDelayMs(change)));
  }

  #tell(event: EndingEvent, attempt: RecordedAttempt, outcome: Outcome, change: Change): void {
    const { events, clock } = this.#parts;
    const ended = { workerId: attempt.workerId, task: refOf(attempt.task), durationMs: attempt.durationAt(clock.monotonic()) };
    events.emit(event, endingEvent(event, ended, outcome, change));
  }
}

/** Returns the change after an expired lease. A message has no history, because its queue counts its receives. */
function expiryChange(task: TaskHead, random: Random): Change {
  const change = nextChange(task, EXPIRED, { random, backoffs: {} });
  return isConsumers(task) ? change : withHistory(task, EXPIRED, change, UNSEEN);
}

/** Returns the number of changes that the store applied. */
export const countApplied = (answers: readonly SettleAnswer[]): number => answers.filter((answer) => answer === 'applied').length;

function settlementsOf(tasks: readonly TaskHead[], decide: Decision): Settlement[] {
  const by = randomUUID();
  return tasks.flatMap((task) => {
    const change = decide(task);
    return change ? [{ id: task.id, queue: task.queue, by, change, guard: guardOf(task) }] : [];
  });
}

const guardOf = ({ lease, state, rev }: TaskHead): Settlement['guard'] => (lease ? { token: lease.token } : { state, rev });

/** Returns a guard under which a lease that was renewed since it was read is not taken. */
const sweepGuard = ({ lease }: TaskHead): Settlement['guard'] => ({ token: lease?.token ?? '', expiresAt: lease?.expiresAt ?? new Date(0) });
