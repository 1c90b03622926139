import { delayOption, extensionOption } from '../../config/options';
import type { LogLevel } from '../../constants/events';
import type { TaskOptions } from '../../config/optionTypes';
import type { NamedQueue, TaskMap } from '../../modules/task/taskSpec';
import type { AddFollowUp, TaskContext, TaskLog } from '../../modules/worker/taskContext';
import { PROGRESS_BYTES, SECOND } from '../../constants/limits';
import { HoldfastError } from '../../modules/errors/holdfastError';
import { checkOptions } from '../../modules/options/checkOptions';
import { toJson } from '../../modules/task/json';
import type { Jsonified } from '../../modules/task/json';
import { metadataOf } from '../../modules/task/taskView';
import type { ReceivedSignal, StepContext, StepResult, WaitOptions } from '../../modules/worker/stepContext';
import { AttemptSteps } from './attemptSteps';
import type { StepParts } from './attemptSteps';
import type { Attempt } from './attempt';
import type { LeaseKeeper } from '../lease/leaseKeeper';
import type { ProgressWriter } from '../store/progressWriter';

/** The parts of the store that a handler reaches through its context. */
export interface ContextParts extends StepParts {
  readonly progress: Pick<ProgressWriter, 'write'>;
  readonly leases: Pick<LeaseKeeper, 'extend'>;
}

/** The context of a handler: its attempt, and the parts of the store that the handler may use. */
export class AttemptContext<Payload = unknown> implements TaskContext<Payload> {
  readonly #attempt: Attempt;
  readonly #parts: ContextParts;
  #payload: { readonly value: Jsonified<Payload> } | undefined;
  #log: TaskLog | undefined;
  #steps: AttemptSteps | undefined;

  constructor(attempt: Attempt, parts: ContextParts) {
    this.#attempt = attempt;
    this.#parts = parts;
  }

  get id(): string {
    return this.#attempt.id;
  }

  get queue(): string {
    return this.#attempt.task.queue;
  }

  get name(): string {
    return this.#attempt.task.name;
  }

  get payload(): Jsonified<Payload> {
    this.#payload ??= { value: JSON.parse(this.#attempt.task.payload) as Jsonified<Payload> };
    return this.#payload.value;
  }

  get attempt(): number {
    return this.#attempt.task.attempt;
  }

  get tags(): readonly string[] {
    return this.#attempt.task.settings.tags ?? [];
  }

  get metadata(): Readonly<Record<string, unknown>> {
    return metadataOf(this.#attempt.task.settings);
  }

  get deadline(): Date | null {
    const { deadlineAt } = this.#attempt.task.settings;
    return deadlineAt === undefined ? null : new Date(deadlineAt);
  }

  get failures(): number {
    return this.#attempt.task.failures;
  }

  get lease(): { readonly token: string } {
    return { token: this.#attempt.token };
  }

  get signal(): AbortSignal {
    return this.#attempt.signal;
  }

  get log(): TaskLog {
    return (this.#log ??= makeLog((level, message) => this.#attempt.writeLog(level, String(message), this.#parts.clock.monotonic())));
  }

  get progress(): (value: unknown) => Promise<void> {
    const { id, queue, token } = this.#attempt;
    return mayBeUnheard(async (value: unknown) => {
      this.#steps?.check();
      await this.#parts.progress.write({ id, queue, token, progress: toJson(value, 'progress', PROGRESS_BYTES) });
    });
  }

  get extend(): (ms: number) => Promise<void> {
    return mayBeUnheard(async (ms: number) => {
      this.#steps?.check();
      checkOptions(extensionOption, ms, 'ms');
      await this.#parts.leases.extend(this.#attempt, ms);
    });
  }

  get add(): AddFollowUp {
    return (queue: string | NamedQueue<TaskMap>, name: string, payload: unknown, options?: TaskOptions): string => {
      this.#steps?.checkAwake();
      return this.#attempt.openFollowUps.add(queueNameOf(queue), name, payload, options, this.#parts.clock.now());
    };
  }

  get snooze(): (delayMs: number) => void {
    return (delayMs) => {
      this.#steps?.check();
      checkOptions(delayOption, delayMs, 'delayMs');
      this.#attempt.wish = { kind: 'snoozed', delayMs };
    };
  }

  get release(): (delayMs?: number) => void {
    return (delayMs = SECOND) => {
      this.#steps?.check();
      checkOptions(delayOption, delayMs, 'delayMs');
      this.#attempt.wish = { kind: 'released', delayMs };
    };
  }

  get step(): <T>(name: string, fn: (step: StepContext) => T | Promise<T>) => Promise<StepResult<T>> {
    return (name, fn) => mayBeUnheard(async () => this.openSteps().step(name, fn))(undefined) as Promise<never>;
  }

  get sleepFor(): (name: string, ms: number) => Promise<void> {
    return (name, ms) => mayBeUnheard(async () => this.openSteps().sleepFor(name, ms))(undefined);
  }

  get sleepUntil(): (name: string, date: Date) => Promise<void> {
    return (name, date) => mayBeUnheard(async () => this.openSteps().sleepUntil(name, date))(undefined);
  }

  get waitForSignal(): <Given = unknown>(name: string, options?: WaitOptions) => Promise<ReceivedSignal<Given> | null> {
    return (name, options) => mayBeUnheard(async () => this.openSteps().waitForSignal(name, options))(undefined) as Promise<never>;
  }

  /** The steps of the attempt, if its handler has begun any. @internal */
  get begunSteps(): AttemptSteps | undefined {
    return this.#steps;
  }

  /** @internal */
  protected openSteps(): AttemptSteps {
    return (this.#steps ??= new AttemptSteps(this.#attempt, this.#parts));
  }
}

/** The context of one task of a batch, whose outcome is that of its batch: it has no steps of its own. */
export class BatchedContext<Payload = unknown> extends AttemptContext<Payload> {
  protected override openSteps(): never {
    throw new HoldfastError('HOLDFAST_STEPS_IN_BATCH', { field: this.name });
  }
}

/** A queue is given as such, or by its name. Anything else is refused where the name is checked. */
const queueNameOf = (queue: string | NamedQueue<TaskMap>): string => (typeof queue === 'object' && queue !== null ? queue.name : queue);

/**
 * Keeps a rejection from crashing the process, and its other tasks with it, if the handler does not await the promise. A handler that awaits it still
 * gets the error.
 */
const mayBeUnheard =
  <Argument, Answer>(act: (argument: Argument) => Promise<Answer>) =>
  (argument: Argument): Promise<Answer> => {
    const acting = act(argument);
    acting.catch(() => undefined);
    return acting;
  };

function makeLog(write: (level: LogLevel, message: string) => void): TaskLog {
  const at = (level: LogLevel) => (message: string) => write(level, message);
  return { error: at('error'), warn: at('warn'), info: at('info'), verbose: at('verbose'), debug: at('debug') };
}
