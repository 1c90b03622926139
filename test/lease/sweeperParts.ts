import { Emitter } from '../../classes/observe/emitter';
import { LeaseKeeper } from '../../classes/lease/leaseKeeper';
import { Outage } from '../../classes/observe/storeMonitor';
import { Sweeper } from '../../classes/lease/sweeper';
import { Wakeups } from '../../classes/idle/wakeups';
import type { EventName } from '../../constants/events';
import { FakeClock } from '../support/fakeClock';
import { fakeTasks } from '../support/fakeTasks';

/** A sweeper on a fake port that is seen by an Outage, with its real neighbours, as a Store puts them together. */
export function sweeperParts(random = 0) {
  const clock = new FakeClock();
  const tasks = fakeTasks();
  const events = new Emitter();
  const outage = new Outage(events, clock, 5_000);
  const observed = outage.observe(tasks);
  const leases = new LeaseKeeper(observed, clock);
  const wakeups = new Wakeups(observed, clock, () => random);
  const sweeper = new Sweeper({ tasks: observed, leases, wakeups, events, clock, random: () => random });
  const told: { readonly name: EventName; readonly event: unknown }[] = [];
  for (const name of ['lease-swept', 'task-dead', 'store-lost', 'store-returned', 'store-error'] as const) {
    events.on(name, (event) => told.push({ name, event }));
  }
  const begin = clock.monotonic();
  /** When the store was asked for expired leases, counted from the beginning. */
  const sweptAt: number[] = [];
  tasks.expired.callsFake(() => {
    sweptAt.push(clock.monotonic() - begin);
    return Promise.resolve([]);
  });
  return { clock, tasks, events, leases, wakeups, sweeper, told, sweptAt };
}
