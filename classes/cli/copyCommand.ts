import type { Command } from 'commander';
import { copyOptions } from '../../config/cliOptions';
import { storeOptions } from '../../config/options';
import { EXIT_CODES } from '../../constants/exitCodes';
import { addFlags, resolveFlags } from '../../modules/cli/commandLine';
import { CopyCommand, copySummary } from '../copy/copyCommand';
import { addExamples } from './examples';
import { addHiddenServerFlag, refuseServer } from './leaf';
import type { OnEnd } from './leaf';
import type { Flags } from './storeFlags';

const BOTH_STORES_FLAGS = ['namespace', 'prefix', 'durability', 'callTimeoutMs'] as const;
const COPY_FLAGS = ['from', 'to'] as const;

/** Fills the command `copy`. */
export function fillCopyCommand(command: Command, onEnd: OnEnd): void {
  addExamples(command, 'holdfast copy --from sqlite:./data/holdfast.db --to mongodb://127.0.0.1:27017/shop');
  addHiddenServerFlag(addFlags(addFlags(command, copyOptions, COPY_FLAGS), storeOptions, BOTH_STORES_FLAGS))
    .option('--json', 'print one JSON document')
    .action(async () => onEnd(await copy(command.opts<Flags>())));
}

/** Moves tasks and returns the exit code: 1 if live tasks are left, so that a script notices. */
async function copy(flags: Flags): Promise<number> {
  // Both stores are named by flags, which go before a variable.
  if (flags['server'] !== undefined) refuseServer(flags);
  const options = resolveFlags(copyOptions, COPY_FLAGS, flags, 'copy');
  const report = await new CopyCommand(options, resolveFlags(storeOptions, BOTH_STORES_FLAGS, flags, 'store'), process.stderr).run();
  process.stdout.write(`${flags['json'] ? JSON.stringify(report) : copySummary(report)}\n`);
  return report.left.waiting + report.left.running === 0 ? 0 : EXIT_CODES.failed;
}
