import { Emitter } from '../../classes/observe/emitter';
import { InternalErrors } from '../../classes/observe/internalErrors';
import { LeaseKeeper } from '../../classes/lease/leaseKeeper';
import { StoreMonitor } from '../../classes/observe/storeMonitor';
import { Recorder } from '../../classes/lease/recorder';
import { Settler } from '../../classes/lease/settler';
import { Sweeper } from '../../classes/lease/sweeper';
import { watchedTasks } from '../../classes/store/watchedDatabase';
import { Wakeups } from '../../classes/idle/wakeups';
import type { EventName } from '../../constants/events';
import type { Task } from '../../modules/task/task';
import { EPOCH_MS, FakeClock } from '../support/fakeClock';
import { fakeTasks, NO_HAND_OVERS } from '../support/fakeTasks';
import { idOf, sampleLease, sampleTask } from '../support/samples';

/** A task whose lease has expired. */
export const expiredTask = (n: number, rest: Partial<Task> = {}): Task =>
  sampleTask({ id: idOf(n), lease: sampleLease({ token: `token ${n}`, expiresAt: new Date(EPOCH_MS + n) }), ...rest });

/** A sweeper on a fake port behind a StoreMonitor, with its real neighbours, wired as in a Store. */
export function sweeperParts(random = 0) {
  const clock = new FakeClock();
  const tasks = fakeTasks();
  const events = new Emitter();
  const monitor = new StoreMonitor(events, clock, 5_000);
  const watched = watchedTasks(tasks, monitor);
  const internalErrors = new InternalErrors({ events, clock, isOfStore: (error) => monitor.isFault(error) });
  const leases = new LeaseKeeper(watched, clock, internalErrors);
  const wakeups = new Wakeups({ tasks: watched, looksPerSecond: 5, clock, random: () => random });
  const settler = new Settler(watched, internalErrors, clock, () => random);
  const recorder = new Recorder({
    tasks: watched,
    settler,
    handOvers: NO_HAND_OVERS,
    wakeups,
    events,
    internalErrors,
    clock,
    random: () => random,
  });
  const sweeper = new Sweeper({
    tasks: watched,
    leases,
    recorder,
    storeNow: () => Promise.resolve(clock.now()),
    events,
    internalErrors,
    clock,
    random: () => random,
  });
  const told: { readonly name: EventName; readonly event: unknown }[] = [];
  for (const name of ['lease-swept', 'task-dead', 'store-lost', 'store-returned', 'store-error', 'internal-error'] as const) {
    events.on(name, (event) => told.push({ name, event }));
  }
  const begin = clock.monotonic();
  /** The times at which the store was asked for expired leases, counted from the start. */
  const sweptAt: number[] = [];
  tasks.expired.callsFake(() => {
    sweptAt.push(clock.monotonic() - begin);
    return Promise.resolve([]);
  });
  /** Lets time pass until the next sweep. */
  const nextSweep = async (): Promise<void> => {
    const before = tasks.expired.callCount;
    while (tasks.expired.callCount === before) await clock.advance(50);
  };
  return { clock, tasks, events, leases, wakeups, sweeper, told, sweptAt, nextSweep };
}
