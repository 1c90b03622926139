import { LIVE_STATES } from '../../constants/states';
import { noCounts, totalCounts } from '../task/counts';
import { foreignQueue, queueInside, queueOutside } from './namespace';
import type { Schedule } from '../schedule/schedule';
import type { Task } from '../task/task';
import type { ScheduleStore } from '../ports/scheduleStore';
import type { Database } from '../ports/database';
import type { QueueSettings } from '../ports/queueSettings';
import type { TaskStore } from '../ports/taskStore';
import type { Transit } from '../ports/transit';

/**
 * Limits a database to one namespace: its queues have a prefix in the database, and none outside.
 *
 * Sweeps see all namespaces, so that any process frees the tasks of a crashed worker in any environment.
 */
export function namespacedDatabase(database: Database, namespace: string): Database {
  return {
    ...database,
    tasks: namespacedTasks(database.tasks, namespace),
    settings: namespacedSettings(database.settings, namespace),
    schedules: namespacedSchedules(database.schedules, namespace),
    transit: namespacedTransit(database.transit, namespace),
    liveElsewhere: async () => {
      const counts = Object.entries(await database.tasks.counts(LIVE_STATES)).filter(([queue]) => foreignQueue(namespace, queue));
      const { waiting, running } = totalCounts(counts.map(([, byState]) => byState));
      return waiting + running;
    },
  };
}

function namespacedTasks(tasks: TaskStore, namespace: string): TaskStore {
  const inside = (queue: string): string => queueInside(namespace, queue);
  const outside = (task: Task): Task => {
    const queue = queueOutside(namespace, task.queue);
    return queue === task.queue ? task : { ...task, queue };
  };
  const isOurs = ({ queue }: { readonly queue: string }): boolean => !foreignQueue(namespace, queue);
  return {
    insert: (added, session) => tasks.insert(namespace === '' ? added : added.map((task) => ({ ...task, queue: inside(task.queue) })), session),
    claim: async (request) => {
      const claim = await tasks.claim({ ...request, queues: request.queues.map(inside) });
      return { ...claim, tasks: claim.tasks.map(outside) };
    },
    held: async (token) => (await tasks.held(token)).map(outside),
    renew: (leases, renewal) => tasks.renew(leases, renewal),
    settle: (settlements) => tasks.settle(settlements),
    expired: async (limit, inTurn) => (await tasks.expired(limit, inTurn)).map(outside),
    find: async (id) => {
      const task = await tasks.find(id);
      return task && isOurs(task) ? outside(task) : null;
    },
    list: async (request) => (await tasks.list({ ...request, queue: inside(request.queue) })).map(outside),
    counts: async (states) => {
      const counts = noCounts();
      for (const [queue, byState] of Object.entries(await tasks.counts(states))) {
        if (isOurs({ queue })) counts[queueOutside(namespace, queue)] = byState;
      }
      return counts;
    },
    nextDueMs: (queues) => tasks.nextDueMs(queues.map(inside)),
    prune: (limit) => tasks.prune(limit),
    ...(tasks.watch ? { watch: (onChange) => tasks.watch?.(onChange) ?? (() => undefined) } : {}),
  };
}

/** The number of due schedules of all namespaces that are searched for ours. */
const DUE_OF_ALL = 10_000;

/** Schedule ids have the same prefix as queues. */
function namespacedSchedules(schedules: ScheduleStore, namespace: string): ScheduleStore {
  const inside = (id: string): string => queueInside(namespace, id);
  const ours = (all: readonly Schedule[]): Schedule[] =>
    all.filter(({ id }) => !foreignQueue(namespace, id)).map((schedule) => ({ ...schedule, id: queueOutside(namespace, schedule.id) }));
  return {
    now: () => schedules.now(),
    list: async () => ours(await schedules.list()),
    find: async (id) => ours([await schedules.find(inside(id))].flatMap((found) => found ?? []))[0] ?? null,
    put: (schedule) => schedules.put({ ...schedule, id: inside(schedule.id) }),
    remove: (id) => schedules.remove(inside(id)),
    due: async (declared, limit) => {
      const due = await schedules.due(declared.map(inside), DUE_OF_ALL);
      return { ...due, schedules: ours(due.schedules).slice(0, limit) };
    },
    noteOutcome: (taskId, state) => schedules.noteOutcome(taskId, state),
  };
}

const namespacedTransit = (transit: Transit, namespace: string): Transit => ({
  hold: (tasks, lease) => transit.hold(tasks, lease),
  place: (tasks, lease) =>
    transit.place(
      tasks.map((task) => ({ ...task, queue: queueInside(namespace, task.queue) })),
      lease,
    ),
  release: (ids, token) => transit.release(ids, token),
});

function namespacedSettings(settings: QueueSettings, namespace: string): QueueSettings {
  return {
    paused: async () => {
      const ours = [...(await settings.paused())].filter((queue) => !foreignQueue(namespace, queue));
      return new Set(ours.map((queue) => queueOutside(namespace, queue)));
    },
    setPaused: (queue, paused) => settings.setPaused(queueInside(namespace, queue), paused),
  };
}
