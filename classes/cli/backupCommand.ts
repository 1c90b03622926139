import type { Command } from 'commander';
import { backupOptions } from '../../config/cliOptions';
import { storeOptions } from '../../config/options';
import { addFlags, resolveFlags } from '../../modules/cli/commandLine';
import { resolveOptions } from '../../modules/options/resolveOptions';
import { backUpStore } from '../store/openStore';
import { namingUrl } from './storeFlags';
import type { Flags } from './storeFlags';

const BACKUP_FLAGS = ['url', 'prefix'] as const;

/** Adds the command `backup`. */
export function addBackupCommand(program: Command): void {
  const command = program.command('backup').description('Writes a backup of a SQLite file while it is in use.').exitOverride();
  addFlags(command, storeOptions, BACKUP_FLAGS)
    .argument('<file>', backupOptions.properties.file.description)
    .action((file: string) => namingUrl(command.optsWithGlobals(), (flags) => backUp(file, flags)));
}

async function backUp(given: string, flags: Flags): Promise<void> {
  const { file } = resolveOptions(backupOptions, { file: given }, 'backup');
  const { url, prefix } = resolveFlags(storeOptions, BACKUP_FLAGS, flags, 'store');
  const bytes = await backUpStore({ url, prefix }, file);
  process.stdout.write(`Wrote ${bytes} bytes to ${file}\n`);
}
