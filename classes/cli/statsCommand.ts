import type { Command } from 'commander';
import { TASK_STATES } from '../../constants/states';
import { statsJson, statsTable } from '../../modules/cli/statsTable';
import { tellWarnings } from '../observe/tellWarnings';
import { addExamples } from './examples';
import { addStoreFlags, namingUrl, runnerOf } from './storeFlags';
import type { Flags } from './storeFlags';
import { withExistingStore } from './withStore';

/** Fills the command `stats`. */
export function fillStatsCommand(command: Command): void {
  addExamples(command, 'holdfast stats', 'holdfast stats --json');
  addStoreFlags(command)
    .option('--json', 'print one JSON document')
    .action(() => namingUrl(command.opts<Flags>(), stats));
}

async function stats(flags: Flags): Promise<void> {
  // The flag --queue has no effect here, but an invalid value is refused as everywhere.
  runnerOf(flags);
  const queues = await withExistingStore(flags, (store) => {
    tellWarnings(store.events, process.stderr);
    return store.parts.tasks.counts(TASK_STATES);
  });
  process.stdout.write(`${flags['json'] ? statsJson(queues) : statsTable(queues)}\n`);
}
