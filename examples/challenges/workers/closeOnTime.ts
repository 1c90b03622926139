import { Worker } from 'holdfast';
import type { Handler, Store } from 'holdfast';
import { ENDS } from '../queues';
import { getChallenge, putChallenge } from './challengeApi';
import type { ChallengeApi } from './challengeApi';

/** The task of one challenge, which the service adds with it. */
export interface EndTasks {
  closeOnTime: { readonly challengeId: number };
}

/** The longest time between two looks at a challenge whose end may be moved. */
const LOOK_MS = 2_000;

/** Waits until the end of a challenge, and closes it then. */
export const closeOnTime =
  (api: ChallengeApi): Handler<EndTasks['closeOnTime']> =>
  async (context) => {
    const { id, title, projectSource, status, subEndAt } = await getChallenge(api, context.payload.challengeId, context);
    if (status !== 'SUBMISSION') return `left alone: it is in ${status}`;
    const leftMs = Date.parse(subEndAt) - Date.now();
    if (leftMs > 0) return context.snooze(Math.min(leftMs, LOOK_MS));
    const onlyIf = `status=SUBMISSION&subEndAt=${subEndAt}`;
    const { isChanged } = await putChallenge(api, id, { title, projectSource, status: 'REVIEW' }, onlyIf, context);
    return isChanged ? 'closed' : context.snooze(1);
  };

export const endWorker = (api: ChallengeApi, store: Store): Worker<EndTasks> =>
  new Worker<EndTasks>(store, { queues: [ENDS], handlers: { closeOnTime: closeOnTime(api) } });
