import { Worker } from 'holdfast';
import type { Handler, Store } from 'holdfast';
import type { Caller } from 'holdfast/http';
import { ENDS } from '../queues';
import type { Challenge } from '../service/challenge';
import { getChallenge, putChallenge } from './challengeApi';
import type { ChallengeApi, PutAnswer } from './challengeApi';

/** The workflow of one challenge, which the service adds with it. */
export interface EndTasks {
  closeOnTime: { readonly challengeId: number };
}

/** The signal that the service sends to the workflow when the end was moved or the challenge was cancelled. */
export const CHANGED = 'changed';

/**
 * Sleeps until the end of a challenge, and closes it then. Each round looks at the challenge anew, so that a signal that was never sent costs nothing but
 * time: who wakes too early sleeps again, and the producer finds what was moved nearer.
 */
export const closeOnTime =
  (api: ChallengeApi): Handler<EndTasks['closeOnTime']> =>
  async ({ payload: { challengeId }, step, waitForSignal }) => {
    for (let round = 1; ; round += 1) {
      const challenge = await step(`look ${round}`, (caller) => getChallenge(api, challengeId, caller));
      if (challenge.status !== 'SUBMISSION') return `left alone: it is in ${challenge.status}`;
      // The wait comes in every attempt, and its first call counts: what is left until the end may be over in a later one.
      if (await waitForSignal(CHANGED, { timeoutMs: leftUntil(challenge) })) continue;
      const { isChanged } = await step(`close ${round}`, (caller) => close(api, challenge, caller));
      if (isChanged) return 'closed';
    }
  };

const leftUntil = ({ subEndAt }: Challenge): number => Math.max(1, Date.parse(subEndAt) - Date.now());

/** The condition keeps an end that was moved at the last moment. */
const close = (api: ChallengeApi, { id, title, projectSource, subEndAt }: Challenge, caller: Caller): Promise<PutAnswer> =>
  putChallenge(api, id, { title, projectSource, status: 'REVIEW' }, `status=SUBMISSION&subEndAt=${subEndAt}`, caller);

export const endWorker = (api: ChallengeApi, store: Store): Worker<EndTasks> =>
  new Worker<EndTasks>(store, { queues: [ENDS], maxConcurrency: 50, handlers: { closeOnTime: closeOnTime(api) } });
