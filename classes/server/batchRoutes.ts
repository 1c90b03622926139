import type { FastifyRequest } from 'fastify';
import { isHoldfastError } from '../../modules/errors/holdfastError';
import type { BatchView } from '../../modules/bulk/batchRow';
import { ADMIN_TAGS as tags } from '../../modules/server/adminSchemas';
import { batchAnswer, batchBody, batchesAnswer, batchParams } from '../../modules/server/batchSchemas';
import { exactly, faultAnswers } from '../../modules/server/commonSchemas';
import { RequestFault } from '../../modules/server/problem';
import type { Admin } from '../admin/admin';
import { plainJson } from './jsonBodies';
import { queuesFor } from './searchRoutes';
import type { ServerApp, ServerParts } from './serverParts';

/** Routes of actions on all tasks that match a search. */
export function addBatchRoutes(app: ServerApp, { admin }: ServerParts): void {
  const response = { 200: batchAnswer, ...faultAnswers };
  app.get(
    '/v1/admin/batches',
    {
      config: { access: 'read' },
      serializerCompiler: plainJson,
      schema: {
        tags,
        operationId: 'adminListBatches',
        summary: 'Lists batches, the newest first.',
        response: { 200: batchesAnswer, ...faultAnswers },
      },
    },
    async (request) => ({ batches: (await admin.store.batches.list()).filter((batch) => isSeen(request, batch)) }),
  );
  app.get(
    '/v1/admin/batches/:id',
    {
      config: { access: 'read' },
      serializerCompiler: plainJson,
      schema: { tags, operationId: 'adminGetBatch', summary: 'Shows how far a batch has come.', params: batchParams, response },
    },
    async (request) => batchOf(admin, request),
  );
  addBatchActions(app, admin, response);
}

function addBatchActions(app: ServerApp, admin: Admin, response: object): void {
  const config = { access: 'admin', needsWrites: true } as const;
  app.post(
    '/v1/admin/batches',
    {
      config,
      serializerCompiler: plainJson,
      schema: {
        ...{ tags, operationId: 'adminStartBatch', summary: 'Starts an action on all tasks that match a search.' },
        ...{ body: batchBody, response: { 202: batchAnswer, ...faultAnswers } },
      },
    },
    async (request, reply) => {
      const { q, by, ...rest } = request.body;
      const within = await queuesFor(admin, request, 'admin');
      if (within?.length === 0) throw new RequestFault('not_allowed', request.credential?.refusal('admin') ?? '');
      const starter = request.credential?.name ?? by;
      const batch = await admin.store.batches.start({
        ...rest,
        search: q,
        ...(starter ? { by: starter } : {}),
        ...(within ? { within } : {}),
      });
      return reply.code(202).send(batch);
    },
  );
  addStop(app, admin, response);
}

function addStop(app: ServerApp, admin: Admin, response: object): void {
  app.post(
    '/v1/admin/batches/:id/stop',
    {
      config: { access: 'admin', needsWrites: true, acts: { on: 'batch', action: 'stop' } },
      serializerCompiler: plainJson,
      schema: {
        tags,
        operationId: 'adminStopBatch',
        summary: 'Has a batch end after the part under way.',
        params: batchParams,
        body: exactly({}),
        response,
      },
    },
    async (request) => {
      const { id } = await batchOf(admin, request);
      return admin.store.batches.stop(id);
    },
  );
}

async function batchOf(admin: Admin, request: FastifyRequest): Promise<BatchView> {
  const { id } = request.params as { readonly id: string };
  const batch = await admin.store.batches.get(id).catch((error: unknown) => {
    if (isHoldfastError(error, 'HOLDFAST_BATCH_MISSING')) return null;
    throw error;
  });
  if (!batch || !isSeen(request, batch)) throw new RequestFault('batch_unknown', `There is no batch ${id}. One is kept for a week after its end.`);
  return batch;
}

/** Whoever may not look at all queues sees the batches of their own. */
const isSeen = ({ credential }: Pick<FastifyRequest, 'credential'>, { by }: BatchView): boolean =>
  credential === null || credential.may('read', null) || by === credential.name;
