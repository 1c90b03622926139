import type { FastifyContextConfig } from 'fastify';
import type { Static } from 'typebox';
import { Type } from 'typebox';
import { redacted } from '../../modules/admin/redacted';
import {
  ADMIN_TAGS as tags,
  nextTimes,
  nextTimesQuery,
  scheduleParams,
  schedulesAnswer,
  putScheduleBody,
  scheduleSchema,
  taskIdAnswer,
} from '../../modules/server/adminSchemas';
import { exactly, faultAnswers } from '../../modules/server/commonSchemas';
import { instantIn } from '../../modules/server/instantIn';
import { RequestFault } from '../../modules/server/problem';
import type { Credential } from '../../modules/server/credential';
import type { ScheduleArguments } from '../schedule/scheduler';
import type { ScheduleView } from '../../modules/schedule/scheduleView';
import type { Action } from '../../constants/serverLimits';
import type { Admin } from '../admin/admin';
import { allows, checkMay } from './accessGuard';
import { plainJson } from './jsonBodies';
import type { ServerApp, ServerParts } from './serverParts';

/** Routes of schedules. */
export function addScheduleRoutes(app: ServerApp, { admin }: ServerParts): void {
  app.get(
    '/v1/admin/schedules',
    {
      config: { access: 'read' },
      serializerCompiler: plainJson,
      schema: { tags, operationId: 'adminListSchedules', summary: 'Lists schedules by id.', response: { 200: schedulesAnswer, ...faultAnswers } },
    },
    async ({ credential }) => {
      const schedules = await admin.scheduler.list();
      return { schedules: schedules.filter(({ queue }) => allows(credential, 'read', queue)).map(shownSchedule) };
    },
  );
  app.get(
    '/v1/admin/schedules/:id/next',
    {
      config: { access: 'read' },
      serializerCompiler: plainJson,
      schema: {
        ...{ tags, operationId: 'adminNextTimes', summary: 'Shows when a schedule fires next, or would if a pause ended now.' },
        ...{ params: scheduleParams, querystring: nextTimesQuery, response: { 200: nextTimes, ...faultAnswers } },
      },
    },
    async ({ params: { id }, query: { count = 10 }, credential }) => {
      await scheduleFor(admin, id, credential, 'read');
      const upcoming = await admin.scheduler.upcoming(id, count);
      if (!upcoming) throw unknown(id);
      return { times: [...upcoming.times], paused: upcoming.paused };
    },
  );
  addScheduleActions(app, admin);
}

function shownSchedule({ payload, ...view }: ScheduleView): Static<typeof scheduleSchema> {
  const { value, isHidden } = redacted(payload);
  return { ...view, payload: value, isHidden };
}

/** Returns a schedule whose queue the caller may use. */
async function scheduleFor(admin: Admin, id: string, credential: Credential | null, action: Action): Promise<ScheduleView> {
  const schedule = await admin.scheduler.get(id);
  if (!schedule) throw unknown(id);
  checkMay(credential, action, schedule.queue);
  return schedule;
}

const unknown = (id: string): RequestFault => new RequestFault('schedule_unknown', `There is no schedule ${id}.`);

const writing = (action: string): FastifyContextConfig => ({ access: 'admin', needsWrites: true, acts: { on: 'schedule', action } });

function addScheduleActions(app: ServerApp, admin: Admin): void {
  app.post(
    '/v1/admin/schedules/:id/run-now',
    {
      config: writing('run-now'),
      schema: {
        ...{ tags, operationId: 'adminRunSchedule', summary: 'Adds a task of a schedule now.' },
        ...{ params: scheduleParams, body: exactly({}), response: { 201: taskIdAnswer, ...faultAnswers } },
      },
    },
    async ({ params: { id }, credential }, reply) => {
      await scheduleFor(admin, id, credential, 'admin');
      const task = await admin.scheduler.runNow(id);
      if (task === null) throw unknown(id);
      admin.picture.heardOf(null);
      return reply.code(201).send({ id: task });
    },
  );
  addPut(app, admin);
  addPauses(app, admin);
  addRemoval(app, admin);
}

function addPut(app: ServerApp, admin: Admin): void {
  app.put(
    '/v1/admin/schedules/:id',
    {
      config: writing('put'),
      serializerCompiler: plainJson,
      schema: {
        ...{ tags, operationId: 'adminPutSchedule', summary: 'Stores a schedule, or changes the one with this id.' },
        ...{ params: scheduleParams, body: putScheduleBody, response: { 200: exactly({ schedule: scheduleSchema }), ...faultAnswers } },
      },
    },
    async ({ params: { id }, body: { at, startAt, endAt, ...rest }, credential }) => {
      const dates = Object.entries({ at, startAt, endAt }).flatMap(([key, text]) => (text === undefined ? [] : [[key, instantIn(text, `/${key}`)]]));
      const given = { ...rest, ...Object.fromEntries(dates) } as ScheduleArguments;
      const before = await admin.scheduler.get(id);
      for (const queue of [given.queue, ...(before ? [before.queue] : [])]) checkMay(credential, 'admin', queue);
      return { schedule: shownSchedule(await admin.scheduler.upsert(id, given)) };
    },
  );
}

function addPauses(app: ServerApp, admin: Admin): void {
  for (const action of ['pause', 'resume'] as const) {
    app.post(
      `/v1/admin/schedules/:id/${action}`,
      {
        config: writing(action),
        serializerCompiler: plainJson,
        schema: {
          tags,
          operationId: action === 'pause' ? 'adminPauseSchedule' : 'adminResumeSchedule',
          summary: action === 'pause' ? 'Pauses a schedule.' : 'Ends a pause. What was due meanwhile is skipped.',
          ...{ params: scheduleParams, body: exactly({}), response: { 200: exactly({ schedule: scheduleSchema }), ...faultAnswers } },
        },
      },
      async ({ params: { id }, credential }) => {
        await scheduleFor(admin, id, credential, 'admin');
        if (!(await admin.scheduler[action](id))) throw unknown(id);
        return { schedule: shownSchedule(await scheduleFor(admin, id, credential, 'admin')) };
      },
    );
  }
}

function addRemoval(app: ServerApp, admin: Admin): void {
  app.delete(
    '/v1/admin/schedules/:id',
    {
      config: writing('remove'),
      schema: {
        ...{ tags, operationId: 'adminRemoveSchedule', summary: 'Removes a schedule. Its tasks stay.' },
        ...{ params: scheduleParams, response: { 204: Type.Null({ description: 'Done.' }), ...faultAnswers } },
      },
    },
    async ({ params: { id }, credential }, reply) => {
      await scheduleFor(admin, id, credential, 'admin');
      if (!(await admin.scheduler.remove(id))) throw unknown(id);
      return reply.code(204).send(null);
    },
  );
}
