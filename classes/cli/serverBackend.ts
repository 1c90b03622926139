import type { TaskAction } from '../../modules/admin/taskAction';
import type {
  ActedTask,
  Backend,
  CountedQueue,
  CountsByState,
  FoundTask,
  Overview,
  QueueRow,
  ShownBatch,
  ShownCount,
  ShownGroup,
  ShownMessage,
  ShownProcess,
  ShownSchedule,
  TasksPage,
  TaskSummary,
} from '../../modules/cli/backend';
import { ServerCalls } from './serverCalls';
import { actedTask } from '../../modules/cli/actedTask';
import { MESSAGES_SHOWN, pagesOf, QUEUES_A_PAGE } from '../../modules/cli/brokerPages';
import { countsOfRows } from '../../modules/cli/countsOfRows';

const part = encodeURIComponent;

/** Returns a query of what is defined. */
function query(given: Readonly<Record<string, string | number | undefined>>): string {
  const search = new URLSearchParams();
  for (const [key, value] of Object.entries(given)) if (value !== undefined) search.set(key, String(value));
  return `?${search.toString()}`;
}

/** What commands ask, answered by a server. */
export function serverBackend(server: string, token: string | undefined): Backend {
  const calls = new ServerCalls(server, token, '/v1/admin');
  const broker = new ServerCalls(server, token, '/v1');
  const overview = (): Promise<Overview> => calls.get('/overview');
  return {
    where: server,
    ...tasksOf(calls),
    startBatch: (action, q) => calls.post<ShownBatch>('/batches', 'search', { action, q }),
    batch: (id) => calls.get<ShownBatch>(`/batches/${part(id)}`, id),
    stopBatch: (id) => calls.post<ShownBatch>(`/batches/${part(id)}/stop`, id),
    countsByState: () => countsByState(calls, broker),
    brokerQueues: () => countedQueues(broker),
    messages: async (name) =>
      (await broker.get<{ readonly messages: ShownMessage[] }>(`/queues/${part(name)}/messages${query({ limit: MESSAGES_SHOWN })}`, name)).messages,
    ...{ overview, queues: async () => (await overview()).queues },
    queue: async (name) => {
      const { names: _names, ...row } = await calls.get<QueueRow & { readonly names: unknown }>(`/queues/${part(name)}`, name);
      return row;
    },
    pause: async (name) => void (await calls.post(`/queues/${part(name)}/pause`, name)),
    resume: async (name) => void (await calls.post(`/queues/${part(name)}/resume`, name)),
    purge: async (name, states, { signal }) =>
      (await calls.post<{ readonly count: number }>(`/queues/${part(name)}/purge`, name, { states }, signal)).count,
    redrive: async (name, { signal }) => (await calls.post<{ readonly count: number }>(`/queues/${part(name)}/redrive`, name, {}, signal)).count,
    failures: async (options) => (await calls.get<{ readonly groups: ShownGroup[] }>(`/failures${query(options)}`)).groups,
    failure: (group) => calls.get(`/failures/${part(group)}`, group),
    processes: async () => (await calls.get<{ readonly processes: ShownProcess[] }>('/processes')).processes,
    drain: async (id) => void (await calls.post(`/processes/${part(id)}/drain`, id)),
    ...schedulesOf(calls),
    close: () => Promise.resolve(),
  };
}

/** The messages of FIFO queues are no tasks, and are not among those of a store either. */
async function countsByState(calls: ServerCalls, broker: ServerCalls): Promise<CountsByState> {
  const { queues } = await calls.get<Overview>('/overview');
  const fifo = new Set<string>();
  if (queues.some(({ isBroker }) => isBroker)) for await (const { name, attributes } of brokerQueues(broker)) if (attributes.fifo) fifo.add(name);
  return countsOfRows(queues.filter(({ name }) => !fifo.has(name)));
}

async function countedQueues(broker: ServerCalls): Promise<CountedQueue[]> {
  const counted: CountedQueue[] = [];
  for await (const queue of brokerQueues(broker)) {
    counted.push({ queue, stats: await broker.get<CountedQueue['stats']>(`/queues/${part(queue.name)}/stats`, queue.name) });
  }
  return counted;
}

const brokerQueues = (broker: ServerCalls) =>
  pagesOf((after) =>
    broker.get<{ readonly queues: CountedQueue['queue'][]; readonly next: string | null }>(`/queues${query({ limit: QUEUES_A_PAGE, ...after })}`),
  );

function tasksOf(calls: ServerCalls): Pick<Backend, 'add' | 'task' | 'search' | 'count' | 'act'> {
  const find = (id: string, queue: string | undefined): Promise<FoundTask> =>
    calls.get(queue === undefined ? `/tasks/${part(id)}` : `/queues/${part(queue)}/tasks/${part(id)}`, id);
  return {
    add: (queue, name, payload, options) => {
      return calls.post<{ readonly id: string; readonly added: boolean }>(`/queues/${part(queue)}/tasks`, queue, { name, payload, options });
    },
    task: find,
    search: (q, page) => calls.get<TasksPage>(`/tasks${query({ q, ...page })}`, 'search'),
    count: (q) => calls.get<ShownCount>(`/tasks/count${query({ q })}`, 'search'),
    act: async (action: TaskAction, id: string, queue: string | undefined): Promise<ActedTask> => {
      const name = queue ?? (await find(id, undefined)).task.queue;
      const { task } = await calls.post<{ readonly task: TaskSummary }>(`/queues/${part(name)}/tasks/${part(id)}/${action}`, id);
      return actedTask(action, task);
    },
  };
}

type ScheduleVerbs = 'schedules' | 'putSchedule' | 'removeSchedule' | 'runSchedule' | 'pauseSchedule' | 'resumeSchedule' | 'nextTimes';

const schedulesOf = (calls: ServerCalls): Pick<Backend, ScheduleVerbs> => ({
  schedules: async () => (await calls.get<{ readonly schedules: ShownSchedule[] }>('/schedules')).schedules,
  putSchedule: async (id, options) => (await calls.put<{ readonly schedule: ShownSchedule }>(`/schedules/${part(id)}`, id, options)).schedule,
  removeSchedule: async (id) => void (await calls.delete(`/schedules/${part(id)}`, id)),
  runSchedule: async (id) => ({ taskId: (await calls.post<{ readonly id: string }>(`/schedules/${part(id)}/run-now`, id)).id }),
  pauseSchedule: async (id) => void (await calls.post(`/schedules/${part(id)}/pause`, id)),
  resumeSchedule: async (id) => void (await calls.post(`/schedules/${part(id)}/resume`, id)),
  nextTimes: async (id, count) => (await calls.get<{ readonly times: string[] }>(`/schedules/${part(id)}/next${query({ count })}`, id)).times,
});
