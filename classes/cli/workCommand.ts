import { workerOptions } from '../../config/options';
import type { StoreOptions } from '../../config/optionTypes';
import { readFlags, resolveFlags } from '../../modules/cli/commandLine';
import { theLogger } from '../../modules/observe/logger';
import { DemoWorker } from '../demo/demoWorker';
import { Seeding } from '../demo/seeding';
import { refuseServer } from './leaf';
import { runnerOf, storeOf } from './storeFlags';
import type { Flags } from './storeFlags';
import { withStore } from './withStore';
import { checkIsShared, supervise } from './supervise';
import { WorkerDashboard } from './workerDashboard';
import { WORKER_FLAGS } from './workFlags';

/** Runs a worker, or several processes with one worker each, and returns the exit code. */
export async function work(flags: Flags, argv: readonly string[]): Promise<number> {
  refuseServer(flags);
  const { queue, logLevel, processes } = runnerOf(flags);
  if (logLevel) theLogger().level = logLevel;
  const { url } = checkFlags(flags, queue);
  if (processes > 1) {
    checkIsShared(url);
    // Only the first one adds demo tasks and has a dashboard.
    return supervise(processes, (number) => (number === 1 ? argv : [...argv.filter((flag) => flag !== '--demo'), '--no-dashboard']));
  }
  return withStore(flags, async (store) => {
    const worker = new DemoWorker(store, queue, readFlags(workerOptions, WORKER_FLAGS, flags), flags['demo'] === true);
    if (flags['demo']) await fill(new Seeding(store, queue));
    const drain = flags['drain'] === true;
    const dashboard = flags['dashboard'] === false || drain ? undefined : new WorkerDashboard(store);
    return worker.run({ drain }).finally(() => dashboard?.close());
  });
}

async function fill(seeding: Seeding): Promise<void> {
  if (await seeding.fillIfEmpty()) {
    const text = `Added ${seeding.added} demo tasks: files to hash, waits, a quarter that fail now and then, and a quarter made to fail every time`;
    theLogger().info(`${text}, to show retries: each is tried three times, then it is dead`);
    return;
  }
  theLogger().info('The store has tasks already, so no demo tasks were added; npx holdfast seed --count 100 adds some');
}

/** Checks all flags once, before a store is opened or a process is started. */
function checkFlags(flags: Flags, queue: string): Readonly<StoreOptions> {
  resolveFlags(workerOptions, WORKER_FLAGS, flags, 'worker', { queues: [queue] });
  return storeOf(flags);
}
