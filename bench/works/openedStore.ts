import { openStore } from '../../index';
import type { Store } from '../../index';
import type { Stage } from './work';

/** Runs something on the store of a stage, and closes it afterwards. */
export async function opened<T>({ url }: Stage, run: (store: Store) => Promise<T>): Promise<T> {
  const store = await openStore(url);
  try {
    return await run(store);
  } finally {
    await store.close();
  }
}
