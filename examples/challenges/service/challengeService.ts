import { fastify } from 'fastify';
import type { FastifyInstance, FastifyReply } from 'fastify';
import { Type } from 'typebox';
import type { Static } from 'typebox';
import { isHoldfastError, Queue } from '../../../index';
import type { Store } from '../../../index';
import type { Journal } from '../journal';
import { ENDS, UPDATE } from '../queues';
import { CHANGED } from '../workers/closeOnTime';
import type { EndTasks } from '../workers/closeOnTime';
import { messagePosted } from '../workers/mailDiscussion';
import { STATUSES } from './challenge';
import type { Challenge, ChallengeFields } from './challenge';
import { readFilter } from './challengeFilter';
import type { ChallengeRecords } from './challengeRecords';
import { FAIR, spoil } from './weather';
import type { Weather } from './weather';

/** The parts of the service. */
export interface ServiceParts {
  readonly records: ChallengeRecords;
  readonly store: Store;
  /** The bearer token that it asks for. */
  readonly token: string;
  readonly journal?: Pick<Journal, 'write'>;
  readonly weather?: Partial<Weather>;
}

/** The most challenges on one page. */
export const PAGE = 50;

const Fields = Type.Object({
  title: Type.String({ minLength: 1 }),
  projectSource: Type.String({ minLength: 1 }),
  status: Type.Enum([...STATUSES]),
  subEndAt: Type.Optional(Type.String({ format: 'date-time' })),
});
const Role = Type.Object({ userId: Type.String(), userHandle: Type.String(), role: Type.Enum(['owner', 'reviewer', 'submitter']) });
const NewChallenge = Type.Object({
  ...Fields.properties,
  id: Type.Integer(),
  subEndAt: Type.String({ format: 'date-time' }),
  participants: Type.Array(Role),
});
const NewMessage = Type.Object({ id: Type.String(), createdBy: Type.String(), content: Type.String(), discussionId: Type.String() });
const ById = Type.Object({ id: Type.Integer() });
const Listing = Type.Object({
  filter: Type.String({ default: '' }),
  limit: Type.Integer({ minimum: 1, maximum: PAGE, default: PAGE }),
  offset: Type.Integer({ minimum: 0, default: 0 }),
  fields: Type.Optional(Type.String()),
});

/** The challenge service. Each answer is `{ success, status, content }`. */
export function challengeService(parts: ServiceParts): FastifyInstance {
  const app = fastify({ forceCloseConnections: true });
  app.addHook('onRequest', async ({ headers }, reply) => {
    if (headers.authorization !== `Bearer ${parts.token}`) return refuse(reply, 401, 'a bearer token is needed');
  });
  noteWrites(app, parts);
  spoil(app, { ...FAIR, ...parts.weather });
  app.setErrorHandler((error: { readonly statusCode?: number; readonly message: string }, _request, reply) =>
    refuse(reply, error.statusCode ?? 500, error.message),
  );
  messagePosted.on(parts.store, { logger: null });
  readRoutes(app, parts);
  challengeRoutes(app, parts);
  messageRoutes(app, parts);
  return app;
}

const succeed = (reply: FastifyReply, content: unknown) => reply.send({ success: true, status: 200, content });

const refuse = (reply: FastifyReply, status: number, content: unknown) => reply.code(status).send({ success: false, status, content });

function noteWrites(app: FastifyInstance, { journal }: ServiceParts): void {
  if (!journal) return;
  app.addHook('preValidation', ({ method, params, headers }, _reply, done) => {
    const key = String(headers['idempotency-key'] ?? '');
    if (method === 'PUT') journal.write({ did: 'received', challengeId: Number((params as { id: string }).id), key, at: Date.now() });
    done();
  });
}

function readRoutes(app: FastifyInstance, { records }: ServiceParts): void {
  app.get<{ Querystring: Static<typeof Listing> }>('/challenges', { schema: { querystring: Listing } }, async ({ query }, reply) => {
    const conditions = readFilter(query.filter);
    if (!conditions) return refuse(reply, 400, 'the filter is malformed');
    const names = query.fields?.split(',');
    const found = await records.list(conditions, query.limit, query.offset);
    return succeed(
      reply,
      found.map((challenge) => (names ? Object.fromEntries(Object.entries(challenge).filter(([name]) => names.includes(name))) : challenge)),
    );
  });
  app.get<{ Params: Static<typeof ById> }>('/challenges/:id', { schema: { params: ById } }, async ({ params }, reply) => {
    const challenge = await records.find(params.id);
    return challenge ? succeed(reply, challenge) : refuse(reply, 404, 'no such challenge');
  });
  app.get<{ Params: Static<typeof ById> }>('/challenges/:id/participants', { schema: { params: ById } }, async ({ params }, reply) => {
    const challenge = await records.find(params.id);
    return challenge ? succeed(reply, await records.participants(params.id)) : refuse(reply, 404, 'no such challenge');
  });
}

function challengeRoutes(app: FastifyInstance, { records, store }: ServiceParts): void {
  const queue = new Queue<EndTasks>(store, ENDS);
  app.post<{ Body: Static<typeof NewChallenge> }>('/challenges', { schema: { body: NewChallenge } }, async ({ body }, reply) => {
    const { participants, ...challenge } = body;
    const roles = participants.map((participant) => ({ ...participant, challengeId: challenge.id }));
    if (await records.find(challenge.id)) return succeed(reply, { id: challenge.id });
    // The challenge and its workflow are committed together: neither is ever there without the other.
    await records.transaction(async (session) => {
      const { id: workflowId } = await queue.add('closeOnTime', { challengeId: challenge.id }, { ...UPDATE, session });
      await records.add({ ...challenge, workflowId }, roles, session);
    });
    return succeed(reply, { id: challenge.id });
  });
  app.put<{ Params: Static<typeof ById>; Querystring: { filter?: string }; Body: Static<typeof Fields> }>(
    '/challenges/:id',
    { schema: { params: ById, body: Fields } },
    async ({ params: { id }, query, body }, reply) => {
      const conditions = readFilter(query.filter ?? '');
      if (!conditions) return refuse(reply, 400, 'the filter is malformed');
      const found = await records.find(id);
      if (!found) return refuse(reply, 404, 'no such challenge');
      const fields = { ...body, subEndAt: body.subEndAt ?? found.subEndAt };
      const before = await records.transaction((session) => records.change(id, conditions, fields, session));
      if (before) await tellWorkflow(queue, before, fields);
      // Who reads this sees what the challenge is now, and whether anything is left to do.
      return before ? succeed(reply, { ...before, ...fields }) : refuse(reply, 409, await records.find(id));
    },
  );
}

/** Wakes the workflow of a challenge whose end was moved, or that was cancelled. One that has ended needs no signal. */
async function tellWorkflow(queue: Queue<EndTasks>, { workflowId, subEndAt }: Challenge, after: ChallengeFields): Promise<void> {
  if (workflowId === null || after.status === 'REVIEW' || (after.status === 'SUBMISSION' && after.subEndAt === subEndAt)) return;
  try {
    await queue.signal(workflowId, CHANGED);
  } catch (error) {
    if (!isHoldfastError(error, 'HOLDFAST_TASK_FINISHED') && !isHoldfastError(error, 'HOLDFAST_TASK_MISSING')) throw error;
  }
}

function messageRoutes(app: FastifyInstance, { records, journal }: ServiceParts): void {
  const schema = { params: ById, body: NewMessage };
  app.post<{ Params: Static<typeof ById>; Body: Static<typeof NewMessage> }>('/challenges/:id/messages', { schema }, async (request, reply) => {
    const challenge = await records.find(request.params.id);
    if (!challenge) return refuse(reply, 404, 'no such challenge');
    const message = { ...request.body, challengeId: challenge.id, createdAt: new Date().toISOString() };
    if (!(await records.findMessage(message.id))) {
      if (challenge.status !== 'SUBMISSION') return refuse(reply, 409, challenge);
      // The message and its event are committed together: neither is ever there without the other.
      await records.transaction(async (session) => {
        await records.addMessage(message, session);
        await messagePosted.emit(eventOf(message), { session });
      });
    }
    journal?.write({ did: 'posted', messageId: message.id, at: Date.now() });
    return succeed(reply, { id: message.id });
  });
}

const eventOf = ({ id, challengeId, createdBy, content }: { id: string; challengeId: number; createdBy: string; content: string }) => ({
  messageId: id,
  challengeId,
  author: createdBy,
  content,
});
