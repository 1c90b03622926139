import type { Command } from 'commander';
import { commandOptions } from '../../config/cliOptions';
import type { CommandOptions } from '../../config/cliOptions';
import { storeOptions } from '../../config/options';
import type { OptionTable } from '../../config/schema';
import type { Backend } from '../../modules/cli/backend';
import { addFlags, resolveFlags } from '../../modules/cli/commandLine';
import { HoldfastError } from '../../modules/errors/holdfastError';
import { addExamples } from './examples';
import { openBackend } from './openBackend';
import { Output } from './output';
import type { Terminal } from './output';
import { namingUrl, STORE_FLAGS } from './storeFlags';
import type { Flags } from './storeFlags';

/** What a command is called with. */
export interface Call {
  /** The arguments by their place. */
  readonly words: readonly (string | readonly string[] | undefined)[];
  readonly flags: Flags;
  readonly options: Readonly<CommandOptions>;
  readonly output: Output;
  readonly terminal: Terminal;
  /** Opens the store or the server, which is closed after the command. */
  readonly backend: () => Promise<Backend>;
}

/** A command that shows or changes what is in a store. */
export interface Leaf {
  /** Its name and arguments, as `get <id>`. */
  readonly usage: string;
  readonly says: string;
  /** Command lines that a reader can copy. */
  readonly examples: readonly string[];
  /** What each argument means. */
  readonly words?: Readonly<Record<string, string>>;
  readonly flags?: readonly (readonly [table: OptionTable, names: readonly string[]])[];
  /** True for a command that makes the store if there is none. */
  readonly makesStore?: boolean;
  /** True for a command that works on a store alone. */
  readonly isOfStore?: boolean;
  /** Returns the exit code, or nothing for 0. */
  readonly run: (call: Call) => Promise<number | void>;
}

/** Tells the exit code of a command. */
export type OnEnd = (code: number) => void;

const SERVER_FLAGS = ['server', 'tokenFile'] as const;
const COMMAND_FLAGS = [...SERVER_FLAGS, 'output', 'color', 'yes'] as const;

/** Adds a command of a group. */
export const addLeaf = (group: Command, leaf: Leaf, onEnd: OnEnd): Command => fillLeaf(group.command(leaf.usage), leaf, onEnd);

/** Gives a command its flags, its help and what it does. */
export function fillLeaf(command: Command, { says, examples, words = {}, flags = [], run, ...leaf }: Leaf, onEnd: OnEnd): Command {
  command.description(says).exitOverride().showHelpAfterError('(--help shows every flag)');
  for (const argument of command.registeredArguments) argument.description = words[argument.name()] ?? '';
  for (const [table, names] of flags) addFlags(command, table, names);
  addFlags(command, commandOptions, ['output'], 'Output:').option('--no-color', 'no colours');
  addFlags(command, commandOptions, ['yes'], 'Output:');
  addFlags(command, storeOptions, STORE_FLAGS, 'Store or server:');
  if (leaf.isOfStore) addHiddenServerFlag(command);
  else addServerFlags(command, 'Store or server:');
  addExamples(command, ...examples);
  return command.action(async () => {
    const given = command.opts<Flags>();
    onEnd((await namingUrl(given, () => callLeaf({ run, ...leaf }, command.processedArgs as Call['words'], given))) ?? 0);
  });
}

async function callLeaf({ run, makesStore, isOfStore }: Pick<Leaf, 'run' | 'makesStore' | 'isOfStore'>, words: Call['words'], flags: Flags) {
  const options = commandOptionsOf(flags);
  if (isOfStore) refuseServer(flags);
  const terminal: Terminal = { input: process.stdin, out: process.stdout, err: process.stderr, variables: process.env };
  const output = new Output(terminal, options);
  let opened: Promise<Backend> | undefined;
  const backend = (): Promise<Backend> => (opened ??= openBackend(flags, options, makesStore === true));
  try {
    return await run({ words, flags, options, output, terminal, backend });
  } finally {
    await (await opened?.catch(() => undefined))?.close();
  }
}

/** Opens the store or the server that flags and variables name, for a command that only reads, and closes it again. */
export async function withBackend<T>(flags: Flags, use: (backend: Backend) => Promise<T>): Promise<T> {
  const backend = await openBackend(flags, commandOptionsOf(flags), false);
  try {
    return await use(backend);
  } finally {
    await backend.close();
  }
}

/** Adds the flags of a server. */
export const addServerFlags = (command: Command, heading?: string): Command => addFlags(command, commandOptions, SERVER_FLAGS, heading);

/** Has a command that works on a store alone know the flag of a server, only to refuse it with a reason. */
export function addHiddenServerFlag(command: Command): Command {
  addFlags(command, commandOptions, ['server']);
  command.options.at(-1)?.hideHelp();
  return command;
}

/** Refuses a server, which cannot do this. @throws HOLDFAST_NOT_ON_SERVER */
export function refuseServer(flags: Flags): void {
  const { server } = commandOptionsOf(flags);
  if (server === undefined) return;
  throw new HoldfastError('HOLDFAST_NOT_ON_SERVER', { field: server, source: flags['server'] === undefined ? 'HOLDFAST_SERVER' : '--server' });
}

/** A flag for a store goes before a variable for a server. */
function commandOptionsOf(flags: Flags): Readonly<CommandOptions> {
  const options = resolveFlags(commandOptions, COMMAND_FLAGS, flags, 'command');
  if (flags['url'] === undefined) return options;
  if (flags['server'] !== undefined) throw new HoldfastError('HOLDFAST_OPTION_INVALID', { field: '--server', expected: 'left out beside --url' });
  const { server: _server, ...rest } = options;
  return rest;
}
