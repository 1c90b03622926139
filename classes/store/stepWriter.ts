import { BATCH_TASKS, COMMAND_BYTES } from '../../constants/limits';
import type { Signal, SignalAnswer, SignalRequest, Step, StepStore, StepWrite } from '../../modules/ports/stepStore';
import type { TaskKey } from '../../modules/ports/taskStore';
import { asMicrotask } from '../../modules/time/clock';
import { textBytes } from '../../modules/values/textBytes';
import { Batch } from '../async/batch';

/** The bytes of a step in a write, beside its texts. */
const FRAME_BYTES = 500;

/** Writes the steps of the tasks of a process in batches. */
export class StepWriter {
  readonly #steps: StepStore;
  readonly #batch: Batch<StepWrite, boolean>;

  constructor(steps: StepStore) {
    this.#steps = steps;
    const weigh = ({ step }: StepWrite): number => FRAME_BYTES + textBytes(step.name) + textBytes(step.value);
    this.#batch = new Batch((writes) => steps.record(writes), asMicrotask, BATCH_TASKS, 1, { most: COMMAND_BYTES, weigh });
  }

  /** Returns the steps of a task in their order. @throws the error of the store. */
  read(task: TaskKey): Promise<Step[]> {
    return this.#steps.read(task);
  }

  /** Writes a step. Returns false if its lease has ended. @throws the error of the store. */
  record(write: StepWrite): Promise<boolean> {
    return this.#batch.push(write);
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
