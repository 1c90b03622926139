import type { FastifyRequest } from 'fastify';
import { redacted } from '../../modules/admin/redacted';
import type { FailureGroup, SeenQueues } from '../../modules/statistics/failureView';
import type { ProcessView } from '../../modules/roster/processRow';
import {
  ADMIN_TAGS as tags,
  failureGroupParams,
  failureGroupSchema,
  failuresAnswer,
  failuresQuery,
  processesAnswer,
  processParams,
  statisticsAnswer,
  statisticsQuery,
} from '../../modules/server/adminSchemas';
import { exactly, faultAnswers } from '../../modules/server/commonSchemas';
import { instantIn } from '../../modules/server/instantIn';
import { RequestFault } from '../../modules/server/problem';
import { isPattern } from '../../modules/ports/queuePatterns';
import { Type } from 'typebox';
import { checkMay, seenBy } from './accessGuard';
import { plainJson } from './jsonBodies';
import type { ServerApp, ServerParts } from './serverParts';

/** Routes of processes, failures and statistics. */
export function addObserveRoutes(app: ServerApp, parts: ServerParts): void {
  addProcessRoutes(app, parts);
  addFailureRoutes(app, parts);
  addStatisticsRoute(app, parts);
}

function addProcessRoutes(app: ServerApp, { admin }: ServerParts): void {
  app.get(
    '/v1/admin/processes',
    {
      config: { access: 'read' },
      serializerCompiler: plainJson,
      schema: {
        tags,
        operationId: 'adminListProcesses',
        summary: 'Lists the live processes that have a worker.',
        response: { 200: processesAnswer, ...faultAnswers },
      },
    },
    async (request) => {
      const processes = await admin.store.processes.list();
      return { processes: processes.flatMap((process) => shownProcess(process, seenBy(request))) };
    },
  );
  app.post(
    '/v1/admin/processes/:id/drain',
    {
      config: { access: 'admin', needsWrites: true, acts: { on: 'process', action: 'drain' } },
      schema: {
        ...{ tags, operationId: 'adminDrainProcess', summary: 'Makes the workers of a process take nothing more.' },
        ...{ params: processParams, body: exactly({}), response: { 200: exactly({ isDraining: Type.Literal(true) }), ...faultAnswers } },
      },
    },
    async ({ params: { id }, credential }) => {
      checkMay(credential, 'admin', null);
      if (!(await admin.store.processes.drain(id)))
        throw new RequestFault('process_unknown', `No live process has the id ${id}, nor a worker of it.`);
      return { isDraining: true };
    },
  );
}

/** What a reader may see of a process: the queues of others are left out, and a process that serves no other. */
function shownProcess(process: ProcessView, isSeen: (queue: string) => boolean): ProcessView[] {
  const mayServe = (queue: string): boolean => (isPattern(queue) ? true : isSeen(queue));
  const workers = process.workers.map((worker) => ({ ...worker, queues: worker.queues.filter(mayServe) })).filter(({ queues }) => queues.length > 0);
  return workers.length === 0 ? [] : [{ ...process, workers, tasks: process.tasks.filter(({ queue }) => isSeen(queue)) }];
}

function addFailureRoutes(app: ServerApp, { admin }: ServerParts): void {
  app.get(
    '/v1/admin/failures',
    {
      config: { access: 'read' },
      serializerCompiler: plainJson,
      schema: {
        ...{ tags, operationId: 'adminListFailures', summary: 'Lists failures by cause, the last ones first.' },
        ...{ querystring: failuresQuery, response: { 200: failuresAnswer, ...faultAnswers } },
      },
    },
    async (request) => {
      const groups = await admin.store.failures.listSeen(request.query, boundOf(request));
      return { groups: groups.map(shownGroup) };
    },
  );
  app.get(
    '/v1/admin/failures/:group',
    {
      config: { access: 'read' },
      serializerCompiler: plainJson,
      schema: {
        ...{ tags, operationId: 'adminGetFailures', summary: 'Shows the failures of one cause.' },
        ...{ params: failureGroupParams, response: { 200: failureGroupSchema, ...faultAnswers } },
      },
    },
    async (request) => {
      const { group } = request.params;
      const found = await admin.failureGroup(group, boundOf(request));
      if (!found) throw new RequestFault('failure_group_unknown', `There is no group ${group}. A group is kept for 90 days after its last failure.`);
      return shownGroup(found);
    },
  );
}

/** What looks like a secret is hidden. */
const shownGroup = (group: FailureGroup): FailureGroup => ({ ...group, message: redacted(group.message).value });

/** The queues to which a reader is bound; undefined for all. */
const boundOf = (request: FastifyRequest): SeenQueues =>
  request.credential === null || request.credential.may('read', null) ? undefined : seenBy(request);

function addStatisticsRoute(app: ServerApp, { admin }: ServerParts): void {
  app.get(
    '/v1/admin/statistics',
    {
      config: { access: 'read' },
      serializerCompiler: plainJson,
      schema: {
        ...{ tags, operationId: 'adminStatistics', summary: 'Shows what was counted in a time, in equal steps and by name.' },
        ...{ querystring: statisticsQuery, response: { 200: statisticsAnswer, ...faultAnswers } },
      },
    },
    async ({ query: { from, to, ...rest }, credential }) => {
      checkMay(credential, 'read', rest.queue ?? null);
      const times = { ...(from ? { from: instantIn(from, '/from', 'query') } : {}), ...(to ? { to: instantIn(to, '/to', 'query') } : {}) };
      return admin.store.statistics.read({ ...rest, ...times });
    },
  );
}
