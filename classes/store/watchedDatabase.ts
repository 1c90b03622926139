import type { Database } from '../../modules/ports/database';
import type { FifoStore } from '../../modules/ports/fifoStore';
import type { FollowUpStore } from '../../modules/ports/followUpStore';
import type { QueueLook } from '../../modules/ports/queueLook';
import type { QueueTallies } from '../../modules/ports/queueTally';
import type { RecordStore } from '../../modules/ports/recordStore';
import type { ScheduleStore } from '../../modules/ports/scheduleStore';
import type { StepStore } from '../../modules/ports/stepStore';
import type { HeldRequest, ListRequest, Part, TaskStore } from '../../modules/ports/taskStore';
import type { TaskSearch } from '../../modules/ports/taskSearch';
import type { Task } from '../../modules/task/task';
import type { StoreMonitor } from '../observe/storeMonitor';

/** Wraps the ports of a database verb by verb, so that a monitor limits the time of each call and sees its result. */
export function watchedDatabase(database: Database, monitor: StoreMonitor): Database {
  const { bulk, tallies, looks, settings, progress, transit, messages, fifo, records, steps, followUps, search } = database;
  return {
    ...database,
    tasks: watchedTasks(database.tasks, monitor),
    schedules: watchedSchedules(database.schedules, monitor),
    looks: watchedLooks(looks, monitor),
    tallies: watchedTallies(tallies, monitor),
    bulk: {
      partMs: bulk.partMs,
      idsAtOnce: bulk.idsAtOnce,
      count: (filter, most) => monitor.call('bulkCount', () => bulk.count(filter, most)),
      now: () => monitor.call('now', () => bulk.now()),
      placeAfter: (queue, state, newest) => monitor.call('bulkPlace', () => bulk.placeAfter(queue, state, newest)),
      change: (request) => monitor.call('bulkChange', () => bulk.change(request)),
    },
    settings: {
      paused: () => monitor.call('paused', () => settings.paused()),
      setPaused: (queue, paused) => monitor.call('setPaused', () => settings.setPaused(queue, paused)),
    },
    search: watchedSearch(search, monitor),
    progress: { report: (reports) => monitor.call('report', () => progress.report(reports)) },
    transit: {
      hold: (tasks, lease) => monitor.call('hold', () => transit.hold(tasks, lease)),
      carried: (tasks) => monitor.call('carried', () => transit.carried(tasks)),
      place: (tasks, lease, carried) => monitor.call('place', () => transit.place(tasks, lease, carried)),
      release: (keys, token) => monitor.call('release', () => transit.release(keys, token)),
    },
    messages: {
      move: (moves) => monitor.call('move', () => messages.move(moves)),
      overdue: (queue, forMs, limit) => monitor.call('overdue', () => messages.overdue(queue, forMs, limit)),
    },
    ...{ fifo: watchedFifo(fifo, monitor), followUps: watchedFollowUps(followUps, monitor) },
    records: watchedRecords(records, monitor),
    steps: watchedSteps(steps, monitor),
  };
}

const watchedTallies = (tallies: QueueTallies, monitor: StoreMonitor): QueueTallies => ({
  atOnce: tallies.atOnce,
  of: (queue, most) => monitor.call('counts', () => tallies.of(queue, most)),
  before: (task, most) => monitor.call('before', () => tallies.before(task, most)),
});

const watchedLooks = (looks: QueueLook, monitor: StoreMonitor): QueueLook => ({
  due: (queues) => monitor.call('due', () => looks.due(queues)),
  names: () => monitor.call('names', () => looks.names()),
});

const watchedRecords = (records: RecordStore, monitor: StoreMonitor): RecordStore => ({
  read: (kind, key) => monitor.call('read', () => records.read(kind, key)),
  write: (write) => monitor.call('write', () => records.write(write)),
  list: (request) => monitor.call('records', () => records.list(request)),
  remove: (kind, key) => monitor.call('remove', () => records.remove(kind, key)),
});

const watchedSearch = (search: TaskSearch, monitor: StoreMonitor): TaskSearch => ({
  look: (request) => monitor.call('look', () => search.look(request)),
});

const watchedFifo = (fifo: FifoStore, monitor: StoreMonitor): FifoStore => ({
  send: (queue, messages) => monitor.call('send', () => fifo.send(queue, messages)),
  claim: (request) => monitor.call('claim', () => fifo.claim(request)),
  renew: (leases, ms) => monitor.call('renew', () => fifo.renew(leases, ms)),
  settle: (settlements) => monitor.call('settle', () => fifo.settle(settlements)),
  find: (queue, ids) => monitor.call('find', () => fifo.find(queue, ids)),
  list: (request) => monitor.call('list', () => fifo.list(request)),
  overdue: (queue, forMs, limit) => monitor.call('overdue', () => fifo.overdue(queue, forMs, limit)),
  tally: (queue, most) => monitor.call('counts', () => fifo.tally(queue, most)),
  nextDueMs: (queues) => monitor.call('nextDueMs', () => fifo.nextDueMs(queues)),
  purge: (queue, until) => monitor.call('purge', () => fifo.purge(queue, until)),
  repair: () => monitor.call('repair', () => fifo.repair()),
});

const watchedSteps = (steps: StepStore, monitor: StoreMonitor): StepStore => ({
  read: (task) => monitor.call('readSteps', () => steps.read(task)),
  record: (writes) => monitor.call('record', () => steps.record(writes)),
  take: (request) => monitor.call('take', () => steps.take(request)),
  signal: (task, signal) => monitor.call('signal', () => steps.signal(task, signal)),
});

/** Wraps the lease port. `watch` is not wrapped: its callback may come at any time. */
export function watchedTasks(tasks: TaskStore, monitor: StoreMonitor): TaskStore {
  return {
    insert: (added, session) => monitor.call('insert', () => tasks.insert(added, session)),
    claim: (request) => monitor.call('claim', () => tasks.claim(request)),
    held: (request: HeldRequest) => monitor.call('held', () => tasks.held(request)),
    renew: (leases, renewal) => monitor.call('renew', () => tasks.renew(leases, renewal)),
    settle: (settlements) => monitor.call('settle', () => tasks.settle(settlements)),
    expired: (limit, inTurn, skip) => monitor.call('expired', () => tasks.expired(limit, inTurn, skip)),
    find: (queue: string | null, id: string, part?: Part) =>
      monitor.call('find', () => (part ? (tasks.find(queue, id, part) as Promise<Task | null>) : tasks.find(queue, id))),
    list: (request: ListRequest) => monitor.call('list', () => tasks.list(request)),
    counts: (states) => monitor.call('counts', () => tasks.counts(states)),
    nextDueMs: (queues, except) => monitor.call('nextDueMs', () => tasks.nextDueMs(queues, except)),
    prune: (limit) => monitor.call('prune', () => tasks.prune(limit)),
    ...(tasks.watch && { watch: (onHint) => tasks.watch?.(onHint) ?? (() => undefined) }),
  };
}

const watchedFollowUps = (followUps: FollowUpStore, monitor: StoreMonitor): FollowUpStore => ({
  kept: (forMs, limit) => monitor.call('kept', () => followUps.kept(forMs, limit)),
  handOver: (handOvers) => monitor.call('handOver', () => followUps.handOver(handOvers)),
});

function watchedSchedules(schedules: ScheduleStore, monitor: StoreMonitor): ScheduleStore {
  return {
    now: () => monitor.call('now', () => schedules.now()),
    list: (limit, after) => monitor.call('list', () => schedules.list(limit, after)),
    find: (id) => monitor.call('find', () => schedules.find(id)),
    put: (schedule) => monitor.call('put', () => schedules.put(schedule)),
    remove: (id) => monitor.call('remove', () => schedules.remove(id)),
    claimDue: (request) => monitor.call('claimDue', () => schedules.claimDue(request)),
    attend: (of, note) => monitor.call('attend', () => schedules.attend(of, note)),
    attendance: (of) => monitor.call('attendance', () => schedules.attendance(of)),
    noteOutcome: (taskId, state) => monitor.call('noteOutcome', () => schedules.noteOutcome(taskId, state)),
  };
}
