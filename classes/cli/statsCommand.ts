import type { Command } from 'commander';
import { STATS_COLUMNS, statsJson, statsRows } from '../../modules/cli/statsRows';
import { oneLine } from '../../modules/values/oneLine';
import { addExamples } from './examples';
import { addServerFlags, withBackend } from './leaf';
import { outputOf } from './output';
import { addStoreFlags, namingUrl, runnerOf } from './storeFlags';
import type { Flags } from './storeFlags';

/** Fills the command `stats`. */
export function fillStatsCommand(command: Command): void {
  addExamples(command, 'holdfast stats', 'holdfast stats --json');
  addServerFlags(addStoreFlags(command))
    .option('--json', 'print one JSON document')
    .action(() => namingUrl(command.opts<Flags>(), stats));
}

async function stats(flags: Flags): Promise<void> {
  // The flag --queue has no effect here, but an invalid value is refused as everywhere.
  runnerOf(flags);
  const queues = await withBackend(flags, (backend) => backend.countsByState());
  const output = outputOf(flags);
  if (output.isJson) output.text(statsJson(queues));
  else output.rows(statsRows(queues), STATS_COLUMNS);
  const rounded = Object.keys(queues).filter((name) => (queues[name]?.atLeast ?? []).length > 0);
  if (rounded.length > 0)
    process.stderr.write(`The server has not counted all tasks of ${oneLine(rounded.join(', '))}; with --url all are counted\n`);
}
