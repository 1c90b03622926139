import { COUNTED_TASKS, COUNT_READS, SEARCH_COUNT_MS, PAGE_TASKS } from '../../constants/limits';
import { matchingOptions, searchOptions } from '../../config/searchOptions';
import type { MatchingOptions, SearchOptions } from '../../config/optionTypes';
import { resolveOptions } from '../../modules/options/resolveOptions';
import type { Bulk, BulkCount } from '../../modules/ports/bulk';
import type { QueueLook } from '../../modules/ports/queueLook';
import { isNamed, isPattern } from '../../modules/ports/queuePatterns';
import { parseSearch } from '../../modules/search/parseSearch';
import { searchPlan } from '../../modules/search/searchPlan';
import type { CountedPhase } from '../../modules/search/searchPlan';
import type { SearchTerm } from '../../modules/search/searchTerm';
import { slowSentences } from '../../modules/search/searchView';
import type { SearchPage } from '../../modules/search/searchView';
import { suggestions } from '../../modules/search/suggestions';
import type { KnownValues, Suggestion } from '../../modules/search/suggestions';
import type { Task } from '../../modules/task/task';
import { viewTask } from '../../modules/task/taskView';
import { mapInTurns } from '../../modules/time/inTurns';
import { chunksOf } from '../../modules/values/chunksOf';
import { Searcher } from './searcher';
import type { SearcherParts } from './searcher';

/** Tasks up to which nothing is counted by an index of each queue, and queues that are counted at once. */
const FEW = 200;
const COUNTED_AT_ONCE = 20;

/** Newest tasks whose names and tags are suggested. */
const SUGGESTED_OF = 200;

/** The parts of Searches. */
export interface SearchesParts extends SearcherParts {
  readonly looks: Pick<QueueLook, 'names'>;
  readonly bulk: Pick<Bulk, 'count'>;
}

/** Searches as users ask for them: by text. */
export class Searches {
  readonly searcher: Searcher;
  readonly #parts: SearchesParts;

  constructor(parts: SearchesParts) {
    this.#parts = parts;
    this.searcher = new Searcher(parts);
  }

  /** @throws HOLDFAST_SEARCH_INVALID, HOLDFAST_OPTION_… or the error of the store. */
  async search(text: string, given?: Partial<SearchOptions>): Promise<SearchPage> {
    const { limit, after, within } = resolveOptions(searchOptions, given, 'search');
    const found = await this.searcher.page({ terms: parseSearch(text).terms, limit, after, within });
    const { next, looked, isComplete, slow } = found;
    const tasks = await mapInTurns(found.tasks, (task) => viewTask(task), this.#parts.clock);
    return { tasks, next, looked, isComplete, slow: slowSentences(slow, looked) };
  }

  /** @throws as `search`. */
  async count(text: string, given?: Partial<MatchingOptions>): Promise<BulkCount> {
    const { within } = resolveOptions(matchingOptions, given, 'count');
    return this.countOf(parseSearch(text).terms, within);
  }

  /**
   * Counts the tasks of a search, up to a bound and for a bounded time.
   *
   * @throws the error of the store.
   */
  async countOf(terms: readonly SearchTerm[], within?: readonly string[], nowMs?: number): Promise<BulkCount> {
    const { clock, storeNow } = this.#parts;
    const startedAt = clock.monotonic();
    const plan = searchPlan(terms, within);
    const request = { terms, within, limit: plan.counted ? FEW : PAGE_TASKS, isHead: true, nowMs: nowMs ?? (await storeNow()) };
    let [count, looked] = [0, 0];
    for (let after: string | undefined; ;) {
      const page = await this.searcher.page({ ...request, after });
      count += page.tasks.length;
      looked += page.looked;
      if (page.next === null) return counted(count, true);
      // More than a page is counted by the index alone where it has all that is asked for.
      const whole = plan.counted && (await this.#countByIndex(plan.counted, startedAt));
      if (whole) return whole;
      const isEnough = count > COUNTED_TASKS || looked - count >= COUNT_READS || clock.monotonic() - startedAt > SEARCH_COUNT_MS;
      if (isEnough) return counted(count, false);
      after = page.next;
    }
  }

  async #countByIndex({ queues, states }: CountedPhase, startedAt: number): Promise<BulkCount> {
    const { bulk, looks, clock } = this.#parts;
    const names = queues.some(isPattern) ? (await looks.names()).filter((queue) => isNamed(queues, queue)) : queues;
    let count = 0;
    for (const some of chunksOf([...names], COUNTED_AT_ONCE)) {
      const found = await Promise.all(some.map((queue) => bulk.count({ queue, states }, COUNTED_TASKS)));
      count += found.reduce((total, one) => total + one.count + Number(!one.isExact), 0);
      if (count > COUNTED_TASKS || clock.monotonic() - startedAt > SEARCH_COUNT_MS) return counted(count, false);
    }
    return counted(count, true);
  }

  /** @throws the error of the store. */
  async suggest(text: string, at?: number): Promise<Suggestion[]> {
    const [queues, { tasks }] = await Promise.all([this.#parts.looks.names(), this.searcher.page({ terms: [], limit: SUGGESTED_OF, isHead: true })]);
    return suggestions(text, at, { ...knownOf(tasks), queue: queues });
  }
}

const counted = (count: number, isExact: boolean): BulkCount => ({
  count: Math.min(count, COUNTED_TASKS),
  isExact: isExact && count <= COUNTED_TASKS,
});

function knownOf(tasks: readonly Task[]): KnownValues {
  const one = (values: readonly string[]): string[] => [...new Set(values)];
  return {
    name: one(tasks.map(({ name }) => name)),
    tag: one(tasks.flatMap(({ settings }) => settings.tags ?? [])),
    worker: one(tasks.flatMap(({ lease }) => lease?.workerId ?? [])),
  };
}
