import type { Command } from 'commander';
import { scheduleNextOptions } from '../../config/cliOptions';
import { scheduleOptions } from '../../config/eventOptions';
import { nameOption } from '../../config/options';
import type { ShownSchedule } from '../../modules/cli/backend';
import { readFlags, resolveFlags } from '../../modules/cli/commandLine';
import { readPayload } from '../../modules/cli/readPayload';
import { safeCell } from '../../modules/cli/renderTable';
import type { Column } from '../../modules/cli/renderTable';
import { shownDuration, shownInstant } from '../../modules/cli/shownTime';
import { dateOf } from '../../modules/cli/taskFlags';
import { checkOptions } from '../../modules/options/checkOptions';
import { askFor } from './consent';
import { addExamples } from './examples';
import { addLeaf } from './leaf';
import type { Call, Leaf, OnEnd } from './leaf';

const ADD_FLAGS = [
  ...['queue', 'name', 'cron', 'everyMs', 'at', 'timeZone', 'startAt', 'endAt', 'jitterMs', 'overlap', 'misfire', 'misfireLimit', 'misfireAfterMs'],
] as const;

const DATES = ['at', 'startAt', 'endAt'];

/** Adds the group `schedule`. */
export function fillScheduleCommand(group: Command, onEnd: OnEnd): void {
  addExamples(group, 'holdfast schedule list');
  const words = { id: 'Id of the schedule.', payload: 'JSON: as text, as @file, or as - for the standard input; null if left out.' };
  const add = (leaf: Omit<Leaf, 'words'>): Command => addLeaf(group, { ...leaf, words }, onEnd);
  add({ usage: 'list', says: 'Lists the schedules.', examples: ['holdfast schedule list'], run: list });
  add({
    usage: 'add <id> [payload]',
    says: 'Stores a schedule, or changes the one with this id.',
    examples: [
      `holdfast schedule add nightly --queue reports --cron '0 2 * * *' --time-zone Europe/Berlin`,
      `holdfast schedule add cleaning '{"olderThanDays":30}' --queue cleaning --every-ms 3600000 --overlap skip`,
    ],
    flags: [[scheduleOptions, ADD_FLAGS]],
    run: put,
  });
  add({ usage: 'remove <id>', says: 'Removes a schedule; its tasks stay.', examples: ['holdfast schedule remove nightly --yes'], run: remove });
  add({ usage: 'run-now <id>', says: 'Adds a task of a schedule now.', examples: ['holdfast schedule run-now nightly'], run: runNow });
  add({ usage: 'pause <id>', says: 'Stops a schedule until it is resumed.', examples: ['holdfast schedule pause nightly'], run: pause });
  add({ usage: 'resume <id>', says: 'Ends the pause of a schedule.', examples: ['holdfast schedule resume nightly'], run: resume });
  add({
    usage: 'next <id>',
    says: 'Shows when a schedule fires next.',
    examples: ['holdfast schedule next nightly --count 5'],
    flags: [[scheduleNextOptions, ['count']]],
    run: next,
  });
}

async function list({ backend, output }: Call): Promise<void> {
  output.rows(await (await backend()).schedules(), scheduleColumns(Date.now()));
}

async function put({ words, flags, backend, output }: Call): Promise<void> {
  const id = idOf(words);
  const given = readFlags(scheduleOptions, ADD_FLAGS, flags);
  for (const name of DATES) if (typeof given[name] === 'string') given[name] = dateOf(given[name]);
  const payload = readPayload(words[1] as string | undefined);
  const schedule = await (await backend()).putSchedule(id, { ...given, payload });
  output.one(schedule, ({ nextAt }) => [
    `The schedule ${safeCell(id)} is stored${nextAt === null ? ', and never fires' : `; it fires next at ${nextAt}`}`,
  ]);
}

async function remove(call: Call): Promise<void> {
  const id = idOf(call.words);
  const backend = await call.backend();
  await askFor(`remove the schedule ${id}`, call);
  await backend.removeSchedule(id);
  call.output.one({ id, removed: true }, () => [`Removed the schedule ${safeCell(id)}`]);
}

async function runNow({ words, backend, output }: Call): Promise<void> {
  const id = idOf(words);
  output.one({ id, ...(await (await backend()).runSchedule(id)) }, ({ taskId }) => [taskId]);
}

async function pause({ words, backend, output }: Call): Promise<void> {
  const id = idOf(words);
  await (await backend()).pauseSchedule(id);
  output.one({ id, paused: true }, () => [`The schedule ${safeCell(id)} is paused`]);
}

async function resume({ words, backend, output }: Call): Promise<void> {
  const id = idOf(words);
  await (await backend()).resumeSchedule(id);
  output.one({ id, paused: false }, () => [`The schedule ${safeCell(id)} goes on`]);
}

async function next({ words, flags, backend, output }: Call): Promise<void> {
  const { count } = resolveFlags(scheduleNextOptions, ['count'], flags, 'next');
  const id = idOf(words);
  const { times, paused } = await (await backend()).nextTimes(id, count);
  const nowMs = Date.now();
  output.rows(
    times.map((at) => ({ at, paused })),
    [
      { head: 'at', cell: ({ at }) => at },
      { head: 'from now', cell: ({ at }) => shownInstant(at, nowMs) },
      ...(paused ? [{ head: 'state', cell: () => 'paused' }] : []),
    ],
  );
  if (times.length === 0) output.note(`The schedule ${id} does not fire again`);
  else if (paused) output.note(`The schedule ${id} is paused: it fires at these times only if holdfast schedule resume ${id} ends that`);
}

const scheduleColumns = (nowMs: number): readonly Column<ShownSchedule>[] => [
  { head: 'schedule', cell: ({ id }) => id },
  { head: 'queue', cell: ({ queue }) => queue },
  { head: 'name', cell: ({ name }) => name },
  { head: 'when', cell: timingOf },
  { head: 'next', cell: ({ nextAt }) => shownInstant(nextAt, nowMs) },
  { head: 'last', cell: ({ lastAt }) => shownInstant(lastAt, nowMs) },
  { head: 'outcome', cell: ({ lastOutcome }) => lastOutcome?.state },
  { head: 'state', cell: ({ paused }) => (paused ? 'paused' : '') },
];

const timingOf = ({ cron, timeZone, everyMs, at }: ShownSchedule): string => {
  if (cron !== undefined) return `${cron} ${timeZone ?? ''}`;
  return everyMs === undefined ? (at ?? '') : `every ${shownDuration(everyMs)}`;
};

function idOf(words: Call['words']): string {
  checkOptions(nameOption, words[0], 'id');
  return words[0];
}
