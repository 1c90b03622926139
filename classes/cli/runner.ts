import { Command, CommanderError } from 'commander';
import { copyOptions, seedOptions, runnerOptions, storeOptions, workerOptions } from '../../config/options';
import type { StoreOptions } from '../../config/optionTypes';
import type { ErrorCode } from '../../constants/errors';
import { EXIT_CODES } from '../../constants/exitCodes';
import { TASK_STATES } from '../../constants/states';
import { checkIsThere } from '../../modules/cli/checkIsThere';
import { addFlags, readFlags, resolveFlags } from '../../modules/cli/commandLine';
import { HoldfastError, isHoldfastError } from '../../modules/errors/holdfastError';
import { logger } from '../../modules/observe/logger';
import { withUrlSource } from '../../modules/options/optionSource';
import { packageVersion } from '../../modules/cli/packageVersion';
import { statsJson, statsTable } from '../../modules/cli/statsTable';
import { parseStoreUrl } from '../../modules/ports/storeUrl';
import { systemClock } from '../../modules/time/clock';
import { StopSignals } from '../async/stopSignals';
import { CopyCommand, copySummary } from '../copy/copyCommand';
import { DemoWorker } from '../demo/demoWorker';
import { Seeding } from '../demo/seeding';
import { openStore } from '../store/openStore';
import type { Store } from '../store/store';
import { Supervisor } from './supervisor';

const STORE_FLAGS = ['url', 'namespace', 'durability', 'callTimeoutMs'] as const;
const RUNNER_FLAGS = ['queue', 'logLevel'] as const;
const PROCESS_FLAGS = ['processes'] as const;
const WORKER_FLAGS = ['maxConcurrency', 'prefetch', 'leaseMs', 'gracePeriodMs', 'pollInterval.minMs', 'pollInterval.maxMs'] as const;
const BOTH_STORES_FLAGS = ['namespace', 'durability', 'callTimeoutMs'] as const;
const COPY_FLAGS = ['from', 'to'] as const;
const SEED_FLAGS = ['count', 'kinds', 'path', 'failureRate'] as const;

type Flags = Readonly<Record<string, unknown>>;

/**
 * Runs the command line `node index.js …` and returns its exit code.
 *
 * It is the composition root: the one place where stores, workers and logging are put together.
 */
export async function run(argv: readonly string[]): Promise<number> {
  // A reader of the log may end before the work does.
  process.stdout.on('error', () => undefined);
  let code = 0;
  const program = makeProgram(argv, (ended) => (code = ended));
  try {
    await program.parseAsync(argv, { from: 'user' });
    return code;
  } catch (error) {
    return explain(error);
  }
}

function makeProgram(argv: readonly string[], onEnd: (code: number) => void): Command {
  const program = new Command('holdfast').description(
    'Runs a worker with the demo handlers, and no others, on the demo queue until it is stopped. Handlers of your own run in your own program: see README.md.',
  );
  program.version(packageVersion()).exitOverride().enablePositionalOptions().showHelpAfterError('(--help shows every flag)');
  program.hook('preSubcommand', refuseForeignFlags);
  addStoreFlags(program);
  addFlags(addFlags(program, workerOptions, WORKER_FLAGS), runnerOptions, PROCESS_FLAGS);
  program.option('--demo', 'first add demo tasks if the store has none').option('--drain', 'end when nothing is waiting or running');
  const seedCommand = program.command('seed').description('Adds demo tasks.').exitOverride();
  addFlags(addStoreFlags(seedCommand), seedOptions, SEED_FLAGS).action((_: Flags, command: Command) => naming(command.optsWithGlobals(), seed));
  const statsCommand = program.command('stats').description('Prints the queues by state.').exitOverride();
  addStoreFlags(statsCommand)
    .option('--json', 'print one JSON document')
    .action((_: Flags, command: Command) => naming(command.optsWithGlobals(), stats));
  const copyCommand = program.command('copy').description('Moves live tasks from one store to another.').exitOverride();
  addFlags(addFlags(copyCommand, copyOptions, COPY_FLAGS), storeOptions, BOTH_STORES_FLAGS)
    .option('--json', 'print one JSON document')
    .action(async (_: Flags, command: Command) => onEnd(await copy(command.optsWithGlobals())));
  return program.allowExcessArguments().action(async (flags: Flags) => {
    refuseWords(program);
    onEnd(await naming(flags, () => work(flags, argv)));
  });
}

/** A flag of the worker that stands before another command would be passed over. */
function refuseForeignFlags(program: Command, command: Command): void {
  const known = command.options.map(({ long }) => long);
  const foreign = program.options.find((option) => program.getOptionValueSource(option.attributeName()) === 'cli' && !known.includes(option.long));
  if (foreign) command.error(`error: '${command.name()}' has no flag ${foreign.long ?? foreign.flags}`);
}

/** A word that stands alone was meant for a command; by itself the parser would only count it. */
function refuseWords(program: Command): void {
  const [word] = program.args;
  if (word === undefined) return;
  program.error(`error: there is no command '${word}'; there are ${program.commands.map((command) => command.name()).join(', ')}`);
}

const addStoreFlags = (command: Command): Command => addFlags(addFlags(command, storeOptions, STORE_FLAGS), runnerOptions, RUNNER_FLAGS);

const runnerOf = (flags: Flags) => resolveFlags(runnerOptions, [...RUNNER_FLAGS, ...PROCESS_FLAGS], flags, 'runner');

const storeOf = (flags: Flags) => resolveFlags(storeOptions, STORE_FLAGS, flags, 'store');

/** A fault of the URL names what gave it; by default it has none. */
const naming = <T>(flags: Flags, use: (flags: Flags) => Promise<T>): Promise<T> =>
  withUrlSource(flags['url'] === undefined ? 'HOLDFAST_URL' : '--url', () => use(flags));

async function work(flags: Flags, argv: readonly string[]): Promise<number> {
  const { queue, logLevel, processes } = runnerOf(flags);
  if (logLevel) logger.level = logLevel;
  const { url } = checkFlags(flags);
  if (processes > 1) {
    checkIsShared(url);
    return supervise(processes, argv);
  }
  return withStore(flags, async (store) => {
    const worker = new DemoWorker(store, queue, readFlags(workerOptions, WORKER_FLAGS, flags));
    if (flags['demo']) await fill(new Seeding(store, queue));
    return worker.run({ drain: flags['drain'] === true });
  });
}

async function fill(seeding: Seeding): Promise<void> {
  if (await seeding.fillIfEmpty()) return;
  logger.info('The store has tasks already, so no demo tasks were added; npm run seed -- --count 100 adds some');
}

/** Each process gets the same flags; only the first one fills an empty store. */
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

/** What no worker could run with is told before a store is opened, and once for all processes. */
function checkFlags(flags: Flags): Readonly<StoreOptions> {
  resolveFlags(workerOptions, WORKER_FLAGS, flags, 'worker', { queues: [runnerOf(flags).queue] });
  return storeOf(flags);
}

function checkIsShared(url: string): void {
  const target = parseStoreUrl(url);
  if (target.kind !== 'sqlite' || target.path !== ':memory:') return;
  const expected = '1 where the store is in memory: each process would have a store of its own';
  throw new HoldfastError('HOLDFAST_OPTION_INVALID', { field: 'runner.processes', expected });
}

async function seed(flags: Flags): Promise<void> {
  const options = resolveFlags(seedOptions, SEED_FLAGS, flags, 'seed');
  const { queue } = runnerOf(flags);
  const added = await withStore(flags, (store) => new Seeding(store, queue).add(options));
  process.stdout.write(`Added ${added} tasks to the queue ${queue}\n`);
}

async function stats(flags: Flags): Promise<void> {
  runnerOf(flags);
  checkIsThere(storeOf(flags).url);
  const queues = await withStore(flags, (store) => store.parts.tasks.counts(TASK_STATES));
  process.stdout.write(`${flags['json'] ? statsJson(queues) : statsTable(queues)}\n`);
}

/** What is left is no fault, but a script has to know. */
async function copy(flags: Flags): Promise<number> {
  const options = resolveFlags(copyOptions, COPY_FLAGS, flags, 'copy');
  const report = await new CopyCommand(options, resolveFlags(storeOptions, BOTH_STORES_FLAGS, flags, 'store'), process.stderr).run();
  process.stdout.write(`${flags['json'] ? JSON.stringify(report) : copySummary(report)}\n`);
  return report.left.waiting + report.left.running === 0 ? 0 : EXIT_CODES.failed;
}

async function withStore<T>(flags: Flags, use: (store: Store) => Promise<T>): Promise<T> {
  const store = await openStore(storeOf(flags));
  try {
    return await use(store);
  } finally {
    await store.close();
  }
}

const UNAVAILABLE = new Set<ErrorCode>(['HOLDFAST_FILE_UNUSABLE', 'HOLDFAST_SQLITE_MISSING']);

/** A fault that the user can mend gets a sentence, not a stack. */
function explain(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : EXIT_CODES.wrongUse;
  if (!isHoldfastError(error)) {
    process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
    return EXIT_CODES.failed;
  }
  process.stderr.write(`${error.message}\n`);
  return error.code.startsWith('HOLDFAST_STORE') || UNAVAILABLE.has(error.code) ? EXIT_CODES.unavailable : EXIT_CODES.wrongUse;
}
