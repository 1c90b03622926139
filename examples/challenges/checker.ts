import type { Entry } from './journal';
import type { Challenge, Change } from './service/challenge';
import type { Snapshot } from './snapshot';
import { NOBODY } from './smtpSink';
import { addressOf } from './workers/discussionMail';
import { recipientsOf } from './workers/mailDiscussion';
import { countBy, judgeMails } from './mailChecker';
import type { MailVerdict } from './mailChecker';

/** What the journals and the database tell together. */
export interface Verdict extends MailVerdict {
  readonly challenges: number;
  /** Changes from SUBMISSION to REVIEW, by how many of them a challenge had. */
  readonly closedTimes: Readonly<Record<number, number>>;
  readonly cancelled: number;
  readonly putsReceived: number;
  /** PUTs whose key the service had received before. */
  readonly putsRepeated: number;
  readonly retries: number;
  readonly deadAsExpected: number;
  /** Seconds from the end of a challenge to its change, for challenges with a workflow and for those that the producer found. */
  readonly late: { readonly onTime: Quantiles; readonly produced: Quantiles };
  readonly messages: number;
  /** Each must be 0. */
  readonly faults: Readonly<Record<string, number>>;
}

/** The median and the 99th percentile. */
export interface Quantiles {
  readonly p50: number;
  readonly p99: number;
}

/** Compares what is with what has to be. It knows the journals and the records alone, and no rule of the workers. */
export function judge(entries: readonly Entry[], snapshot: Snapshot): Verdict {
  const { challenges, changes, messages, eventsOf, dead, retries } = snapshot;
  const closings = changes.filter(({ from, to }) => from === 'SUBMISSION' && to === 'REVIEW');
  const times = challenges.map(({ id }) => closings.filter(({ challengeId }) => challengeId === id).length);
  const known = new Set(messages.map(({ id }) => id));
  const strangers = expectedMails(snapshot).filter(({ to }) => to.startsWith(NOBODY)).length;
  const deadStrangers = dead.filter(({ to }) => to?.startsWith(NOBODY)).length;
  const mails = judgeMails(entries, expectedMails(snapshot));
  return {
    ...mails,
    challenges: challenges.length,
    messages: messages.length,
    closedTimes: countBy(times),
    cancelled: challenges.filter(({ status }) => status === 'CANCELLED').length,
    ...putsIn(entries),
    retries,
    deadAsExpected: deadStrangers,
    late: lateness(entries, snapshot, closings),
    faults: {
      'challenges left in SUBMISSION': challenges.filter(({ status }) => status === 'SUBMISSION').length,
      'challenges closed more than once': times.filter((count) => count > 1).length,
      'challenges closed before their end': closings.filter(({ at, subEndAt }) => at < subEndAt).length,
      'changes that a condition should have stopped': changes.filter(isWrong).length,
      'messages without event': messages.filter(({ id }) => !eventsOf.includes(id)).length,
      'events without message, or a second one of a message': eventsOf.length - new Set(eventsOf.filter((id) => known.has(id))).size,
      'messages confirmed and lost': entries.filter((entry) => entry.did === 'posted' && !known.has(entry.messageId)).length,
      'people without their mail': mails.missing,
      'mails to the author or a stranger': mails.unwanted,
      'second mails without a kill': mails.unmatched,
      'tasks dead without reason': dead.length - deadStrangers + Math.max(0, deadStrangers - strangers),
      'unknown recipients not told of': Math.max(0, strangers - deadStrangers),
    },
  };
}

/** A change of a challenge that was in review or cancelled overwrites the work of another, unless it resets a test challenge. */
const isWrong = ({ from, to }: Change): boolean => from === 'CANCELLED' || (from === 'REVIEW' && to !== 'SUBMISSION');

/** One mail for each participant of a message but its author. */
function expectedMails({ messages, participants }: Snapshot): { readonly to: string; readonly messageId: string }[] {
  return messages.flatMap(({ id, challengeId, createdBy }) => {
    const own = participants.filter((participant) => participant.challengeId === challengeId);
    return recipientsOf(own, createdBy).map((userId) => ({ to: addressOf(userId), messageId: id }));
  });
}

function putsIn(entries: readonly Entry[]): Pick<Verdict, 'putsReceived' | 'putsRepeated'> {
  const keys = entries.flatMap((entry) => (entry.did === 'received' && entry.key !== '' ? [entry.key] : []));
  return { putsReceived: keys.length, putsRepeated: keys.length - new Set(keys).size };
}

/** A challenge can be closed from its end on, but not before it was moved there, nor before there was a worker. */
function lateness(entries: readonly Entry[], { challenges, changes }: Snapshot, closings: readonly Change[]): Verdict['late'] {
  const startedAt = Math.min(...entries.flatMap((entry) => (entry.did === 'started' && entry.what === 'worker' ? [entry.at] : [])));
  const byId = new Map(challenges.map((challenge) => [challenge.id, challenge]));
  const lateOf = (closing: Change): number => {
    const before = changes.filter(({ challengeId, at }) => challengeId === closing.challengeId && at < closing.at).map(({ at }) => Date.parse(at));
    return (Date.parse(closing.at) - Math.max(Date.parse(closing.subEndAt), startedAt, ...before)) / 1_000;
  };
  const lateWhere = (is: (challenge: Challenge | undefined) => boolean): Quantiles =>
    quantiles(closings.filter(({ challengeId }) => is(byId.get(challengeId))).map(lateOf));
  return { onTime: lateWhere((challenge) => challenge?.workflowId !== null), produced: lateWhere((challenge) => challenge?.workflowId === null) };
}

export function quantiles(values: readonly number[]): Quantiles {
  const sorted = [...values].sort((one, other) => one - other);
  const at = (share: number): number => sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? 0;
  return { p50: at(0.5), p99: at(0.99) };
}

/** Whether all is as it has to be, and there was something to judge. */
export const isSound = ({ faults, challenges }: Verdict): boolean => challenges > 0 && Object.values(faults).every((count) => count === 0);
