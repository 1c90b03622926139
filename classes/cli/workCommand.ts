import { workerOptions } from '../../config/options';
import type { StoreOptions } from '../../config/optionTypes';
import { readFlags, resolveFlags } from '../../modules/cli/commandLine';
import { HoldfastError } from '../../modules/errors/holdfastError';
import { theLogger } from '../../modules/observe/logger';
import { parseStoreUrl } from '../../modules/ports/storeUrl';
import { systemClock } from '../../modules/time/clock';
import { StopSignals } from '../async/stopSignals';
import { DemoWorker } from '../demo/demoWorker';
import { Seeding } from '../demo/seeding';
import { runnerOf, storeOf } from './storeFlags';
import type { Flags } from './storeFlags';
import { withStore } from './withStore';
import { Supervisor } from './supervisor';
import { WORKER_FLAGS } from './workFlags';

/** Runs a worker, or several processes with one worker each, and returns the exit code. */
export async function work(flags: Flags, argv: readonly string[]): Promise<number> {
  const { queue, logLevel, processes } = runnerOf(flags);
  if (logLevel) theLogger().level = logLevel;
  const { url } = checkFlags(flags, queue);
  if (processes > 1) {
    checkIsShared(url);
    return supervise(processes, argv);
  }
  return withStore(flags, async (store) => {
    const worker = new DemoWorker(store, queue, readFlags(workerOptions, WORKER_FLAGS, flags), flags['demo'] === true);
    if (flags['demo']) await fill(new Seeding(store, queue));
    return worker.run({ drain: flags['drain'] === true });
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

/** Runs worker processes with the same flags, except that only the first one adds demo tasks. */
async function supervise(processes: number, argv: readonly string[]): Promise<number> {
  const supervisor = new Supervisor({
    script: process.argv[1] ?? '',
    argumentsOf: (number) => [...argv.filter((flag) => flag !== '--demo' || number === 1), '--processes', '1'],
    processes,
    clock: systemClock,
    output: process.stdout,
  });
  const stop = (): void => supervisor.stop();
  const signals = new StopSignals(systemClock, { onStop: stop, onHaste: stop });
  signals.listen();
  return supervisor.run().finally(() => signals.end());
}

/** Checks all flags once, before a store is opened or a process is started. */
function checkFlags(flags: Flags, queue: string): Readonly<StoreOptions> {
  resolveFlags(workerOptions, WORKER_FLAGS, flags, 'worker', { queues: [queue] });
  return storeOf(flags);
}

function checkIsShared(url: string): void {
  const target = parseStoreUrl(url);
  if (target.kind !== 'sqlite' || target.path !== ':memory:') return;
  const expected = '1 where the store is in memory: each process would have a store of its own';
  throw new HoldfastError('HOLDFAST_OPTION_INVALID', { field: 'runner.processes', expected });
}
