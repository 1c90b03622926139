import type { Challenge, Participant, Status } from './service/challenge';
import { TEST_CHALLENGES } from './workers/resetChallenges';

/** What happens to a challenge of the demonstration. */
export type Fate =
  /** Its end has passed before the workers start, and it is older than the workflows: the producer finds it. */
  | 'missed'
  /** A test challenge in review, to be reset with a new end, after which the producer closes it. */
  | 'test'
  /** A workflow closes it. */
  | 'on time'
  /** Its end is moved away, or nearer, while its workflow sleeps. */
  | 'moved later'
  | 'moved nearer'
  /** It is cancelled while its workflow sleeps. */
  | 'cancelled';

/** A challenge of the demonstration, with what becomes of it. */
export interface Part {
  readonly fate: Fate;
  readonly challenge: Omit<Challenge, 'workflowId'>;
  readonly participants: readonly Participant[];
  /** The end that it is moved to. */
  readonly movedTo?: string;
}

const SUBMITTERS = 3;

const HOUR = 3_600_000;

/** Makes the challenges. Their ends lie in the window, in milliseconds from the start. */
export function makeParts(count: number, startMs: number, [fromMs, toMs]: readonly [number, number]): Part[] {
  return Array.from({ length: count }, (_, index) => {
    const id = index + 1;
    const fate = fateOf(id, count);
    const after = (ms: number): string => new Date(startMs + ms).toISOString();
    const at = (share: number): string => after(fromMs + (toMs - fromMs) * share);
    const share = ((id * 37) % count) / count;
    const subEndAt = fate === 'missed' || fate === 'test' ? after(-HOUR) : fate === 'moved nearer' ? after(HOUR) : at(share);
    const status: Status = fate === 'test' ? 'REVIEW' : 'SUBMISSION';
    return {
      fate,
      challenge: { id, title: `Challenge ${id}`, projectSource: 'web', status, subEndAt },
      participants: peopleOf(id),
      ...(fate.startsWith('moved') ? { movedTo: at(1 - share / 4) } : {}),
    };
  });
}

/** The first eight are test challenges, then a good third was missed, and of the others each tenth is moved or cancelled. */
function fateOf(id: number, count: number): Fate {
  if (id <= TEST_CHALLENGES.length) return 'test';
  if (id <= TEST_CHALLENGES.length + count * 0.35) return 'missed';
  return ({ 0: 'moved later', 1: 'moved nearer', 2: 'cancelled' } as const)[id % 10] ?? 'on time';
}

/** The owner is a reviewer as well, and gets one mail. In one challenge of ten there is a submitter without an address. */
function peopleOf(challengeId: number): Participant[] {
  const person = (name: string, role: Participant['role']): Participant => {
    const userId = `${name}-${challengeId}`;
    return { challengeId, userId, userHandle: name, role };
  };
  const submitters = Array.from({ length: SUBMITTERS }, (_, index) =>
    person(index === 0 && challengeId % 10 === 5 ? 'nobody' : `submitter${index + 1}`, 'submitter'),
  );
  return [person('owner', 'owner'), person('owner', 'reviewer'), person('reviewer', 'reviewer'), ...submitters];
}
