import type { Command } from 'commander';
import { runnerOptions } from '../../config/cliOptions';
import type { RunnerOptions } from '../../config/cliOptions';
import { storeOptions } from '../../config/options';
import type { StoreOptions } from '../../config/optionTypes';
import { addFlags, resolveFlags } from '../../modules/cli/commandLine';
import { withUrlSource } from '../../modules/options/optionSource';

/** Flags as the parser read them. */
export type Flags = Readonly<Record<string, unknown>>;

/** The options of a store that have flags. */
export const STORE_FLAGS = ['url', 'namespace', 'prefix', 'durability', 'callTimeoutMs', 'waitMs'] as const;
const RUNNER_FLAGS = ['queue', 'logLevel'] as const;
export const PROCESS_FLAGS = ['processes'] as const;

/** Adds the flags that name a store. */
export const addUrlFlags = (command: Command): Command => addFlags(command, storeOptions, STORE_FLAGS);

/** Adds the flags of commands that use one store, for its tasks. */
export const addStoreFlags = (command: Command): Command => addFlags(addUrlFlags(command), runnerOptions, RUNNER_FLAGS);

export const runnerOf = (flags: Flags): Readonly<RunnerOptions> => resolveFlags(runnerOptions, [...RUNNER_FLAGS, ...PROCESS_FLAGS], flags, 'runner');

export const storeOf = (flags: Flags): Readonly<StoreOptions> => resolveFlags(storeOptions, STORE_FLAGS, flags, 'store');

/** Runs a command. An error in the URL names the flag or the variable that gave it. */
export const namingUrl = <T>(flags: Flags, use: (flags: Flags) => Promise<T>): Promise<T> =>
  withUrlSource(flags['url'] === undefined ? 'HOLDFAST_URL' : '--url', () => use(flags));
