import type { Command } from 'commander';
import { runnerOptions } from '../../config/cliOptions';
import { workerOptions } from '../../config/options';
import { addFlags } from '../../modules/cli/commandLine';
import { addHiddenServerFlag } from './leaf';
import { addStoreFlags, PROCESS_FLAGS } from './storeFlags';

/** The options of a worker that have flags. */
export const WORKER_FLAGS = ['maxConcurrency', 'prefetch', 'leaseMs', 'gracePeriodMs', 'pollInterval.minMs', 'pollInterval.maxMs'] as const;

/** Adds the flags of the demo worker, which `node index.js` runs without a command. */
export function addWorkFlags(program: Command): void {
  program.optionsGroup('Flags of the demo worker, node index.js:');
  addHiddenServerFlag(addStoreFlags(program));
  addFlags(addFlags(program, workerOptions, WORKER_FLAGS), runnerOptions, PROCESS_FLAGS);
  program
    .option('--demo', 'first add demo tasks if the store has none')
    .option('--drain', 'end when nothing is waiting or running; without a dashboard');
  program.option('--no-dashboard', 'do not serve the dashboard on this machine beside the worker');
}
