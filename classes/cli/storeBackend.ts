import { userInfo } from 'node:os';
import { TASK_STATES } from '../../constants/states';
import { redacted } from '../../modules/admin/redacted';
import { asJson } from '../../modules/cli/asJson';
import { MESSAGES_SHOWN, pagesOf, QUEUES_A_PAGE } from '../../modules/cli/brokerPages';
import type { Backend, CountedQueue, ShownGroup, ShownSchedule } from '../../modules/cli/backend';
import type { ScheduleView } from '../../modules/schedule/scheduleView';
import type { FailureGroup } from '../../modules/statistics/failureView';
import { onWire } from '../../modules/server/messageBody';
import { HoldfastError } from '../../modules/errors/holdfastError';
import { Admin } from '../admin/admin';
import { Broker } from '../broker/broker';
import type { Scheduler, ScheduleArguments } from '../schedule/scheduler';
import type { Store } from '../store/store';
import { StoreTasks } from './storeTasks';

/** What commands ask, answered by a store. */
export function storeBackend(store: Store): Backend {
  const admin = new Admin(store);
  const tasks = new StoreTasks(admin);
  const overview = async () => asJson(await admin.picture.overview(() => true));
  return {
    where: store.url,
    add: (queue, name, payload, options) => admin.actions.add(queue, name, payload, options),
    task: (...given) => tasks.task(...given),
    search: (...given) => tasks.search(...given),
    count: (text) => store.countMatching(text),
    act: (...given) => tasks.act(...given),
    ...batchesOf(store),
    countsByState: () => store.parts.tasks.counts(TASK_STATES),
    ...brokerOf(store),
    ...{ overview, queues: async () => (await overview()).queues },
    queue: async (name) => asJson(await admin.picture.queue(name)),
    pause: (name) => admin.queue(name).pause(),
    resume: (name) => admin.queue(name).resume(),
    purge: (name, states, { tell, signal }) => admin.queue(name).purge({ states: [...states], onProgress: tell, signal }),
    redrive: (name, { tell, signal }) => admin.queue(name).redrive({ onProgress: tell, signal }),
    ...observingOf(admin),
    ...schedulesOf(admin.scheduler),
    close: () => store.close(),
  };
}

const brokerOf = (store: Store): Pick<Backend, 'brokerQueues' | 'messages'> => {
  const use = async <T>(ask: (broker: Broker) => Promise<T>): Promise<T> => {
    const broker = new Broker(store);
    return ask(broker).finally(() => broker.close());
  };
  return {
    brokerQueues: () => use(countedQueues),
    messages: (queue) => use(async (broker) => asJson((await broker.peek(queue, { limit: MESSAGES_SHOWN })).messages.map(onWire))),
  };
};

async function countedQueues(broker: Broker): Promise<readonly CountedQueue[]> {
  const counted: CountedQueue[] = [];
  for await (const queue of pagesOf((after) => broker.listQueues({ limit: QUEUES_A_PAGE, ...after }))) {
    counted.push(asJson({ queue, stats: await broker.stats(queue.name) }));
  }
  return counted;
}

const batchesOf = ({ batches }: Store): Pick<Backend, 'startBatch' | 'batch' | 'stopBatch'> => ({
  startBatch: async (action, search) => asJson(await batches.start({ action, search, by: userInfo().username })),
  batch: async (id) => {
    const found = await batches.get(id);
    if (!found) throw new HoldfastError('HOLDFAST_BATCH_MISSING', { field: id });
    return asJson(found);
  },
  stopBatch: async (id) => asJson(await batches.stop(id)),
});

const observingOf = (admin: Admin): Pick<Backend, 'failures' | 'failure' | 'processes' | 'drain'> => ({
  failures: async (options) => (await admin.store.failures.list(options)).map(shownGroup),
  failure: async (group) => {
    const found = await admin.failureGroup(group);
    if (!found) throw new HoldfastError('HOLDFAST_GROUP_MISSING', { field: group });
    return shownGroup(found);
  },
  processes: async () => asJson(await admin.store.processes.list()),
  drain: async (id) => refuse(!(await admin.store.processes.drain(id)), 'HOLDFAST_PROCESS_MISSING', id),
});

type ScheduleVerbs = 'schedules' | 'putSchedule' | 'removeSchedule' | 'runSchedule' | 'pauseSchedule' | 'resumeSchedule' | 'nextTimes';

const schedulesOf = (scheduler: Scheduler): Pick<Backend, ScheduleVerbs> => ({
  schedules: async () => (await scheduler.list()).map(shownSchedule),
  putSchedule: async (id, options) => shownSchedule(await scheduler.upsert(id, options as ScheduleArguments)),
  removeSchedule: async (id) => refuse(!(await scheduler.remove(id)), 'HOLDFAST_SCHEDULE_MISSING', id),
  pauseSchedule: async (id) => refuse(!(await scheduler.pause(id)), 'HOLDFAST_SCHEDULE_MISSING', id),
  resumeSchedule: async (id) => refuse(!(await scheduler.resume(id)), 'HOLDFAST_SCHEDULE_MISSING', id),
  runSchedule: async (id) => {
    const taskId = await scheduler.runNow(id);
    if (taskId === null) throw new HoldfastError('HOLDFAST_SCHEDULE_MISSING', { field: id });
    return { taskId };
  },
  nextTimes: async (id, count) => {
    const upcoming = await scheduler.upcoming(id, count);
    if (!upcoming) throw new HoldfastError('HOLDFAST_SCHEDULE_MISSING', { field: id });
    return asJson(upcoming);
  },
});

/** What looks like a secret is hidden, as a server hides it. */
function shownSchedule({ payload, ...view }: ScheduleView): ShownSchedule {
  const { value, isHidden } = redacted(payload);
  return asJson({ ...view, payload: value, isHidden });
}

const shownGroup = (group: FailureGroup): ShownGroup => asJson({ ...group, message: redacted(group.message).value });

function refuse(isMissing: boolean, code: 'HOLDFAST_PROCESS_MISSING' | 'HOLDFAST_SCHEDULE_MISSING', field: string): void {
  if (isMissing) throw new HoldfastError(code, { field });
}
