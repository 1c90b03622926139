import { Command, CommanderError } from 'commander';
import { EXIT_CODES } from '../../constants/exitCodes';
import { commandsFirst } from '../../modules/cli/commandsFirst';
import { wordsFirst } from '../../modules/cli/wordsFirst';
import { exitCodeOf } from '../../modules/errors/exitCodeOf';
import { oneLine } from '../../modules/values/oneLine';
import { packageVersion } from '../../modules/values/packageVersion';
import { addCommands } from './commands';
import { Failed } from './failed';
import type { OnEnd } from './leaf';
import { namingUrl } from './storeFlags';
import type { Flags } from './storeFlags';
import { addWorkFlags } from './workFlags';
import type * as working from './workCommand';

/** Runs the command line `node index.js …` and returns its exit code. */
export async function run(argv: readonly string[]): Promise<number> {
  // The reader of a pipe, such as head, may end before the work does.
  process.stdout.on('error', () => undefined);
  let code = 0;
  const program = makeProgram(argv, (ended) => (code = ended));
  try {
    await program.parseAsync(wordsFirst(program, argv), { from: 'user' });
    return code;
  } catch (error) {
    return explain(error);
  }
}

/**
 * Makes the command line.
 *
 * @param argv the arguments, whose commands are made whole, or `all`.
 */
export function makeProgram(argv: readonly string[] | 'all', onEnd: OnEnd): Command {
  const program = new Command('holdfast').description(
    'Shows and changes what is in a store or on a server. Without a command, node index.js runs a worker with the demo handlers, and no others, on the demo queue until it is stopped; holdfast worker runs handlers of your own.',
  );
  program.version(packageVersion()).exitOverride().enablePositionalOptions().showHelpAfterError('(--help shows every flag)');
  program.configureHelp({ formatHelp: commandsFirst });
  addWorkFlags(program);
  addCommands(program, argv, onEnd);
  return program.allowExcessArguments().action(async (flags: Flags) => {
    refuseWords(program);
    // The demo takes a while to load, and no other command needs it.
    const { work } = require('./workCommand') as typeof working;
    onEnd(await namingUrl(flags, () => work(flags, argv === 'all' ? [] : argv)));
  });
}

/** Refuses a word that names no command. The parser would only count it. */
function refuseWords(program: Command): void {
  const [word] = program.args;
  if (word === undefined) return;
  program.error(`error: there is no command '${word}'; there are ${program.commands.map((command) => command.name()).join(', ')}`);
}

/** Writes the text of an error and returns the exit code. The parser has already written its own errors. */
function explain(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : EXIT_CODES.wrongUse;
  if (error instanceof Failed) {
    process.stderr.write(`${oneLine(error.message)}\n`);
    return error.code;
  }
  const { code, text } = exitCodeOf(error);
  process.stderr.write(`${text}\n`);
  return code;
}
