import { Queue, Worker } from 'holdfast';
import type { Caller } from 'holdfast/http';
import type { Handler, Store } from 'holdfast';
import { CLOSINGS, UPDATE } from '../queues';
import type { Challenge } from '../service/challenge';
import { listChallenges, putChallenge } from './challengeApi';
import type { ChallengeApi } from './challengeApi';

/** A challenge whose submissions are to be closed: all that the PUT needs, and the end that it was found with. */
export type Closing = Pick<Challenge, 'id' | 'title' | 'projectSource' | 'subEndAt'>;

interface Tasks {
  produce: null;
  close: Closing;
}

/** Producer: adds one task for each challenge whose submissions have ended. It runs once; who calls it decides when. Returns the number of new tasks. */
export async function produceClosings(api: ChallengeApi, store: Store, caller?: Caller): Promise<number> {
  const overdue = await findOverdue(api, new Date(), caller);
  const answers = await new Queue<Tasks>(store, CLOSINGS).addMany(overdue.map(closingOf));
  return answers.filter(({ added }) => added).length;
}

/** The instant is that of the call: one that was taken when this file was loaded would miss all later ends. */
const findOverdue = (api: ChallengeApi, now: Date, caller?: Caller): Promise<Challenge[]> =>
  listChallenges(api, `status=SUBMISSION&subEndAt<${now.toISOString()}`, caller);

/** A challenge that already has a task gets no second one, however many producers run. An end that was moved is another key. */
const closingOf = ({ id, title, projectSource, subEndAt }: Challenge) => ({
  name: 'close' as const,
  payload: { id, title, projectSource, subEndAt },
  options: { ...UPDATE, uniqueKey: `close ${id} ${subEndAt}` },
});

/** Consumer: moves a challenge from SUBMISSION to REVIEW, unless it was moved, cancelled or closed since it was found. */
export const closeSubmission =
  (api: ChallengeApi): Handler<Closing> =>
  async (context) => {
    const { id, title, projectSource, subEndAt } = context.payload;
    const onlyIf = `status=SUBMISSION&subEndAt=${subEndAt}`;
    const { isChanged, challenge } = await putChallenge(api, id, { title, projectSource, status: 'REVIEW' }, onlyIf, context);
    return isChanged ? 'closed' : `left alone: it is in ${challenge.status}, with its end at ${challenge.subEndAt}`;
  };

/** The worker of both: a schedule of Holdfast may add the task `produce`. */
export const closingWorker = (api: ChallengeApi, store: Store): Worker<Tasks> =>
  new Worker<Tasks>(store, {
    queues: [CLOSINGS],
    handlers: { produce: (context) => produceClosings(api, store, context), close: closeSubmission(api) },
  });
