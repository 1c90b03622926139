import type { TaskState } from '../../constants/states';
import { movedOnText, TASK_ACTIONS } from '../../modules/admin/taskAction';
import type { TaskAction } from '../../modules/admin/taskAction';
import type { FoundTask } from '../../modules/admin/adminTypes';
import { ADMIN_TAGS as tags, addedTask, adminQueueParams, taskIdAnswer } from '../../modules/server/adminSchemas';
import { actedAnswer, actionBody, addTaskBody, adminTaskParams, copyBody, taskAnswer, taskIdParams } from '../../modules/server/adminTaskSchemas';
import { faultAnswers } from '../../modules/server/commonSchemas';
import { instantIn } from '../../modules/server/instantIn';
import { RequestFault } from '../../modules/server/problem';
import type { Acted } from '../admin/taskActions';
import type { Admin } from '../admin/admin';
import { allows } from './accessGuard';
import { plainJson } from './jsonBodies';
import type { ServerApp, ServerParts } from './serverParts';

/** Routes of tasks. */
export function addAdminTaskRoutes(app: ServerApp, { admin }: ServerParts): void {
  addTaskReads(app, admin);
  addTaskActions(app, admin);
  addTaskAdditions(app, admin);
}

function addTaskReads(app: ServerApp, admin: Admin): void {
  app.get(
    '/v1/admin/queues/:queue/tasks/:id',
    {
      config: { access: 'read' },
      serializerCompiler: plainJson,
      schema: {
        ...{ tags, operationId: 'adminGetTask', summary: 'Shows a task, and why it is where it is.' },
        ...{ params: adminTaskParams, response: { 200: taskAnswer, ...faultAnswers } },
      },
    },
    ({ params: { queue, id } }) => found(admin, queue, id),
  );
  app.get(
    '/v1/admin/tasks/:id',
    {
      config: { access: 'read' },
      serializerCompiler: plainJson,
      schema: {
        ...{ tags, operationId: 'adminFindTask', summary: 'Shows a task of whatever queue.' },
        ...{ params: taskIdParams, response: { 200: taskAnswer, ...faultAnswers } },
      },
    },
    async ({ params: { id }, credential }) => {
      const queue = await admin.queueOf(id);
      if (queue === null || !allows(credential, 'read', queue)) throw unknownTask(id);
      return found(admin, queue, id);
    },
  );
}

async function found(admin: Admin, queue: string, id: string): Promise<FoundTask> {
  const task = await admin.task(queue, id);
  if (!task) throw unknownTask(id);
  return task;
}

const unknownTask = (id: string): RequestFault => new RequestFault('task_unknown', `There is no task ${id} here. It may have been removed.`);

function addTaskActions(app: ServerApp, admin: Admin): void {
  for (const action of TASK_ACTIONS) {
    app.post(
      `/v1/admin/queues/:queue/tasks/:id/${action}`,
      {
        config: { access: 'admin', needsWrites: true, acts: { on: 'task', action } },
        serializerCompiler: plainJson,
        schema: {
          ...{ tags, operationId: `admin${NAMES[action]}Task`, summary: SUMMARIES[action] },
          ...{ params: adminTaskParams, body: actionBody, response: { 200: actedAnswer, ...faultAnswers } },
        },
      },
      async ({ params: { queue, id }, body }) => {
        const acted = await admin.actions.act(action, queue, id, body.ifState as TaskState | undefined);
        if (!acted.isDone || !acted.task) throw refusalOf(action, id, acted, await admin.now());
        admin.picture.changedByHand(queue);
        const [task] = await admin.summaries([acted.task]);
        return { task };
      },
    );
  }
}

const NAMES: Readonly<Record<TaskAction, string>> = { retry: 'Retry', 'run-now': 'RunNow', cancel: 'Cancel', remove: 'Remove', redrive: 'Redrive' };

const SUMMARIES: Readonly<Record<TaskAction, string>> = {
  retry: 'Runs a task again: a dead one waits again without failures, a waiting one is due now.',
  'run-now': 'Makes a waiting task due now.',
  cancel: 'Cancels a waiting or running task.',
  remove: 'Removes a task that is not running.',
  redrive: 'Makes a dead task wait again.',
};

function refusalOf(action: TaskAction, id: string, { task, isClash }: Acted, nowMs: number): RequestFault {
  if (!task) return unknownTask(id);
  const facts = { state: task.state };
  if (isClash) return new RequestFault('task_key_taken', 'Another live task has the unique key of this one, so it stays dead.', { facts });
  return new RequestFault('task_moved_on', movedOnText(action, task, nowMs), { facts });
}

function addTaskAdditions(app: ServerApp, admin: Admin): void {
  const config = { access: 'admin', needsWrites: true, acts: { on: 'task', action: 'copy' } } as const;
  const response = { 201: taskIdAnswer, ...faultAnswers };
  app.post(
    '/v1/admin/queues/:queue/tasks/:id/copy',
    {
      config,
      schema: {
        ...{ tags, operationId: 'adminCopyTask', summary: 'Adds a task like another one, with the same payload or an edited one.' },
        ...{ params: adminTaskParams, body: copyBody, response },
      },
    },
    async ({ params: { queue, id }, body }, reply) => {
      const copy = await admin.actions.copy(queue, id, 'payload' in body ? { payload: body.payload } : undefined);
      if (copy === null) throw unknownTask(id);
      admin.picture.changedByHand(queue);
      return reply.code(201).send({ id: copy });
    },
  );
  addAddition(app, admin);
}

function addAddition(app: ServerApp, admin: Admin): void {
  const [config, response] = [
    { access: 'admin', needsWrites: true, acts: { on: 'queue', action: 'add' } } as const,
    { 201: addedTask, ...faultAnswers },
  ];
  app.post(
    '/v1/admin/queues/:queue/tasks',
    {
      config,
      schema: {
        ...{ tags, operationId: 'adminAddTask', summary: 'Adds a task.' },
        ...{ params: adminQueueParams, body: addTaskBody, response },
      },
    },
    async ({ params: { queue }, body: { name, payload, options = {} } }, reply) => {
      const { runAt, deadline, ...rest } = options as { readonly runAt?: string; readonly deadline?: string };
      const given = {
        ...rest,
        ...(runAt ? { runAt: instantIn(runAt, '/options/runAt') } : {}),
        ...(deadline ? { deadline: instantIn(deadline, '/options/deadline') } : {}),
      };
      const added = await admin.actions.add(queue, name, payload, given);
      admin.picture.changedByHand(queue);
      return reply.code(201).send(added);
    },
  );
}
