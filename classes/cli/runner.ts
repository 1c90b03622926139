import { Command, CommanderError } from 'commander';
import { copyOptions } from '../../config/cliOptions';
import { storeOptions } from '../../config/options';
import { EXIT_CODES } from '../../constants/exitCodes';
import { addFlags, resolveFlags } from '../../modules/cli/commandLine';
import { packageVersion } from '../../modules/values/packageVersion';
import { exitCodeOf } from '../../modules/errors/exitCodeOf';
import { CopyCommand, copySummary } from '../copy/copyCommand';
import { addBackupCommand } from './backupCommand';
import { addQueuesCommand } from './queuesCommand';
import { addSeedCommand } from './seedCommand';
import { addServerCommand } from './serverCommand';
import { addStatsCommand } from './statsCommand';
import { addTokenCommand } from './tokenCommand';
import { namingUrl } from './storeFlags';
import type { Flags } from './storeFlags';
import { addWorkFlags, work } from './workCommand';

const BOTH_STORES_FLAGS = ['namespace', 'prefix', 'durability', 'callTimeoutMs'] as const;
const COPY_FLAGS = ['from', 'to'] as const;

/** Runs the command line `node index.js …` and returns its exit code. */
export async function run(argv: readonly string[]): Promise<number> {
  // The reader of a pipe, such as head, may end before the work does.
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
  addWorkFlags(program);
  addSeedCommand(program);
  addStatsCommand(program);
  addCopyCommand(program, onEnd);
  addBackupCommand(program);
  addServerCommand(program);
  addQueuesCommand(program);
  addTokenCommand(program);
  return program.allowExcessArguments().action(async (flags: Flags) => {
    refuseWords(program);
    onEnd(await namingUrl(flags, () => work(flags, argv)));
  });
}

/** Refuses a flag of the worker before another command, which would ignore it. */
function refuseForeignFlags(program: Command, command: Command): void {
  const known = command.options.map(({ long }) => long);
  const foreign = program.options.find((option) => program.getOptionValueSource(option.attributeName()) === 'cli' && !known.includes(option.long));
  if (foreign) command.error(`error: '${command.name()}' has no flag ${foreign.long ?? foreign.flags}`);
}

/** Refuses a word that names no command. The parser would only count it. */
function refuseWords(program: Command): void {
  const [word] = program.args;
  if (word === undefined) return;
  program.error(`error: there is no command '${word}'; there are ${program.commands.map((command) => command.name()).join(', ')}`);
}

function addCopyCommand(program: Command, onEnd: (code: number) => void): void {
  const command = program.command('copy').description('Moves live tasks from one store to another.').exitOverride();
  addFlags(addFlags(command, copyOptions, COPY_FLAGS), storeOptions, BOTH_STORES_FLAGS)
    .option('--json', 'print one JSON document')
    .action(async () => onEnd(await copy(command.optsWithGlobals())));
}

/** Copies tasks and returns the exit code: 1 if live tasks are left, so that a script notices. */
async function copy(flags: Flags): Promise<number> {
  const options = resolveFlags(copyOptions, COPY_FLAGS, flags, 'copy');
  const report = await new CopyCommand(options, resolveFlags(storeOptions, BOTH_STORES_FLAGS, flags, 'store'), process.stderr).run();
  process.stdout.write(`${flags['json'] ? JSON.stringify(report) : copySummary(report)}\n`);
  return report.left.waiting + report.left.running === 0 ? 0 : EXIT_CODES.failed;
}

/** Writes the text of an error and returns the exit code. The parser has already written its own errors. */
function explain(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : EXIT_CODES.wrongUse;
  const { code, text } = exitCodeOf(error);
  process.stderr.write(`${text}\n`);
  return code;
}
