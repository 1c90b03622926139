import type { Command } from 'commander';
import { failuresCliOptions } from '../../config/cliOptions';
import type { ShownGroup } from '../../modules/cli/backend';
import { groupColumns } from '../../modules/cli/groupColumns';
import { resolveFlags } from '../../modules/cli/commandLine';
import { safeCell } from '../../modules/cli/renderTable';
import { fillLeaf } from './leaf';
import type { Call, OnEnd } from './leaf';
import type { Colors } from './output';

const FLAGS = ['queue', 'name', 'limit', 'sort'] as const;

/** The number of groups that are looked through, of which those that fail most are shown. */
const LOOKED = 1_000;

/** Fills the command `failures`. */
export function fillFailuresCommand(command: Command, onEnd: OnEnd): void {
  const leaf = {
    usage: 'failures [group]',
    says: 'Lists the failures by cause, those that come most first; or shows one group.',
    examples: ['holdfast failures', 'holdfast failures --queue mail --sort last', 'holdfast failures 0f1e2d3c4b5a6978'],
    words: { group: 'A group to show.' },
    flags: [[failuresCliOptions, FLAGS]] as const,
    run: failures,
  };
  fillLeaf(command.argument('[group]'), leaf, onEnd);
}

async function failures({ words, flags, backend, output }: Call): Promise<void> {
  const { limit, sort, queue, name } = resolveFlags(failuresCliOptions, FLAGS, flags, 'failures');
  const chosen = { ...(queue === undefined ? {} : { queue }), ...(name === undefined ? {} : { name }) };
  const target = await backend();
  if (words[0] !== undefined) return output.one(await target.failure(words[0] as string), groupLines);
  const groups = await target.failures({ ...chosen, limit: LOOKED });
  const ordered = sort === 'count' ? [...groups].sort((a, b) => b.count - a.count) : groups;
  output.rows(ordered.slice(0, limit), groupColumns(Date.now()));
  if (groups.length === 0) output.note('No failure is counted; those of the last ten seconds may still be missing');
}

function groupLines({ group, count, name, message, at, firstAt, lastAt, sample, names }: ShownGroup, { dim }: Colors): string[] {
  const facts: [string, string][] = [
    ['group', group],
    ['error', `${name}: ${message}`],
    ['at', at ?? ''],
    ['failures', `${count}, first ${firstAt}, last ${lastAt}`],
    ['tasks', names.map((one) => `${one.queue}/${one.name} ${one.count}`).join(', ')],
    ['sample', `${sample.queue}/${sample.name} ${sample.id}`],
  ];
  return facts.filter(([, value]) => value !== '').map(([head, value]) => `${dim(head.padEnd(9))} ${safeCell(value)}`);
}
