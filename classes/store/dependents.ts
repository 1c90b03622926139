import type { Call } from '../async/currentCall';
import { HoldfastError } from '../../modules/errors/holdfastError';

/** Something that runs on a store and must stop before the store closes. */
export interface Dependent {
  stop(): Promise<unknown>;
  /** Resolves when nothing runs but handlers that wait for the end of it. */
  readonly othersStopped?: Promise<void>;
  /** Tells whether it runs this call of a handler. */
  isRunning?(call: Call): boolean;
}

/** Everything that runs on a store in this process. Workers and hubs stop first, then what they share. */
export class Dependents {
  readonly #attached = new Set<Dependent>();
  readonly #shared = new Map<unknown, Dependent>();
  #isClosing = false;

  /**
   * Registers a dependent to be stopped when the store closes.
   *
   * @throws HOLDFAST_STORE_CLOSED
   */
  attach(dependent: Dependent): void {
    if (this.#isClosing) throw new HoldfastError('HOLDFAST_STORE_CLOSED');
    this.#attached.add(dependent);
  }

  detach(dependent: Dependent): void {
    this.#attached.delete(dependent);
  }

  /** Returns the shared instance of a class on this store. The first call creates it. */
  share<Kind extends Dependent>(kind: new (...given: never[]) => Kind, make: () => Kind): Kind {
    const shared = (this.#shared.get(kind) as Kind | undefined) ?? make();
    this.#shared.set(kind, shared);
    return shared;
  }

  /** Tells whether one of them runs this call of a handler. */
  isRunning(call: Call): boolean {
    return [...this.#attached].some((dependent) => dependent.isRunning?.(call) === true);
  }

  /** Stops all dependents. New ones are refused from now on. */
  stop(): { readonly all: Promise<void>; readonly others: Promise<unknown> } {
    this.#isClosing = true;
    const attached = [...this.#attached];
    const stopped = Promise.all(attached.map((dependent) => dependent.stop()));
    return { all: stopped.then(() => this.#stopShared()), others: Promise.all(attached.flatMap(({ othersStopped }) => othersStopped ?? [])) };
  }

  async #stopShared(): Promise<void> {
    await Promise.all([...this.#shared.values()].map((dependent) => dependent.stop()));
  }
}
