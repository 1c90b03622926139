import type { Command } from 'commander';
import { runnerOptions, workerCliOptions } from '../../config/cliOptions';
import { storeOptions, workerOptions } from '../../config/options';
import { addFlags, readFlags, resolveFlags } from '../../modules/cli/commandLine';
import { loadTasks } from '../../modules/cli/loadTasks';
import type { LoadedTasks } from '../../modules/cli/loadTasks';
import { HoldfastError } from '../../modules/errors/holdfastError';
import { theLogger } from '../../modules/observe/logger';
import type { WorkerArguments } from '../../modules/worker/handlerTypes';
import { addExamples } from './examples';
import { addLeaf, addHiddenServerFlag, refuseServer } from './leaf';
import type { OnEnd } from './leaf';
import { DRAIN } from './processCommand';
import { namingUrl, STORE_FLAGS, storeOf } from './storeFlags';
import type { Flags } from './storeFlags';
import { checkIsShared, supervise } from './supervise';
import { UserWorker } from './userWorker';
import { withStore } from './withStore';

const OWN_FLAGS = ['require', 'queues', 'concurrency', 'once'] as const;
const WORKER_FLAGS = ['prefetch', 'leaseMs', 'gracePeriodMs', 'pollInterval.minMs', 'pollInterval.maxMs'] as const;
const RUNNER_FLAGS = ['processes', 'logLevel'] as const;

/** Fills the command `worker`. */
export function fillWorkerCommand(command: Command, onEnd: OnEnd): void {
  addFlags(command, workerCliOptions, OWN_FLAGS);
  addFlags(addFlags(command, runnerOptions, RUNNER_FLAGS), workerOptions, WORKER_FLAGS);
  addFlags(command, storeOptions, STORE_FLAGS, 'Store:');
  addHiddenServerFlag(command);
  addExamples(
    command,
    'holdfast worker --require ./tasks.js --queues mail,reports --concurrency 20',
    'holdfast worker --require ./tasks.js --once',
    'holdfast worker --require ./tasks.js --processes 4',
    'holdfast worker drain web-1:4242:9f2c1e',
  );
  command.action(() => namingUrl(command.opts<Flags>(), async (flags) => onEnd(await work(flags))));
  addLeaf(command, { ...DRAIN, examples: ['holdfast worker drain web-1:4242:9f2c1e'] }, onEnd);
}

async function work(flags: Flags): Promise<number> {
  refuseServer(flags);
  const { require: module, queues, concurrency, once } = resolveFlags(workerCliOptions, OWN_FLAGS, flags, 'worker');
  const { processes, logLevel } = resolveFlags(runnerOptions, RUNNER_FLAGS, flags, 'runner');
  if (module === undefined) throw new HoldfastError('HOLDFAST_OPTION_INVALID', { field: '--require', expected: 'the module that has the handlers' });
  if (logLevel) theLogger().level = logLevel;
  const { url } = storeOf(flags);
  if (processes > 1) {
    checkIsShared(url);
    return supervise(processes, () => process.argv.slice(2));
  }
  const loaded = await loadTasks(module);
  const options = optionsOf(loaded, { queues, concurrency }, flags);
  await withStore(flags, (store) => new UserWorker(store, { ...loaded, options, once }).run());
  return 0;
}

interface Wanted {
  readonly queues: readonly string[] | undefined;
  readonly concurrency: number | undefined;
}

/** The options of the worker that has the handlers. The flags go before what the module exports. */
function optionsOf(loaded: LoadedTasks, wanted: Wanted, flags: Flags): WorkerArguments<Record<string, unknown>> {
  const hasHandlers = Object.keys(loaded.handlers).length > 0;
  const queues = wanted.queues ?? loaded.queues ?? [];
  if (hasHandlers && queues.length === 0) {
    throw new HoldfastError('HOLDFAST_OPTION_INVALID', {
      field: '--queues',
      expected: 'the queues of the handlers, unless the module exports `queues`',
    });
  }
  const { concurrency } = wanted;
  const given = { ...readFlags(workerOptions, WORKER_FLAGS, flags), ...(concurrency === undefined ? {} : { maxConcurrency: concurrency }) };
  resolveFlags(workerOptions, WORKER_FLAGS, flags, 'worker', { queues: hasHandlers ? queues : ['none'], handlers: loaded.handlers });
  return { ...given, queues, handlers: loaded.handlers } as WorkerArguments<Record<string, unknown>>;
}
