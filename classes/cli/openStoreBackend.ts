import type { Backend } from '../../modules/cli/backend';
import { tellWarnings } from '../observe/tellWarnings';
import { openExistingStore, openStore } from '../store/openStore';
import { storeBackend } from './storeBackend';
import { storeOf } from './storeFlags';
import type { Flags } from './storeFlags';

/** Opens the store of the flags. Only a command that adds something makes one. */
export async function openStoreBackend(flags: Flags, makesStore: boolean): Promise<Backend> {
  const store = await (makesStore ? openStore(storeOf(flags)) : openExistingStore(storeOf(flags)));
  tellWarnings(store.events, process.stderr);
  return storeBackend(store);
}
