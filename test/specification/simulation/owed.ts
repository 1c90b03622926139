import type { HandOver } from '../../../modules/ports/followUpStore';
import type { Change } from '../../../modules/task/change';
import { followUpsOf } from '../../../modules/task/followUps';

/** The answer to a hand-over. */
export type HandedOver = readonly (readonly boolean[] | null)[];

/** The follow-ups of all successes that were recorded: each is to be added once, and no other is. */
export class Owed {
  readonly #owed = new Set<string>();
  readonly #added = new Set<string>();

  /** A change was written. */
  note({ followUps }: Change): void {
    if (followUps !== undefined) for (const { id } of followUpsOf(followUps)) this.#owed.add(id);
  }

  /** Follow-ups were handed over. Returns what is wrong with that. */
  noteHandedOver(handOvers: readonly HandOver[], answer: HandedOver): string[] {
    const ids = handOvers.flatMap(({ followUps }, at) => followUps.filter((_, index) => answer[at]?.[index]).map(({ id }) => id));
    return ids.flatMap((id) => {
      const fault = !this.#owed.has(id) ? 'a follow-up was added to no success' : this.#added.has(id) ? 'a follow-up was added twice' : undefined;
      this.#added.add(id);
      return fault ?? [];
    });
  }

  /** What is wrong in the end. */
  get faults(): string[] {
    return [...this.#owed].every((id) => this.#added.has(id)) ? [] : ['a follow-up was not added although the success of its task is recorded'];
  }
}
