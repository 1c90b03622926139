import { openExistingStore, openStore } from '../store/openStore';
import type { Store } from '../store/store';
import { storeOf } from './storeFlags';
import type { Flags } from './storeFlags';

/** Opens the store of the flags, uses it and closes it. */
export const withStore = async <T>(flags: Flags, use: (store: Store) => Promise<T>): Promise<T> => using(await openStore(storeOf(flags)), use);

/** Opens the store of the flags for a command that only reads, uses it and closes it. */
export const withExistingStore = async <T>(flags: Flags, use: (store: Store) => Promise<T>): Promise<T> =>
  using(await openExistingStore(storeOf(flags)), use);

async function using<T>(store: Store, use: (store: Store) => Promise<T>): Promise<T> {
  try {
    return await use(store);
  } finally {
    await store.close();
  }
}
