import type { FastifyRequest } from 'fastify';
import type { Action } from '../../constants/serverLimits';
import { suggestions } from '../../modules/search/suggestions';
import { ADMIN_TAGS as tags } from '../../modules/server/adminSchemas';
import { countQuery, matchCount, suggestQuery, suggestionsAnswer, taskPage, tasksQuery } from '../../modules/server/adminTaskSchemas';
import { faultAnswers } from '../../modules/server/commonSchemas';
import type { Admin } from '../admin/admin';
import { allows } from './accessGuard';
import { plainJson } from './jsonBodies';
import type { ServerApp, ServerParts } from './serverParts';

/** Routes that find tasks of all queues. */
export function addSearchRoutes(app: ServerApp, { admin }: ServerParts): void {
  app.get(
    '/v1/admin/tasks',
    {
      config: { access: 'read' },
      serializerCompiler: plainJson,
      schema: {
        ...{ tags, operationId: 'adminListTasks', summary: 'Finds tasks by a search, newest first.' },
        ...{ querystring: tasksQuery, response: { 200: taskPage, ...faultAnswers } },
      },
    },
    async (request) => {
      const { q = '', after, limit = 50 } = request.query;
      const within = await queuesFor(admin, request, 'read');
      if (within?.length === 0) return { tasks: [], next: null, looked: 0, isComplete: true, slow: [] };
      const { tasks, ...page } = await admin.store.search(q, { limit, ...(after === undefined ? {} : { after }), ...(within ? { within } : {}) });
      return { tasks: await admin.summaries(tasks), ...page };
    },
  );
  addCount(app, admin);
  addSuggestions(app, admin);
}

function addCount(app: ServerApp, admin: Admin): void {
  app.get(
    '/v1/admin/tasks/count',
    {
      config: { access: 'read' },
      schema: {
        ...{ tags, operationId: 'adminCountTasks', summary: 'Counts the tasks of a search.' },
        ...{ querystring: countQuery, response: { 200: matchCount, ...faultAnswers } },
      },
    },
    async (request) => {
      const within = await queuesFor(admin, request, 'read');
      if (within?.length === 0) return { count: 0, isExact: true };
      return admin.store.countMatching(request.query.q ?? '', within ? { within } : {});
    },
  );
}

function addSuggestions(app: ServerApp, admin: Admin): void {
  app.get(
    '/v1/admin/tasks/suggest',
    {
      config: { access: 'read' },
      serializerCompiler: plainJson,
      schema: {
        ...{ tags, operationId: 'adminSuggest', summary: 'Completes a search at a place of its text.' },
        ...{ querystring: suggestQuery, response: { 200: suggestionsAnswer, ...faultAnswers } },
      },
    },
    async (request) => {
      const { q = '', at } = request.query;
      const { credential } = request;
      if (credential === null || credential.may('read', null)) return { suggestions: await admin.store.suggest(q, at) };
      // Values of tasks that the reader may not see are not suggested either.
      return { suggestions: suggestions(q, at, { queue: await admin.queuesSeen((queue) => allows(credential, 'read', queue)) }) };
    },
  );
}

/** The queues, or their patterns, to which the caller is bound; undefined for all. */
export async function queuesFor(admin: Admin, { credential }: Pick<FastifyRequest, 'credential'>, action: Action): Promise<string[] | undefined> {
  if (credential === null || credential.may(action, null)) return undefined;
  if (credential.prefix !== '') return [`${credential.prefix}*`];
  return admin.queuesSeen((queue) => credential.may(action, queue));
}
