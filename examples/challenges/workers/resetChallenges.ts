import { Queue, Worker } from 'holdfast';
import type { Caller } from 'holdfast/http';
import type { Handler, Store } from 'holdfast';
import { RESETS, UPDATE } from '../queues';
import type { Challenge } from '../service/challenge';
import { getChallenge, putChallenge } from './challengeApi';
import type { ChallengeApi } from './challengeApi';

/** The challenges that developers test with. */
export const TEST_CHALLENGES = [1, 2, 3, 4, 5, 6, 7, 8];

/** How long a test challenge accepts submissions again. */
const OPEN_FOR_MS = Number(process.env['CHALLENGES_OPEN_FOR_MS'] ?? 24 * 3_600_000);

/** A test challenge that is to accept submissions again, with the end that it was found with. */
export type Reset = Pick<Challenge, 'id' | 'title' | 'projectSource' | 'subEndAt'>;

interface Tasks {
  reset: Reset;
}

/** Producer: adds one task for each test challenge that is in review. Returns the number of new tasks. */
export async function produceResets(api: ChallengeApi, store: Store, caller?: Caller): Promise<number> {
  const challenges = await Promise.all(TEST_CHALLENGES.map((id) => getChallenge(api, id, caller)));
  const answers = await new Queue<Tasks>(store, RESETS).addMany(challenges.filter(isInReview).map(resetOf));
  return answers.filter(({ added }) => added).length;
}

const isInReview = ({ status }: Challenge): boolean => status === 'REVIEW';

const resetOf = ({ id, title, projectSource, subEndAt }: Challenge) => ({
  name: 'reset' as const,
  payload: { id, title, projectSource, subEndAt },
  options: { ...UPDATE, uniqueKey: `reset ${id}` },
});

/**
 * Consumer: moves a test challenge back from REVIEW to SUBMISSION, with a new end. The old end is in the condition: by the status alone, a PUT that is
 * sent again after a lost answer could reset a challenge that was closed once more in between.
 */
export const resetChallenge =
  (api: ChallengeApi): Handler<Reset> =>
  async (context) => {
    const { id, title, projectSource, subEndAt } = context.payload;
    const fields = { title, projectSource, status: 'SUBMISSION', subEndAt: new Date(Date.now() + OPEN_FOR_MS).toISOString() } as const;
    const { isChanged, challenge } = await putChallenge(api, id, fields, `status=REVIEW&subEndAt=${subEndAt}`, context);
    return isChanged ? 'reset' : `left alone: it is in ${challenge.status}`;
  };

export const resetWorker = (api: ChallengeApi, store: Store): Worker<Tasks> =>
  new Worker<Tasks>(store, { queues: [RESETS], handlers: { reset: resetChallenge(api) } });
