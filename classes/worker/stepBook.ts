import { STEPS_A_TASK, STEPS_BYTES } from '../../constants/limits';
import { HoldfastError } from '../../modules/errors/holdfastError';
import type { Step, StepKind } from '../../modules/ports/stepStore';

/** What a handler calls: a step, a sleep or a wait for a signal. */
export type StepUse = 'step' | 'sleep' | 'signal';

const USE_OF: Readonly<Record<StepKind, StepUse>> = { step: 'step', sleep: 'sleep', wait: 'signal', signal: 'signal', timeout: 'signal' };

/**
 * The steps of one attempt: those that earlier attempts have recorded, and the names that this one has used.
 *
 * Only the holder of a lease writes steps, so this book knows all of them, and counts them without asking the store.
 */
export class StepBook {
  /** Recorded steps by name. Only waits for a signal have several of one name. */
  readonly #recorded = new Map<string, Step[]>();
  /** The uses of names in this attempt. */
  readonly #used = new Map<string, { readonly use: StepUse; count: number }>();
  #next = 0;
  #count = 0;
  #bytes = 0;

  /** Enters what earlier attempts have recorded. */
  enter(steps: readonly Step[]): void {
    for (const step of steps) {
      this.#next = Math.max(this.#next, step.at + 1);
      this.#count += 1;
      this.#bytes += bytesOf(step.name, step.value);
      const alike = this.#recorded.get(step.name);
      if (alike) alike.push(step);
      else this.#recorded.set(step.name, [step]);
    }
  }

  /**
   * Notes that the handler uses a name. Returns how often it has done so before.
   *
   * @throws HOLDFAST_STEP_REPEATED
   */
  use(use: StepUse, name: string): number {
    const before = this.#used.get(name);
    if (before && (use !== 'signal' || before.use !== use))
      throw new HoldfastError('HOLDFAST_STEP_REPEATED', { field: name, expected: 'used once in an attempt' });
    if (!before) this.#used.set(name, { use, count: 1 });
    return before ? before.count++ : 0;
  }

  /**
   * Returns what an earlier attempt recorded for a use of a name.
   *
   * @throws HOLDFAST_STEP_CHANGED
   */
  find(use: StepUse, name: string, turn: number): Step | undefined {
    const [first, ...others] = this.#recorded.get(name) ?? [];
    const was = first && USE_OF[first.kind];
    if (was !== undefined && was !== use) throw new HoldfastError('HOLDFAST_STEP_CHANGED', { field: name, expected: `a ${was}`, got: `a ${use}` });
    return turn === 0 ? first : others[turn - 1];
  }

  /**
   * Returns the number of a new step.
   *
   * @throws HOLDFAST_STEPS_FULL
   */
  open(name: string): number {
    if (this.#count >= STEPS_A_TASK) throw full(name, `one of at most ${STEPS_A_TASK} steps of the task`);
    this.checkRoom(name);
    this.#count += 1;
    return this.#next++;
  }

  /**
   * Refuses one more step where the texts of the others fill the task.
   *
   * @throws HOLDFAST_STEPS_FULL
   */
  checkRoom(name: string): void {
    if (this.#bytes >= STEPS_BYTES) throw tooManyBytes(name);
  }

  /** Counts the text of a signal that was taken. It is recorded, so it is not refused: the last one may exceed the limit. */
  note(name: string, value: string | null): void {
    this.#bytes += bytesOf(name, value);
  }

  /**
   * Counts the text of a step before it is written.
   *
   * @throws HOLDFAST_STEPS_FULL
   */
  spend(name: string, value: string | null): void {
    const bytes = bytesOf(name, value);
    if (this.#bytes + bytes > STEPS_BYTES) throw tooManyBytes(name);
    this.#bytes += bytes;
  }
}

const bytesOf = (name: string, value: string | null): number => Buffer.byteLength(name) + (value === null ? 0 : Buffer.byteLength(value));

const full = (field: string, expected: string): HoldfastError => new HoldfastError('HOLDFAST_STEPS_FULL', { field, expected });

const tooManyBytes = (name: string): HoldfastError => full(name, `at most ${STEPS_BYTES} bytes of results in the task`);
