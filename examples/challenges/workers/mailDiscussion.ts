import { Type } from 'typebox';
import type { Static } from 'typebox';
import { defineEvent } from 'holdfast';
import type { TaskContext } from 'holdfast';
import { MAIL, MAILS, UPDATE } from '../queues';
import type { Participant } from '../service/challenge';
import { apiOf, getChallenge, getParticipants } from './challengeApi';
import type { ChallengeApi } from './challengeApi';
import { mailOf } from './discussionMail';

const Posted = Type.Object({ messageId: Type.String(), challengeId: Type.Integer(), author: Type.String(), content: Type.String() });

/** A message of a discussion, as the service tells it in the transaction that writes it. */
export type PostedMessage = Static<typeof Posted>;

let api: ChallengeApi | undefined;

/** The client of this process. The service, which only tells of messages, makes none. */
const theApi = (): ChallengeApi => (api ??= apiOf(process.env));

/** The event of a new message. Its content is for the participants alone, so it is not logged. */
export const messagePosted = defineEvent({
  name: 'message-posted',
  schema: Posted,
  retry: { maxRetries: UPDATE.maxRetries, backoff: UPDATE.backoff },
  timeoutMs: UPDATE.timeoutMs,
  sanitize: ({ messageId, challengeId }) => ({ messageId, challengeId }),
  process: (message, context) => mailParticipants(theApi(), message, context),
});

/** Hands over one mail for each participant. They exist if, and only if, this attempt succeeds: a retry writes to nobody twice, and forgets nobody. */
export async function mailParticipants(
  api: ChallengeApi,
  message: PostedMessage,
  context: Pick<TaskContext, 'id' | 'signal' | 'add'>,
): Promise<number> {
  const challenge = await getChallenge(api, message.challengeId, context);
  const participants = await getParticipants(api, message.challengeId, context);
  const recipients = recipientsOf(participants, message.author);
  for (const userId of recipients) context.add(MAILS, 'discussionMail', mailOf(userId, challenge, message), MAIL);
  return recipients.length;
}

/** Everybody but the author; who has two roles stands there once. */
export const recipientsOf = (participants: readonly Participant[], author: string): string[] =>
  [...new Set(participants.map(({ userId }) => userId))].filter((userId) => userId !== author);
