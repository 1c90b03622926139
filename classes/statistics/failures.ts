import { failuresOptions } from '../../config/observeOptions';
import type { FailuresOptions } from '../../config/optionTypes';
import { resolveOptions } from '../../modules/options/resolveOptions';
import { allRecords } from '../../modules/ports/recordPages';
import type { RecordStore } from '../../modules/ports/recordStore';
import { viewFailures } from '../../modules/statistics/failureView';
import type { FailureGroup, SeenQueues } from '../../modules/statistics/failureView';

/** Most records that a listing reads. */
const MOST_READ = 10_000;

/**
 * The failures of a store by cause, as all its processes have counted them.
 *
 * Failures are of one group if they have the same error name and code, the same top frame in the user's own code, and the same message without its
 * numbers, ids, addresses and quoted parts. A group is kept for 90 days after its last failure.
 *
 * @example
 * for (const { group, count, message, names } of await store.failures.list()) console.log(group, count, message, names);
 */
export class Failures {
  readonly #records: Pick<RecordStore, 'list'>;

  /** Use `store.failures`. @internal */
  constructor(records: Pick<RecordStore, 'list'>) {
    this.#records = records;
  }

  /**
   * Returns groups, the one with the last failure first. The last ten seconds are not complete.
   *
   * @param options `queue` and `name` choose the groups that have failures of them; `limit` is the number of groups, by default 100.
   * @throws HOLDFAST_OPTION_UNKNOWN or HOLDFAST_OPTION_INVALID, or HOLDFAST_STORE_….
   * @example
   * const [last] = await store.failures.list({ queue: 'mail' });
   * const { tasks } = await mail.list({ states: ['dead'], failureGroup: last?.group ?? '' });
   */
  list(options?: Partial<FailuresOptions>): Promise<FailureGroup[]> {
    return this.listSeen(options, undefined);
  }

  /** Lists what a reader may see. @internal */
  async listSeen(options: Partial<FailuresOptions> | undefined, isSeen: SeenQueues): Promise<FailureGroup[]> {
    const { queue, name, limit } = resolveOptions(failuresOptions, options, 'failures');
    const isOf = (one: FailureGroup): boolean => one.names.some((each) => each.queue === (queue ?? each.queue) && each.name === (name ?? each.name));
    const groups = (await allRecords(this.#records, 'failure', MOST_READ)).flatMap((record) => viewFailures(record, isSeen) ?? []).filter(isOf);
    return groups.sort((a, b) => b.lastAt.getTime() - a.lastAt.getTime() || b.count - a.count).slice(0, limit);
  }
}
