import { ANSWER_BYTES, LISTED_READS, SEARCH_MS } from '../../constants/limits';
import { TASK_STATES } from '../../constants/states';
import type { LookRequest, TaskSearch } from '../../modules/ports/taskSearch';
import { matchesSearch } from '../../modules/search/matchesSearch';
import { searchCursor, searchPlace } from '../../modules/search/searchCursor';
import type { SearchPlace } from '../../modules/search/searchCursor';
import { searchPlan } from '../../modules/search/searchPlan';
import type { SearchPhase, SearchPlan } from '../../modules/search/searchPlan';
import type { SearchTerm } from '../../modules/search/searchTerm';
import type { Task } from '../../modules/task/task';
import type { Clock } from '../../modules/time/clock';

/** Tasks that are read at once to be tested. */
const READ_TASKS = 500;

/** What is searched for, and how much of it is wanted. */
export interface SearchRequest {
  readonly terms: readonly SearchTerm[];
  /** The queues to which the search is bound; all if left out. */
  readonly within?: readonly string[] | undefined;
  readonly limit: number;
  readonly after?: string | undefined;
  /** The time of the store from which ages are counted; by default now. */
  readonly nowMs?: number;
  /** True if only the heads of the tasks are wanted. */
  readonly isHead?: boolean;
}

/** What a search has found. */
export interface Found {
  readonly tasks: readonly Task[];
  readonly next: string | null;
  readonly looked: number;
  readonly isComplete: boolean;
  /** The labels of the terms that no index serves. */
  readonly slow: readonly string[];
}

/** The parts of a Searcher. */
export interface SearcherParts {
  readonly search: TaskSearch;
  readonly storeNow: () => Promise<number>;
  readonly clock: Clock;
}

/** A task of a page, and the phase of the search in which it was found. */
interface Entry {
  readonly task: Task;
  readonly phase: number;
}

/** The state of one page while it is filled. */
interface Filling {
  readonly entries: Entry[];
  place: SearchPlace | null;
  looked: number;
  bytes: number;
}

/** Finds tasks by the terms of a search: the store looks at tasks by an index, and what it cannot tell is tested here, a bounded number for each page. */
export class Searcher {
  readonly #parts: SearcherParts;

  constructor(parts: SearcherParts) {
    this.#parts = parts;
  }

  /**
   * Returns one page.
   *
   * @throws the error of the store.
   */
  async page(request: SearchRequest): Promise<Found> {
    const { terms, within, limit } = request;
    const plan = searchPlan(terms, within);
    const nowMs = request.nowMs ?? (await this.#parts.storeNow());
    const filling: Filling = { entries: [], place: searchPlace(request.after), looked: 0, bytes: 0 };
    const startedAt = this.#parts.clock.monotonic();
    while (filling.place && filling.entries.length < limit && !this.#isEnough(filling, startedAt)) {
      const { phase } = filling.place;
      await this.#lookOn(plan, filling, request, nowMs);
      // What an index has led to is answered at once, and not held up by what none does.
      if (filling.place?.phase !== phase && filling.entries.length > 0) break;
    }
    const isComplete = filling.place === null || filling.entries.length >= limit;
    const isRead = request.isHead === true || plan.isWhole || plan.tested.length === 0;
    const tasks = isRead ? filling.entries.map(({ task }) => task) : await this.#read(filling, terms, nowMs);
    const { place, looked } = filling;
    return { tasks, next: place && searchCursor(place), looked, isComplete, slow: plan.slow };
  }

  #isEnough({ looked, bytes }: Filling, startedAt: number): boolean {
    return looked >= LISTED_READS || bytes >= ANSWER_BYTES || (looked > 0 && this.#parts.clock.monotonic() - startedAt > SEARCH_MS);
  }

  /** Looks at the next tasks, and keeps those for which all terms hold, down to the limit. */
  async #lookOn(plan: SearchPlan, filling: Filling, { limit, isHead = false }: SearchRequest, nowMs: number): Promise<void> {
    const { phase: at, after } = filling.place as SearchPlace;
    const phase = plan.phases[at];
    if (!phase) return void (filling.place = null);
    const left = limit - filling.entries.length;
    const isTested = plan.tested.length > 0;
    const looked = await this.#parts.search.look({
      ...phase,
      ...(after === undefined ? {} : { after }),
      limit: isTested ? Math.min(READ_TASKS, LISTED_READS - filling.looked) : left,
      ...(isHead ? (plan.isWhole ? {} : HEAD) : isTested && !plan.isWhole ? HEAD : {}),
    });
    const found = looked.tasks.filter((task) => matchesSearch(task, plan.tested, nowMs));
    filling.entries.push(...found.slice(0, left).map((task) => ({ task, phase: at })));
    filling.looked += looked.looked;
    filling.bytes += looked.tasks.reduce((total, task) => total + bytesOf(task), 0);
    filling.place = found.length > left ? { phase: at, after: found[left - 1]?.id ?? '' } : nextPlace(plan.phases, at, looked.next);
  }

  /** Reads the tasks of which only the heads are known, down to the bound of an answer. One that has changed so that a term holds no more is left out. */
  async #read(filling: Filling, terms: readonly SearchTerm[], nowMs: number): Promise<Task[]> {
    const { entries } = filling;
    const tasks: Task[] = [];
    let [at, most, bytes] = [0, ANSWERED_TASKS, 0];
    while (at < entries.length && bytes < ANSWER_BYTES) {
      const some = entries.slice(at, at + most).map(({ task }) => task);
      const { tasks: read, next } = await this.#parts.search.look(lookByIds(some));
      most = next === null ? most : Math.ceil(some.length / 4);
      // An answer that was cut says nothing about the rest: it is asked for in smaller parts.
      if (next !== null && some.length > 1) continue;
      const known = new Map(read.map((task) => [task.id, task] as const));
      tasks.push(...some.flatMap(({ id }) => known.get(id) ?? []).filter((task) => matchesSearch(task, terms, nowMs)));
      bytes += read.reduce((total, task) => total + bytesOf(task), 0);
      at += some.length;
    }
    const last = entries[at - 1];
    if (last && at < entries.length) filling.place = { phase: last.phase, after: last.task.id };
    return tasks;
  }
}

/** Tasks of a page that are read at once. */
const ANSWERED_TASKS = 250;

const lookByIds = (tasks: readonly Task[]): LookRequest => ({
  queues: [...new Set(tasks.map(({ queue }) => queue))],
  states: TASK_STATES,
  ids: tasks.map(({ id }) => id),
  limit: tasks.length,
});

const HEAD = { part: 'head' } as const;

/** The place after a look: in the same phase, or at the beginning of the next one. */
function nextPlace(phases: readonly SearchPhase[], phase: number, next: string | null): SearchPlace | null {
  if (next !== null) return { phase, after: next };
  return phase + 1 < phases.length ? { phase: phase + 1 } : null;
}

const bytesOf = ({ payload = '', result, history, error }: Partial<Task>): number =>
  payload.length + (result?.length ?? 0) + (history?.length ?? 0) + (error?.stack?.length ?? 0);
