import { Condition } from '../async/condition';

/**
 * Lets one suspect at a time run with nothing beside it in this process, from its start until its outcome is written (docs/decisions/0001).
 *
 * Running tasks end first, and no other starts while the suspect runs. Each task that enters also leaves.
 */
export class Solitude {
  #beside = 0;
  #wanting = 0;
  #occupied = false;
  readonly #changes = new Condition();

  /** Whether a suspect runs or is about to. */
  get isWanted(): boolean {
    return this.#wanting > 0;
  }

  /** Whether nothing runs at all. */
  get isEmpty(): boolean {
    return this.#beside === 0 && this.#wanting === 0;
  }

  /** Resolves when the next task leaves. */
  change(): Promise<void> {
    return this.#changes.next();
  }

  /** Enters a number of tasks beside others. Returns false while a suspect runs. */
  enter(count = 1): boolean {
    if (this.#occupied) return false;
    this.#beside += count;
    return true;
  }

  /** Enters a number of tasks beside others as soon as no suspect runs. */
  async entered(count = 1): Promise<void> {
    while (!this.enter(count)) await this.change();
  }

  /** Enters a suspect as soon as nothing runs. */
  async enteredAlone(): Promise<void> {
    this.#wanting += 1;
    while (this.#occupied || this.#beside > 0) await this.change();
    this.#occupied = true;
  }

  /** Leaves: the suspect if it runs, else one of the tasks beside each other. */
  leave(): void {
    if (this.#occupied) {
      this.#occupied = false;
      this.#wanting -= 1;
    } else {
      this.#beside -= 1;
    }
    this.#changes.tell();
  }
}
