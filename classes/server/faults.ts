import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify';
import { SECOND } from '../../constants/limits';
import { RETRY_AFTER_SECONDS } from '../../constants/serverLimits';
import type { EntryAnswer } from '../../modules/broker/brokerTypes';
import { problem, problemOf } from '../../modules/server/problem';
import type { Problem } from '../../modules/server/problem';
import { requestFaultOf } from '../../modules/server/requestFault';
import { withHeaders } from './accessGuard';
import type { ServerParts } from './serverParts';

export const PROBLEM_TYPE = 'application/problem+json; charset=utf-8';

/** Methods of calls that change nothing. */
const READS: ReadonlySet<string> = new Set(['GET', 'HEAD']);

type OnBug = ServerParts['onBug'];

/** Describes any error: a fault of the request or of the store, or a bug, which is reported. */
function describe(error: unknown, onBug: OnBug, isRead = false): Problem {
  const known = problemOf(error, isRead) ?? problemOf(requestFaultOf(error as FastifyError));
  if (known) return known;
  onBug(error);
  return problem('internal_error', 'The request could not be carried out. The log of the server has the reason.');
}

/** Answers with a fault. */
export const answerFault =
  ({ onBug, admin }: Pick<ServerParts, 'onBug' | 'admin'>) =>
  (error: unknown, { id, method }: FastifyRequest, reply: FastifyReply): void => {
    const described = describe(error, onBug, READS.has(method));
    const isAway = described.code === 'store_unavailable';
    if (isAway) void reply.header('retry-after', RETRY_AFTER_SECONDS);
    const taken = isAway ? admin.picture.taken : undefined;
    const told = { ...described, ...(taken ? { takenAt: taken.at, ageSeconds: Math.round(taken.ageMs / SECOND) } : {}), requestId: id };
    void withHeaders(reply, error).code(told.status).type(PROBLEM_TYPE).serializer(JSON.stringify).send(told);
  };

/** Turns the answer for one entry of several into that of the wire. */
export const entryOnWire =
  <T, Wire>(onBug: OnBug, told: (answer: T) => Wire) =>
  (answer: EntryAnswer<T>): Wire | { readonly error: Problem } => {
    if (answer.ok) return told(answer);
    return { error: describe(answer.error, onBug) };
  };
