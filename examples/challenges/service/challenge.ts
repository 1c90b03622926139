/** The states of a challenge. It accepts submissions in the first one. */
export const STATUSES = ['SUBMISSION', 'REVIEW', 'CANCELLED'] as const;

export type Status = (typeof STATUSES)[number];

/** What a client sends of a challenge. */
export interface ChallengeFields {
  readonly title: string;
  readonly projectSource: string;
  readonly status: Status;
  /** The end of submissions, as an ISO string. */
  readonly subEndAt: string;
}

/** A challenge as the service answers it. */
export interface Challenge extends ChallengeFields {
  readonly id: number;
  /** The task of the workflow that closes its submissions on time, or null for a challenge from before there were workflows. */
  readonly workflowId: string | null;
}

/** One role of one person in a challenge. Someone with two roles stands there twice. */
export interface Participant {
  readonly challengeId: number;
  readonly userId: string;
  readonly userHandle: string;
  readonly role: 'owner' | 'reviewer' | 'submitter';
}

/** A message of a discussion. The client gives its id, so that it can send the message again after a lost answer. */
export interface Message {
  readonly id: string;
  readonly discussionId: string;
  readonly challengeId: number;
  readonly createdBy: string;
  readonly content: string;
  readonly createdAt: string;
}

/** One accepted change of a challenge, written in the transaction of the change. */
export interface Change {
  readonly challengeId: number;
  readonly from: Status;
  readonly to: Status;
  /** The end of submissions before the change. */
  readonly subEndAt: string;
  readonly at: string;
}
