import { idOption, processIdOption, queueNameOption } from '../../config/options';
import { searchOptions } from '../../config/searchOptions';
import type { TaskAction } from '../../modules/admin/taskAction';
import type {
  ActedTask,
  Backend,
  FoundTask,
  NextTimes,
  Overview,
  QueueRow,
  ShownBatch,
  ShownCount,
  ShownGroup,
  ShownProcess,
  ShownSchedule,
  TasksPage,
  TaskSummary,
} from '../../modules/cli/backend';
import { HoldfastError } from '../../modules/errors/holdfastError';
import { checkOptions } from '../../modules/options/checkOptions';
import { resolveOptions } from '../../modules/options/resolveOptions';
import { readPlan } from '../../modules/schedule/readPlan';
import { parseSearch } from '../../modules/search/parseSearch';
import { newTask } from '../../modules/task/newTask';
import type { BatchVerbs } from './followBatch';
import { bulksOf } from './serverBulks';
import { ANSWER_LIMITS, ServerCalls } from './serverCalls';
import { actedTask } from '../../modules/cli/actedTask';
import { part, query } from '../../modules/cli/urlParts';
import { brokerOf } from './serverQueues';

/** What commands ask, answered by a server. */
export function serverBackend(server: string, token: string | undefined, limits = ANSWER_LIMITS): Backend {
  if (!URL.canParse(server))
    throw new HoldfastError('HOLDFAST_OPTION_INVALID', { field: '--server', expected: 'an address such as http://127.0.0.1:9324' });
  const calls = new ServerCalls(server, token, '/v1/admin', limits);
  const overview = (): Promise<Overview> => calls.get('/overview');
  const verbs = batchesOf(calls);
  return {
    where: server,
    ...tasksOf(calls),
    ...verbs,
    ...brokerOf(calls, new ServerCalls(server, token, '/v1', limits)),
    ...{ overview, queues: async () => (await overview()).queues },
    queue: async (name) => {
      const { names: _names, ...row } = await calls.get<QueueRow & { readonly names: unknown }>(`/queues/${part(name)}`, name);
      return row;
    },
    pause: async (name) => void (await calls.post(`/queues/${part(name)}/pause`, name)),
    resume: async (name) => void (await calls.post(`/queues/${part(name)}/resume`, name)),
    ...bulksOf(calls, verbs),
    failures: async (options) => (await calls.get<{ readonly groups: ShownGroup[] }>(`/failures${query(options)}`)).groups,
    failure: (group) => calls.get(`/failures/${part(group)}`, group),
    processes: async () => (await calls.get<{ readonly processes: ShownProcess[] }>('/processes')).processes,
    drain: async (id) => {
      checkOptions(processIdOption, id, 'id');
      await calls.post(`/processes/${part(id)}/drain`, id);
    },
    ...schedulesOf(calls),
    close: () => Promise.resolve(),
  };
}

const batchesOf = (calls: ServerCalls): BatchVerbs => ({
  startBatch: async (action, q) => calls.post<ShownBatch>('/batches', 'search', { action, q: readable(q) }),
  batch: (id) => calls.get<ShownBatch>(`/batches/${part(id)}`, id),
  stopBatch: (id) => calls.post<ShownBatch>(`/batches/${part(id)}/stop`, id),
});

function tasksOf(calls: ServerCalls): Pick<Backend, 'add' | 'task' | 'search' | 'count' | 'act'> {
  const find = async (id: string, queue: string | undefined): Promise<FoundTask> => {
    checkTask(id, queue);
    return calls.get(queue === undefined ? `/tasks/${part(id)}` : `/queues/${part(queue)}/tasks/${part(id)}`, id);
  };
  return {
    add: async (queue, name, payload, options) => {
      newTask(queue, name, payload, options);
      return calls.post<{ readonly id: string; readonly added: boolean }>(`/queues/${part(queue)}/tasks`, queue, { name, payload, options });
    },
    task: find,
    search: async (q, page) => {
      resolveOptions(searchOptions, page, 'search');
      return calls.get<TasksPage>(`/tasks${query({ q: readable(q), ...page })}`, 'search');
    },
    count: async (q) => calls.get<ShownCount>(`/tasks/count${query({ q: readable(q) })}`, 'search'),
    act: async (action: TaskAction, id: string, queue: string | undefined): Promise<ActedTask> => {
      checkTask(id, queue);
      const name = queue ?? (await find(id, undefined)).task.queue;
      const { task } = await calls.post<{ readonly task: TaskSummary }>(`/queues/${part(name)}/tasks/${part(id)}/${action}`, id);
      return actedTask(action, task);
    },
  };
}

/** Checks what names a task as a store does. The server would tell a fault by its schema. */
function checkTask(id: string, queue: string | undefined): void {
  checkOptions(idOption, id, 'id');
  if (queue !== undefined) checkOptions(queueNameOption, queue, 'queue');
}

/** Returns a search that can be read. @throws HOLDFAST_SEARCH_INVALID */
function readable(search: string): string {
  parseSearch(search);
  return search;
}

type ScheduleVerbs = 'schedules' | 'putSchedule' | 'removeSchedule' | 'runSchedule' | 'pauseSchedule' | 'resumeSchedule' | 'nextTimes';

const schedulesOf = (calls: ServerCalls): Pick<Backend, ScheduleVerbs> => ({
  schedules: async () => (await calls.get<{ readonly schedules: ShownSchedule[] }>('/schedules')).schedules,
  putSchedule: async (id, options) => {
    readPlan(options as Parameters<typeof readPlan>[0]);
    return (await calls.put<{ readonly schedule: ShownSchedule }>(`/schedules/${part(id)}`, id, options)).schedule;
  },
  removeSchedule: async (id) => void (await calls.delete(`/schedules/${part(id)}`, id)),
  runSchedule: async (id) => ({ taskId: (await calls.post<{ readonly id: string }>(`/schedules/${part(id)}/run-now`, id)).id }),
  pauseSchedule: async (id) => void (await calls.post(`/schedules/${part(id)}/pause`, id)),
  resumeSchedule: async (id) => void (await calls.post(`/schedules/${part(id)}/resume`, id)),
  nextTimes: (id, count) => calls.get<NextTimes>(`/schedules/${part(id)}/next${query({ count })}`, id),
});
