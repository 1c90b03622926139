import type { TaskState } from '../../constants/states';
import type { Backend, Following } from '../../modules/cli/backend';
import { faultOfServer } from '../../modules/cli/faultOfServer';
import { searchOf } from '../../modules/cli/searchOf';
import { part } from '../../modules/cli/urlParts';
import { followBatch } from './followBatch';
import type { BatchVerbs } from './followBatch';
import type { ServerCalls } from './serverCalls';

/** The number of tasks that an action has changed. */
interface Counted {
  readonly count: number;
}

/** The actions on all tasks of a queue of a server. They are batches, because a request can neither tell how far it is nor be stopped with its count. */
export function bulksOf(calls: ServerCalls, verbs: BatchVerbs): Pick<Backend, 'purge' | 'redrive'> {
  const act = async (action: 'remove' | 'redrive', queue: string, states: readonly TaskState[], following: Following): Promise<number> => {
    const { state, changed, error } = await followBatch(verbs, action, searchOf({ queue, state: [...states] }), following);
    if (state === 'failed') throw faultOfServer({ status: 500, code: '', detail: error ?? '' }, { what: queue, action: 'admin' });
    return changed;
  };
  return {
    purge: async (queue, states, following) => {
      const others = states.filter((state) => state !== 'running');
      const removed = others.length > 0 ? await act('remove', queue, others, following) : 0;
      if (others.length === states.length || following.signal.aborted) return removed;
      // No batch takes a task from its worker. They are no more than the workers run at once.
      return removed + (await calls.post<Counted>(`/queues/${part(queue)}/purge`, queue, { states: ['running'] })).count;
    },
    redrive: (queue, following) => act('redrive', queue, ['dead'], following),
  };
}
