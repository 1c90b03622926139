import { SECOND } from '../../constants/limits';
import type { TaskDocument } from '../../modules/mongo/taskFields';

/** How much is found at once at most: for so many claims, and so many tasks. */
const CLAIMS = 8;
const TASKS = 200;

/** How old it may get. So long a better task of another process may wait behind it. */
const FRESH_MS = 20;

/** What is due so long after the find does not come before anything of it while it is fresh, however the clocks differ. */
const LATER_MS = SECOND;

/** What a find has looked at. */
export interface Look {
  readonly depth: number;
  /** Only priorities better than this one. */
  readonly end: number;
  /** The earliest that the store's clock showed when it began. */
  readonly nowMs: number;
  /** It passes over nothing that waits and is due. */
  readonly isExact: boolean;
}

/** What was found ahead of a claim for the ones that follow soon: a find for ten tasks costs the server as much as the claim of them. */
export class Lookahead {
  #look: Look | undefined;
  #documents: readonly TaskDocument[] = [];
  #foundAt = -Infinity;
  /** For how many claims to find next: twice as many where all was used, as many as were served where some was not. */
  #claims = 1;
  #served = 1;
  #limit = 0;

  /** How many tasks to find for a claim of so many: only the wanted ones where the last find is long ago. */
  sizeFor(limit: number, now: number): number {
    if (!this.#isFresh(now)) return limit;
    return Math.max(limit, Math.min(limit * this.#claims, TASKS));
  }

  /** Keeps what a find that began then has brought besides what its claim of so many takes. */
  keep(look: Look, documents: readonly TaskDocument[], limit: number, beganAt: number): void {
    this.#look = look;
    this.#documents = documents;
    this.#limit = limit;
    this.#foundAt = beganAt;
    this.#served = 1;
  }

  /** Returns the next tasks, if there are enough and they are fresh, and the find that has brought them. */
  take(limit: number, now: number): { readonly look: Look; readonly documents: TaskDocument[] } | undefined {
    if (!this.#look || this.#documents.length < limit || !this.#isFresh(now)) return undefined;
    const documents = this.#documents.slice(0, limit);
    this.#documents = this.#documents.slice(limit);
    this.#limit = limit;
    this.#served += 1;
    return { look: this.#look, documents };
  }

  /** Forgets all where a task came in that belongs before some of it. */
  cameIn(priority: number, availableMs: number): void {
    const last = this.#documents.at(-1);
    if (!last || !this.#look || availableMs > this.#look.nowMs + LATER_MS) return;
    if (priority < last.priority || (priority === last.priority && availableMs < last.availableAt.getTime())) this.drop();
  }

  /** Forgets all, and learns from what was not used. */
  drop(): void {
    if (!this.#look) return;
    this.#claims = this.#documents.length < this.#limit ? Math.min(CLAIMS, 2 * this.#claims) : this.#served;
    this.#documents = [];
    this.#look = undefined;
  }

  #isFresh(now: number): boolean {
    return now - this.#foundAt <= FRESH_MS;
  }
}
