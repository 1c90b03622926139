import type { Backend } from '../../modules/cli/backend';
import { tellWarnings } from '../observe/tellWarnings';
import { openExistingStore, openStore } from '../store/openStore';
import { storeBackend } from './storeBackend';
import { storeOf } from './storeFlags';
import type { Flags } from './storeFlags';

/** Opens what a command works on: a server, if one is named, or a store. A command that only reads or changes makes no store. */
export async function openBackend(flags: Flags, server: string | undefined, makesStore: boolean): Promise<Backend> {
  if (server !== undefined) throw new Error('later');
  const store = await (makesStore ? openStore(storeOf(flags)) : openExistingStore(storeOf(flags)));
  tellWarnings(store.events, process.stderr);
  return storeBackend(store);
}
