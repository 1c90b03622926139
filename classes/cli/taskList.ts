import { taskListOptions } from '../../config/cliOptions';
import { resolveFlags } from '../../modules/cli/commandLine';
import { CHOSEN_FLAGS, searchOf } from '../../modules/cli/searchOf';
import { taskColumns } from '../../modules/cli/taskColumns';
import type { Call, Leaf } from './leaf';

const FLAGS = [...CHOSEN_FLAGS, 'limit', 'after'] as const;

/** The command `task list`. */
export const TASK_LIST: Leaf = {
  usage: 'list [search]',
  says: 'Lists tasks, newest first: all, or those of a search.',
  examples: [
    'holdfast task list --queue mail --state dead',
    `holdfast task list 'state:running duration:>30s'`,
    'holdfast task list --group 0f1e2d3c4b5a6978 -o jsonl',
  ],
  words: { search: 'A search, as in the dashboard: see docs/search.md.' },
  flags: [[taskListOptions, FLAGS]],
  run: list,
};

async function list({ words, flags, backend, output }: Call): Promise<void> {
  const { limit, after, ...chosen } = resolveFlags(taskListOptions, FLAGS, flags, 'list');
  const text = [searchOf(chosen), words[0] ?? ''].join(' ').trim();
  const page = await (await backend()).search(text, { limit, ...(after === undefined ? {} : { after }) });
  output.rows(page.tasks, taskColumns(output.colors, Date.now()), page);
  for (const line of page.slow) output.note(line);
  if (page.next !== null) output.note(`There may be more: --after ${page.next}`);
  else if (page.tasks.length === 0) output.note('No task is found');
}
