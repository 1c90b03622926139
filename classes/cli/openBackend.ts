import type { Backend } from '../../modules/cli/backend';
import type * as server from './serverBackend';
import type * as store from './openStoreBackend';
import type { Flags } from './storeFlags';

/** Opens what a command works on: a server, if one is named, or a store. The code of the other one is not loaded. */
export async function openBackend(flags: Flags, address: string | undefined, makesStore: boolean): Promise<Backend> {
  if (address !== undefined) return (require('./serverBackend') as typeof server).serverBackend(address, process.env['HOLDFAST_TOKEN']);
  return (require('./openStoreBackend') as typeof store).openStoreBackend(flags, makesStore);
}
