import type { TaskDocument } from '../modules/mongoSchema';
import type { Look } from './claimLine';

/** How much is found at once for claims to come: so many claims, at most so many tasks. */
const CLAIMS = 8;
const TASKS = 200;

/** How old it may get. So long a better task of another process may wait behind it. */
const FRESH_MS = 20;

/** What was found ahead of a claim for the ones that follow soon: a find for ten tasks costs the server as much as the claim of them. */
export class Lookahead {
  #look: Look | undefined;
  #documents: readonly TaskDocument[] = [];
  #foundAt = -Infinity;

  /** How many tasks to find for a claim of so many: only the wanted ones where the last find is long ago. */
  sizeFor(limit: number, now: number): number {
    return now - this.#foundAt <= FRESH_MS ? Math.max(limit, Math.min(limit * CLAIMS, TASKS)) : limit;
  }

  /** Keeps what a find has brought besides what was wanted. */
  keep(look: Look, documents: readonly TaskDocument[], now: number): void {
    this.#look = look;
    this.#documents = documents;
    this.#foundAt = now;
  }

  /** Returns the next tasks, if there are enough and they are fresh, and the find that has brought them. */
  take(limit: number, now: number): { readonly look: Look; readonly documents: readonly TaskDocument[] } | undefined {
    if (!this.#look || this.#documents.length < limit || now - this.#foundAt > FRESH_MS) return undefined;
    const documents = this.#documents.slice(0, limit);
    this.#documents = this.#documents.slice(limit);
    return { look: this.#look, documents };
  }

  /** Forgets all where a task came in that belongs before some of it. */
  cameIn(priority: number, availableMs: number): void {
    const last = this.#documents.at(-1);
    if (!last || priority > last.priority) return;
    if (priority < last.priority || availableMs < last.availableAt.getTime()) this.drop();
  }

  /** Forgets all. */
  drop(): void {
    this.#documents = [];
  }
}
