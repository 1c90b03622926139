import type { Static, TSchema } from 'typebox';
import {
  ADMIN_TAGS as tags,
  adminPurgeBody,
  adminQueuePage,
  adminQueueParams,
  adminQueuesQuery,
  adminRedriveBody,
  countAnswer,
  pausedAnswer,
  queueDetail,
} from '../../modules/server/adminSchemas';
import { exactly, faultAnswers } from '../../modules/server/commonSchemas';
import type { TaskState } from '../../constants/states';
import type { Admin } from '../admin/admin';
import { seenBy } from './accessGuard';
import { plainJson } from './jsonBodies';
import type { ServerApp, ServerParts } from './serverParts';

/** Routes of queues. */
export function addAdminQueueRoutes(app: ServerApp, { admin }: ServerParts): void {
  app.get(
    '/v1/admin/queues',
    {
      config: { access: 'read' },
      serializerCompiler: plainJson,
      schema: {
        ...{ tags, operationId: 'adminListQueues', summary: 'Lists the queues of the store by name.' },
        ...{ querystring: adminQueuesQuery, response: { 200: adminQueuePage, ...faultAnswers } },
      },
    },
    async (request) => {
      const { after = '', limit = 100 } = request.query;
      const { queues } = await admin.picture.overview(seenBy(request));
      const found = queues.filter(({ name }) => name > after);
      return { queues: found.slice(0, limit), next: found.length > limit ? (found[limit - 1]?.name ?? null) : null };
    },
  );
  app.get(
    '/v1/admin/queues/:queue',
    {
      config: { access: 'read' },
      serializerCompiler: plainJson,
      schema: {
        ...{ tags, operationId: 'adminGetQueue', summary: 'Shows a queue, and what was counted of it by name.' },
        ...{ params: adminQueueParams, response: { 200: queueDetail, ...faultAnswers } },
      },
    },
    async ({ params: { queue } }) => {
      const [row, { names }] = await Promise.all([admin.picture.queue(queue), admin.store.statistics.read({ queue })]);
      return { ...row, names };
    },
  );
  addQueueActions(app, admin);
}

function addQueueActions(app: ServerApp, admin: Admin): void {
  const nothing = exactly({});
  const paused = async (name: string, isPaused: boolean) => {
    await (isPaused ? admin.queue(name).pause() : admin.queue(name).resume());
    return { name, isPaused };
  };
  addAction(app, admin, {
    ...{ path: 'pause', summary: 'Pauses a queue: nothing of it is claimed.', body: nothing, answer: pausedAnswer },
    act: (name) => paused(name, true),
  });
  addAction(app, admin, {
    ...{ path: 'resume', summary: 'Ends a pause.', body: nothing, answer: pausedAnswer },
    act: (name) => paused(name, false),
  });
  addAction(app, admin, {
    ...{ path: 'purge', summary: 'Removes the tasks of a queue that are in the given states.', body: adminPurgeBody, answer: countAnswer },
    act: async (name, { states, ...rest }) => ({
      count: await admin.queue(name).purge({ ...rest, ...(states ? { states: states as TaskState[] } : {}) }),
    }),
  });
  addAction(app, admin, {
    ...{ path: 'redrive', summary: 'Makes the dead tasks of a queue wait again.', body: adminRedriveBody, answer: countAnswer },
    act: async (name, which) => ({ count: await admin.queue(name).redrive(which) }),
  });
}

function addAction<Body extends TSchema>(app: ServerApp, admin: Admin, { path, summary, body, answer, act }: QueueAction<Body>): void {
  app.post(
    `/v1/admin/queues/:queue/${path}`,
    {
      config: { access: 'admin', needsWrites: true, acts: { on: 'queue', action: path } },
      schema: {
        ...{ tags, operationId: `admin${path[0]?.toUpperCase()}${path.slice(1)}Queue`, summary },
        ...{ params: adminQueueParams, body, response: { 200: answer, ...faultAnswers } },
      },
    },
    async (request) => {
      const done = await act(request.params.queue, request.body as Static<Body>);
      admin.picture.changedByHand(request.params.queue);
      return done;
    },
  );
}

/** What a person does with a whole queue. */
interface QueueAction<Body extends TSchema> {
  readonly path: string;
  readonly summary: string;
  readonly body: Body;
  readonly answer: TSchema;
  readonly act: (queue: string, body: Static<Body>) => Promise<object>;
}
