import type { Command } from 'commander';
import { TASK_STATES } from '../../constants/states';
import { checkIsThere } from '../../modules/cli/checkIsThere';
import { statsJson, statsTable } from '../../modules/cli/statsTable';
import { addStoreFlags, namingUrl, runnerOf, storeOf, withStore } from './storeFlags';
import type { Flags } from './storeFlags';

/** Adds the command `stats`. */
export function addStatsCommand(program: Command): void {
  const command = program.command('stats').description('Prints the queues by state.').exitOverride();
  addStoreFlags(command)
    .option('--json', 'print one JSON document')
    .action(() => namingUrl(command.optsWithGlobals(), stats));
}

async function stats(flags: Flags): Promise<void> {
  // The flag --queue has no effect here, but an invalid value is refused as everywhere.
  runnerOf(flags);
  checkIsThere(storeOf(flags).url);
  const queues = await withStore(flags, (store) => store.parts.tasks.counts(TASK_STATES));
  process.stdout.write(`${flags['json'] ? statsJson(queues) : statsTable(queues)}\n`);
}
