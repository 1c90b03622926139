import type { Command } from 'commander';
import { queuePurgeOptions } from '../../config/cliOptions';
import { queueNameOption } from '../../config/options';
import type { TaskState } from '../../constants/states';
import type { QueueRow, ShownCount } from '../../modules/cli/backend';
import { resolveFlags } from '../../modules/cli/commandLine';
import { queueColumns } from '../../modules/cli/queueColumns';
import { checkOptions } from '../../modules/options/checkOptions';
import { withProgress } from './bulkProgress';
import { askFor } from './consent';
import { addExamples } from './examples';
import { addLeaf } from './leaf';
import type { Call, Leaf, OnEnd } from './leaf';

/** Adds the group `queue`. */
export function fillQueueCommand(group: Command, onEnd: OnEnd): void {
  addExamples(group, 'holdfast queue list');
  const add = (leaf: Omit<Leaf, 'words'>): Command => addLeaf(group, { ...leaf, words: { queue: 'Name of the queue.' } }, onEnd);
  add({ usage: 'list', says: 'Lists the queues with what is in them.', examples: ['holdfast queue list'], run: list });
  add({
    usage: 'stats <queue>',
    says: 'Shows what is in a queue, and how fast it goes.',
    examples: ['holdfast queue stats mail -o json'],
    run: stats,
  });
  add({ usage: 'pause <queue>', says: 'Stops a queue: its workers take nothing more from it.', examples: ['holdfast queue pause mail'], run: pause });
  add({ usage: 'resume <queue>', says: 'Ends the pause of a queue.', examples: ['holdfast queue resume mail'], run: resume });
  add({
    usage: 'purge <queue>',
    says: 'Removes the tasks of a queue by state, by default those that wait.',
    examples: ['holdfast queue purge mail', 'holdfast queue purge mail --state succeeded,cancelled --yes'],
    flags: [[queuePurgeOptions, ['state']]],
    run: purge,
  });
  add({
    usage: 'redrive <queue>',
    says: 'Makes all dead tasks of a queue wait again.',
    examples: ['holdfast queue redrive mail --yes'],
    run: redrive,
  });
}

async function list({ backend, output }: Call): Promise<void> {
  output.rows(await (await backend()).queues(), queueColumns(output.colors));
}

async function stats({ words, backend, output }: Call): Promise<void> {
  const row = await (await backend()).queue(nameOf(words));
  if (output.isJson) output.one(row, () => []);
  else output.rows([row], queueColumns(output.colors));
}

async function pause({ words, backend, output }: Call): Promise<void> {
  const queue = nameOf(words);
  await (await backend()).pause(queue);
  output.one({ name: queue, isPaused: true }, () => [`The queue ${queue} is paused; holdfast queue resume ends that`]);
}

async function resume({ words, backend, output }: Call): Promise<void> {
  const queue = nameOf(words);
  await (await backend()).resume(queue);
  output.one({ name: queue, isPaused: false }, () => [`The queue ${queue} goes on`]);
}

async function purge(call: Call): Promise<number> {
  const { state } = resolveFlags(queuePurgeOptions, ['state'], call.flags, 'purge');
  const queue = nameOf(call.words);
  const backend = await call.backend();
  const count = countOf(await backend.queue(queue), state);
  await askFor(`remove ${count.text} (${state.join(', ')}) of the queue ${queue}`, call);
  const { done, code } = await withProgress(call, count, (following) => backend.purge(queue, state, following));
  call.output.one({ queue, removed: done }, () => [`Removed ${done} ${done === 1 ? 'task' : 'tasks'} of the queue ${queue}${ended(code)}`]);
  return code;
}

async function redrive(call: Call): Promise<number> {
  const queue = nameOf(call.words);
  const backend = await call.backend();
  const count = countOf(await backend.queue(queue), ['dead']);
  await askFor(`make ${count.text} of the queue ${queue} wait again`, call);
  const { done, code } = await withProgress(call, count, (following) => backend.redrive(queue, following));
  call.output.one({ queue, redriven: done }, () => [
    `${done} ${done === 1 ? 'task' : 'tasks'} of the queue ${queue} ${done === 1 ? 'waits' : 'wait'} again${ended(code)}`,
  ]);
  return code;
}

const ended = (code: number): string => (code === 0 ? '' : '; it was stopped');

/** The number of tasks in these states. Those that wait may be delayed. */
function countOf({ counts, atLeast }: QueueRow, states: readonly TaskState[]): ShownCount & { readonly text: string } {
  const keys = states.flatMap((state) => (state === 'waiting' ? ['waiting' as const, 'delayed' as const] : [state]));
  const count = keys.reduce((sum, key) => sum + counts[key], 0);
  const isMore = keys.some((key) => atLeast.includes(key));
  return { count, isExact: !isMore, text: `${count.toLocaleString('en-US')}${isMore ? ' or more' : ''} ${count === 1 ? 'task' : 'tasks'}` };
}

function nameOf(words: Call['words']): string {
  checkOptions(queueNameOption, words[0], 'queue');
  return words[0];
}
