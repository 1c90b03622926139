import type { Command } from 'commander';
import { processColumns } from '../../modules/cli/processColumns';
import { safeCell } from '../../modules/cli/renderTable';
import { addExamples } from './examples';
import { addLeaf } from './leaf';
import type { Call, Leaf, OnEnd } from './leaf';

/** Adds the group `process`. */
export function fillProcessCommand(group: Command, onEnd: OnEnd): void {
  addExamples(group, 'holdfast process list');
  addLeaf(
    group,
    {
      usage: 'list',
      says: 'Lists the live processes that have a worker, and what they run.',
      examples: ['holdfast process list', 'holdfast process list -o json | jq ".[].tasks"'],
      run: list,
    },
    onEnd,
  );
  addLeaf(group, DRAIN, onEnd);
}

/** What `process drain` and `worker drain` do. */
export const DRAIN: Leaf = {
  usage: 'drain <id>',
  says: 'Makes the workers of a process, on whatever machine, take nothing more. They end what they run.',
  examples: ['holdfast process drain web-1:4242:9f2c1e'],
  words: { id: 'Id of the process, or of one of its workers.' },
  run: drain,
};

async function list({ backend, output }: Call): Promise<void> {
  const processes = await (await backend()).processes();
  output.rows(processes, processColumns(Date.now()));
  if (processes.length === 0) output.note('No live process has a worker on this store');
}

async function drain({ words, backend, output }: Call): Promise<void> {
  const id = words[0] as string;
  await (await backend()).drain(id);
  output.one({ id, isDraining: true }, () => [`${safeCell(id)} takes nothing more from its next beat on, within five seconds`]);
}
