import type { Command } from 'commander';
import { seedOptions } from '../../config/demoOptions';
import type { SeedOptions } from '../../config/demoOptions';
import { addFlags, resolveFlags } from '../../modules/cli/commandLine';
import { Seeding } from '../demo/seeding';
import type { Store } from '../store/store';
import { tellWarnings } from '../observe/tellWarnings';
import { addExamples } from './examples';
import { addHiddenServerFlag, refuseServer } from './leaf';
import { addStoreFlags, namingUrl, runnerOf } from './storeFlags';
import type { Flags } from './storeFlags';
import { withStore } from './withStore';

const SEED_FLAGS = ['count', 'kinds', 'path', 'failureRate'] as const;

/** Fills the command `seed`. */
export function fillSeedCommand(command: Command): void {
  addExamples(command, 'holdfast seed --count 2000 --kinds checksum,flaky');
  addFlags(addHiddenServerFlag(addStoreFlags(command)), seedOptions, SEED_FLAGS).action(() => namingUrl(command.opts<Flags>(), seed));
}

async function seed(flags: Flags): Promise<void> {
  refuseServer(flags);
  const options = resolveFlags(seedOptions, SEED_FLAGS, flags, 'seed');
  const { queue } = runnerOf(flags);
  const added = await withStore(flags, (store) => addTo(store, queue, options));
  process.stdout.write(`Added ${added} tasks to the queue ${queue}\n`);
}

/** Adds the tasks, and tells what was added where the store fails before the end. */
async function addTo(store: Store, queue: string, options: SeedOptions): Promise<number> {
  tellWarnings(store.events, process.stderr);
  const seeding = new Seeding(store, queue);
  try {
    return await seeding.add(options);
  } catch (error) {
    process.stderr.write(`Added ${seeding.added} of ${options.count} tasks to the queue ${queue}, then the store failed\n`);
    throw error;
  }
}
