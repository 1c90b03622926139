import { SECOND } from '../../constants/limits';
import type { TaskDocument } from '../../modules/mongo/taskFields';

/** Most claims, and most tasks, that one find serves. */
const CLAIMS = 8;
const TASKS = 200;

/** Maximum age of kept results. A better task of another process may wait behind them for as long. */
const FRESH_MS = 20;

/** Time after the find from which a task is due too late to come before a kept one while that is fresh, however the clocks differ. */
const LATER_MS = SECOND;

/** The part of a queue that a find has covered. */
export interface FindScope {
  readonly depth: number;
  /** Its priorities are better than this one. */
  readonly end: number;
  /** The earliest bound of the time of the store when it began. */
  readonly nowMs: number;
  /** It has passed over nothing that waits and is due. */
  readonly isExact: boolean;
}

/** Tasks that a find has fetched for the next claims: a find for ten tasks costs the server as much as their claim. */
export class Lookahead {
  #scope: FindScope | undefined;
  #documents: readonly TaskDocument[] = [];
  #foundAt = -Infinity;
  /** Claims that the next find serves: twice as many where all was used, else as many as were served. */
  #claims = 1;
  #served = 1;
  #limit = 0;

  /** Returns how many tasks to find for a claim: only its own where the last find is long ago. */
  sizeFor(limit: number, now: number): number {
    if (!this.#isFresh(now)) return limit;
    return Math.max(limit, Math.min(limit * this.#claims, TASKS));
  }

  /** Keeps the tasks of a find that its own claim does not take. */
  keep(scope: FindScope, documents: readonly TaskDocument[], limit: number, beganAt: number): void {
    this.#scope = scope;
    this.#documents = documents;
    this.#limit = limit;
    this.#foundAt = beganAt;
    this.#served = 1;
  }

  /** Returns the next tasks and the part of the queue that their find covered, if there are enough and they are fresh. */
  take(limit: number, now: number): { readonly scope: FindScope; readonly documents: TaskDocument[] } | undefined {
    if (!this.#scope || this.#documents.length < limit || !this.#isFresh(now)) return undefined;
    const documents = this.#documents.slice(0, limit);
    this.#documents = this.#documents.slice(limit);
    this.#limit = limit;
    this.#served += 1;
    return { scope: this.#scope, documents };
  }

  /** Forgets the tasks if another one that came in belongs before one of them. */
  cameIn(priority: number, availableMs: number): void {
    const last = this.#documents.at(-1);
    if (!last || !this.#scope || availableMs > this.#scope.nowMs + LATER_MS) return;
    if (priority < last.priority || (priority === last.priority && availableMs < last.availableAt.getTime())) this.drop();
  }

  /** Forgets the tasks. If some were not used, the next find fetches fewer. */
  drop(): void {
    if (!this.#scope) return;
    this.#claims = this.#documents.length < this.#limit ? Math.min(CLAIMS, 2 * this.#claims) : this.#served;
    this.#documents = [];
    this.#scope = undefined;
  }

  #isFresh(now: number): boolean {
    return now - this.#foundAt <= FRESH_MS;
  }
}
