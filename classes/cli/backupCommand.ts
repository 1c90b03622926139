import type { Command } from 'commander';
import { backupOptions } from '../../config/cliOptions';
import { storeOptions } from '../../config/options';
import { addFlags, resolveFlags } from '../../modules/cli/commandLine';
import { resolveOptions } from '../../modules/options/resolveOptions';
import { backUpStore } from '../store/openStore';
import { addExamples } from './examples';
import { addHiddenServerFlag, refuseServer } from './leaf';
import { namingUrl } from './storeFlags';
import type { Flags } from './storeFlags';

const BACKUP_FLAGS = ['url', 'prefix'] as const;

/** Fills the command `backup`. */
export function fillBackupCommand(command: Command): void {
  addExamples(command, 'holdfast backup ./backup.db --url sqlite:./data/holdfast.db');
  addHiddenServerFlag(addFlags(command, storeOptions, BACKUP_FLAGS))
    .argument('<file>', backupOptions.properties.file.description)
    .action((file: string) => namingUrl(command.opts<Flags>(), (flags) => backUp(file, flags)));
}

async function backUp(given: string, flags: Flags): Promise<void> {
  refuseServer(flags);
  const { file } = resolveOptions(backupOptions, { file: given }, 'backup');
  const { url, prefix } = resolveFlags(storeOptions, BACKUP_FLAGS, flags, 'store');
  const bytes = await backUpStore({ url, prefix }, file);
  process.stdout.write(`Wrote ${bytes} bytes to ${file}\n`);
}
