import type { Backend, ShownGroup, ShownProcess, ShownSchedule } from '../../modules/cli/backend';
import { asJson } from '../../modules/cli/taskSummary';
import { HoldfastError } from '../../modules/errors/holdfastError';
import { Queue } from '../queue/queue';
import { Scheduler } from '../schedule/scheduler';
import type { ScheduleArguments } from '../schedule/scheduler';
import type { Store } from '../store/store';
import { StoreQueues } from './storeQueues';
import { StoreTasks } from './storeTasks';

/** What commands ask, answered by a store. */
export function storeBackend(store: Store): Backend {
  const tasks = new StoreTasks(store);
  const queues = new StoreQueues(store);
  return {
    where: store.url,
    add: (...given) => tasks.add(...given),
    task: (...given) => tasks.task(...given),
    result: (id, queue, timeoutMs) => new Queue(store, queue).result(id, { timeoutMs }),
    act: (...given) => tasks.act(...given),
    queues: () => queues.queues(),
    queue: (name) => queues.queue(name),
    pause: (name) => queues.pause(name),
    resume: (name) => queues.resume(name),
    purge: (...given) => queues.purge(...given),
    redrive: (...given) => queues.redrive(...given),
    failures: async (options) => asJson<ShownGroup[]>(await store.failures.list(options)),
    processes: async () => asJson<ShownProcess[]>(await store.processes.list()),
    drain: async (id) => found(await store.processes.drain(id), 'HOLDFAST_PROCESS_MISSING', id),
    ...schedulesOf(new Scheduler(store)),
    close: () => store.close(),
  };
}

type ScheduleVerbs = 'schedules' | 'putSchedule' | 'removeSchedule' | 'runSchedule' | 'pauseSchedule' | 'resumeSchedule' | 'nextTimes';

const schedulesOf = (scheduler: Scheduler): Pick<Backend, ScheduleVerbs> => ({
  schedules: async () => asJson<ShownSchedule[]>(await scheduler.list()),
  putSchedule: async (id, options) => asJson<ShownSchedule>(await scheduler.upsert(id, options as ScheduleArguments)),
  removeSchedule: async (id) => found(await scheduler.remove(id), 'HOLDFAST_SCHEDULE_MISSING', id),
  pauseSchedule: async (id) => found(await scheduler.pause(id), 'HOLDFAST_SCHEDULE_MISSING', id),
  resumeSchedule: async (id) => found(await scheduler.resume(id), 'HOLDFAST_SCHEDULE_MISSING', id),
  runSchedule: async (id) => {
    const taskId = await scheduler.runNow(id);
    if (taskId === null) throw new HoldfastError('HOLDFAST_SCHEDULE_MISSING', { field: id });
    return { taskId };
  },
  nextTimes: async (id, count) => {
    found((await scheduler.get(id)) !== null, 'HOLDFAST_SCHEDULE_MISSING', id);
    return asJson<string[]>(await scheduler.next(id, count));
  },
});

function found(isFound: boolean, code: 'HOLDFAST_PROCESS_MISSING' | 'HOLDFAST_SCHEDULE_MISSING', field: string): void {
  if (!isFound) throw new HoldfastError(code, { field });
}
