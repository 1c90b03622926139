import { LOWEST_PRIORITY } from '../../constants/limits';
import { FINISHED_STATES } from '../../constants/states';
import { isPattern, prefixOf } from '../ports/queuePatterns';

/** The partial indexes of waiting tasks: those that are no suspects, and those that are. */
const PARTS = [
  { index: 'holdfast_tasks_claim', suspect: 0 },
  { index: 'holdfast_tasks_suspect', suspect: 1 },
] as const;

const PRIORITIES = JSON.stringify(Array.from({ length: LOWEST_PRIORITY + 1 }, (_, priority) => priority));

/** Names between which all names of a pattern lie. No name holds the last character of Unicode. */
export const rangeOfPattern = (pattern: string): readonly [string, string] => [prefixOf(pattern), `${prefixOf(pattern)}\u{10ffff}`];

/** The names and the ranges of a list of queues, as the parameters of the statements: two JSON arrays. */
export const scopeParameters = (queues: readonly string[]): readonly [names: string, ranges: string] => [
  JSON.stringify(queues.filter((queue) => !isPattern(queue))),
  JSON.stringify(queues.filter(isPattern).map(rangeOfPattern)),
];

/** Waiting tasks of a part of the index, each a key of it. */
const waiting = ({ index, suspect }: (typeof PARTS)[number], more: string): string =>
  `FROM holdfast_tasks INDEXED BY ${index} WHERE state = 'waiting' AND suspect = ${suspect} AND ${more}`;

/** The queues of the scope in which something waits. For a pattern it goes from one name to the next, without reading the keys between. */
const present = (part: (typeof PARTS)[number]): string => `
  SELECT value AS queue FROM json_each(?1) WHERE EXISTS (SELECT 1 ${waiting(part, 'queue = value')})
  UNION
  SELECT queue FROM (
    WITH RECURSIVE seen (queue, until) AS (
      SELECT (SELECT MIN(queue) ${waiting(part, 'queue >= value ->> 0 AND queue < value ->> 1')}), value ->> 1 FROM json_each(?2)
      UNION ALL
      SELECT (SELECT MIN(holdfast_tasks.queue) ${waiting(part, 'holdfast_tasks.queue > seen.queue AND holdfast_tasks.queue < seen.until')}), until FROM seen
        WHERE seen.queue IS NOT NULL
    ) SELECT queue FROM seen WHERE queue IS NOT NULL)`;

/** With queue and priority given, the index leads to the first task by one seek. */
const perPriority = (part: (typeof PARTS)[number], columns: string, more: string): string => `
  SELECT ${columns} FROM (${present(part)}) AS named CROSS JOIN json_each('${PRIORITIES}') AS level WHERE ${more}`;

/** Finds the queues with something due, each with the best priority of it. Parameters: names, ranges, now. */
export const DUE_STATEMENT = `SELECT queue, MIN(priority) AS priority FROM (${PARTS.map((part) =>
  perPriority(
    part,
    'named.queue AS queue, level.value AS priority',
    `EXISTS (SELECT 1 ${waiting(part, 'queue = named.queue AND priority = level.value AND available_at <= ?3')})`,
  ),
).join(' UNION ALL ')}) GROUP BY queue`;

/** Finds the queues in which something waits. Parameters: names, ranges. */
export const PRESENT_STATEMENT = PARTS.map(present).join(' UNION ');

/** The queues of a part of an index that begins with them, from one name to the next. */
const skipping = (part: string): string => `
  SELECT queue FROM (
    WITH RECURSIVE seen (queue) AS (
      SELECT MIN(queue) FROM holdfast_tasks ${part}
      UNION ALL
      SELECT (SELECT MIN(holdfast_tasks.queue) FROM holdfast_tasks ${part} AND holdfast_tasks.queue > seen.queue) FROM seen WHERE seen.queue IS NOT NULL
    ) SELECT queue FROM seen WHERE queue IS NOT NULL)`;

/** Finds the queues that have a task. Those that run are few, and are all read. */
export const NAMES_STATEMENT = [
  ...PARTS.map(({ index, suspect }) => skipping(`INDEXED BY ${index} WHERE state = 'waiting' AND suspect = ${suspect}`)),
  ...FINISHED_STATES.map((state) => skipping(`INDEXED BY holdfast_tasks_finished WHERE state = '${state}' AND finished_at IS NOT NULL`)),
  `SELECT queue FROM holdfast_tasks INDEXED BY holdfast_tasks_lease WHERE state = 'running'`,
].join(' UNION ');
