import type { Store } from '../../classes/store/store';
import type { TaskStore } from '../../modules/ports/taskStore';
import type { Opening } from '../support/stores';

/** The calls of a store to its database by verb. */
export type Calls = Record<'claim' | 'nextDueMs', number>;

/** Opens a store that counts its claims and looks. */
export async function openCounted(opening: Opening): Promise<{ readonly store: Store; readonly calls: Calls }> {
  const database = await opening.database();
  const calls: Calls = { claim: 0, nextDueMs: 0 };
  const tasks = new Proxy(database.tasks, {
    get: (target, key: keyof TaskStore) => {
      if (key === 'claim' || key === 'nextDueMs') calls[key] += 1;
      const member: unknown = Reflect.get(target, key);
      return typeof member === 'function' ? (member.bind(target) as unknown) : member;
    },
  });
  return { store: opening.storeOn({ ...database, tasks }), calls };
}
