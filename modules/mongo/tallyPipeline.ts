import type { mongo } from 'mongoose';
import { PRIORITIES } from '../../constants/limits';
import { PLAIN_STATES, TALLY_KEYS } from '../ports/queueTally';
import type { TallyKey } from '../ports/queueTally';
import { countFilter } from './bulkFilters';
import { dueTimesStages } from './nextDuePipeline';
import type { TaskDocument } from './taskFields';

/** A queue to count, by the name that it has in the store, and how far. */
export interface AskedTally {
  readonly queue: string;
  readonly most: number;
}

/** What the store tells of one kind of tasks, or of the due times, of the asked queue at this place. */
export interface TallyRow {
  readonly place: number;
  readonly key: TallyKey | 'dueAt';
  readonly count?: number;
  readonly dueAt?: Date;
}

/** What was counted of a queue. */
export interface FoundTally {
  readonly counts: Readonly<Record<TallyKey, number>>;
  readonly nextDue: Date | null;
}

/**
 * Makes one command that counts queues, each kind of tasks up to its bound and one more, and finds the earliest due time of each.
 *
 * Each part has an index that serves it alone. Eight queues a command: 100 queues of 20,000 tasks took 170 ms, of which the process spent 20, against 310
 * and 110 by a command each.
 */
export function tallyPipeline(asked: readonly AskedTally[], now: Date, collection: string): object[] {
  const [first, ...others] = asked.flatMap(({ queue, most }, place) => [dueAt(queue, place), ...countsOf(queue, most, now, place)]);
  return [...(first ?? []), ...others.map((pipeline) => ({ $unionWith: { coll: collection, pipeline } }))];
}

/** Reads the rows of the command, for each of so many queues. */
export function talliesOf(rows: readonly TallyRow[], queues: number): FoundTally[] {
  const found = Array.from({ length: queues }, () => new Map<TallyRow['key'], TallyRow>());
  for (const row of rows) found[row.place]?.set(row.key, row);
  return found.map((byKey) => ({
    counts: Object.fromEntries(TALLY_KEYS.map((key) => [key, byKey.get(key)?.count ?? 0])) as Record<TallyKey, number>,
    nextDue: byKey.get('dueAt')?.dueAt ?? null,
  }));
}

const dueAt = (queue: string, place: number): object[] => [
  ...dueTimesStages({ match: { queue }, each: 'priority' }),
  { $group: { _id: null, dueAt: { $min: '$availableAt' } } },
  { $set: { key: 'dueAt', place } },
];

function countsOf(queue: string, most: number, now: Date, place: number): object[][] {
  const waiting = { queue, state: 'waiting', priority: { $in: PRIORITIES } } as const;
  const filters: readonly (readonly [TallyKey, mongo.Filter<TaskDocument>])[] = [
    ['due', { ...waiting, availableAt: { $lte: now } }],
    ['delayed', { ...waiting, availableAt: { $gt: now } }],
    ...PLAIN_STATES.map((key) => [key, countFilter(queue, key)] as const),
  ];
  return filters.map(([key, filter]) => [{ $match: filter }, { $limit: most + 1 }, { $count: 'count' }, { $set: { key, place } }]);
}
