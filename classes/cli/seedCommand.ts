import type { Command } from 'commander';
import { seedOptions } from '../../config/demoOptions';
import { addFlags, resolveFlags } from '../../modules/cli/commandLine';
import { Seeding } from '../demo/seeding';
import { addStoreFlags, namingUrl, runnerOf, withStore } from './storeFlags';
import type { Flags } from './storeFlags';

const SEED_FLAGS = ['count', 'kinds', 'path', 'failureRate'] as const;

/** Adds the command `seed`. */
export function addSeedCommand(program: Command): void {
  const command = program.command('seed').description('Adds demo tasks.').exitOverride();
  addFlags(addStoreFlags(command), seedOptions, SEED_FLAGS).action(() => namingUrl(command.optsWithGlobals(), seed));
}

async function seed(flags: Flags): Promise<void> {
  const options = resolveFlags(seedOptions, SEED_FLAGS, flags, 'seed');
  const { queue } = runnerOf(flags);
  const added = await withStore(flags, (store) => new Seeding(store, queue).add(options));
  process.stdout.write(`Added ${added} tasks to the queue ${queue}\n`);
}
