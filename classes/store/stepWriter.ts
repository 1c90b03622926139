import { BATCH_TASKS, COMMAND_BYTES } from '../../constants/limits';
import type { Signal, SignalAnswer, SignalRequest, Step, StepStore, StepWrite } from '../../modules/ports/stepStore';
import type { TaskKey } from '../../modules/ports/taskStore';
import { isUnanswered } from '../../modules/errors/holdfastError';
import { asMicrotask } from '../../modules/time/clock';
import { textBytes } from '../../modules/values/textBytes';
import { Batch } from '../async/batch';

/** The bytes of a step in a write, beside its texts. */
const FRAME_BYTES = 500;

/** Whether a step was recorded under its lease, or why the store refused it. */
type Written = boolean | { readonly refusal: unknown };

/** Writes the steps of the tasks of a process in batches. */
export class StepWriter {
  readonly #steps: StepStore;
  readonly #batch: Batch<StepWrite, Written>;

  constructor(steps: StepStore) {
    this.#steps = steps;
    const weigh = ({ step }: StepWrite): number => FRAME_BYTES + textBytes(step.name) + textBytes(step.value);
    this.#batch = new Batch((writes) => this.#recordAll(writes), asMicrotask, BATCH_TASKS, 1, { most: COMMAND_BYTES, weigh });
  }

  /** Returns the steps of a task in their order. @throws the error of the store. */
  read(task: TaskKey): Promise<Step[]> {
    return this.#steps.read(task);
  }

  /** Writes a step. Returns false if its lease has ended. @throws the error of the store. */
  async record(write: StepWrite): Promise<boolean> {
    const written = await this.#batch.push(write);
    if (typeof written === 'boolean') return written;
    throw written.refusal;
  }

  /** Writes several steps. Where the store refuses one of them, each is sent by itself, so that the others are recorded. */
  async #recordAll(writes: readonly StepWrite[]): Promise<readonly Written[]> {
    try {
      return await this.#steps.record(writes);
    } catch (error) {
      if (writes.length === 1 || isUnanswered(error)) throw error;
      return Promise.all(writes.map((write) => this.#recordOne(write)));
    }
  }

  async #recordOne(write: StepWrite): Promise<Written> {
    try {
      return (await this.#steps.record([write]))[0] === true;
    } catch (error) {
      return { refusal: error };
    }
  }

  /** Takes a signal for a wait, or begins the wait. Returns null if the lease has ended. @throws the error of the store. */
  take(request: SignalRequest): Promise<Step | null> {
    return this.#steps.take(request);
  }

  /** Keeps a signal. @throws the error of the store. */
  signal(task: TaskKey, signal: Signal): Promise<SignalAnswer> {
    return this.#steps.signal(task, signal);
  }

  /** Resolves when no step is being written. */
  idle(): Promise<void> {
    return this.#batch.idle();
  }
}
