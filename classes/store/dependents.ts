import { HoldfastError } from '../../modules/errors/holdfastError';

/** A thing that lives on a store and ends before the store does. */
export interface Dependent {
  stop(): Promise<unknown>;
}

/** All that lives on a store in this process: first the workers and hubs end, then the things that they share. */
export class Dependents {
  readonly #attached = new Set<Dependent>();
  readonly #shared = new Map<unknown, Dependent>();
  #isClosing = false;

  /**
   * Has the end of the store stop something first.
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

  /** Returns the one thing of a kind on this store; the first that asks makes it. */
  share<Kind extends Dependent>(kind: new (...given: never[]) => Kind, make: () => Kind): Kind {
    const shared = (this.#shared.get(kind) as Kind | undefined) ?? make();
    this.#shared.set(kind, shared);
    return shared;
  }

  /** Stops all of them; nothing is attached any more. */
  async stop(): Promise<void> {
    this.#isClosing = true;
    await Promise.all([...this.#attached].map((dependent) => dependent.stop()));
    await Promise.all([...this.#shared.values()].map((dependent) => dependent.stop()));
  }
}
