import { expect } from 'chai';
import { Emitter } from '../../classes/observe/emitter';
import { LeaseKeeper } from '../../classes/lease/leaseKeeper';
import { StoreMonitor } from '../../classes/observe/storeMonitor';
import { watchedTasks } from '../../classes/store/watchedDatabase';
import { FakeClock } from '../support/fakeClock';
import { internalErrorsFor } from '../support/internalErrors';
import { fakeTasks, never } from '../support/fakeTasks';
import { holdingOf } from './holdings';

describe('A heartbeat', () => {
  for (const leaseMs of [30_000, 15_000, 6_000, 1_000]) {
    it(`that is not answered costs no lease of ${leaseMs} ms: it waits no longer than a third of it`, async () => {
      const clock = new FakeClock();
      const tasks = fakeTasks();
      tasks.renew.onFirstCall().returns(never());
      const leases = new LeaseKeeper(
        watchedTasks(tasks, new StoreMonitor(new Emitter(), clock, 5_000)),
        clock,
        internalErrorsFor(clock).internalErrors,
      );
      const holding = holdingOf('a', leaseMs, clock.monotonic());
      leases.hold(holding);
      await clock.advance(leaseMs * 2);
      expect(holding.status).to.equal('held');
    });
  }
});
