import type { CommandOptions } from '../../config/cliOptions';
import type { Backend } from '../../modules/cli/backend';
import { readToken } from '../../modules/cli/readToken';
import type * as server from './serverBackend';
import type * as store from './openStoreBackend';
import type { Flags } from './storeFlags';

/** Opens what a command works on: a server, if one is named, or a store. The code of the other one is not loaded. */
export async function openBackend(
  flags: Flags,
  { server: address, tokenFile }: Pick<CommandOptions, 'server' | 'tokenFile'>,
  makesStore: boolean,
): Promise<Backend> {
  if (address === undefined) return (require('./openStoreBackend') as typeof store).openStoreBackend(flags, makesStore);
  const flag = flags['tokenFile'] as string | undefined;
  const token = readToken({ flag, variable: process.env['HOLDFAST_TOKEN'], fileOfVariable: tokenFile });
  return (require('./serverBackend') as typeof server).serverBackend(address, token);
}
