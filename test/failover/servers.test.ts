import { setTimeout as wait } from 'node:timers/promises';
import { eventually } from '../support/eventually';
import { onReplicaSet } from './ownSet';

const STEP_DOWN_S = 3;

onReplicaSet('Workers under load on a replica set', (own) => {
  it('lose nothing and run nothing twice through three step-downs', async () => {
    const load = await own.startLoad();
    for (let round = 0; round < 3; round += 1) {
      const primary = await own.primary();
      await primary.command({ replSetStepDown: STEP_DOWN_S, secondaryCatchUpPeriodSecs: 1, force: true });
      await load.everyWorkerClaims(await own.set.serves(), 'a step-down');
      await load.moreRuns(20);
    }
    await load.finish();
  });

  it('lose nothing and run nothing twice when the primary is killed, and when it returns', async () => {
    const load = await own.startLoad();
    const primary = await own.primary();
    await primary.kill();
    await load.everyWorkerClaims(await own.set.serves(), 'the primary was killed');
    await primary.start();
    await load.moreRuns(20);
    await load.finish();
  });

  it('wait while the majority is lost, and go on when it is back', async () => {
    const load = await own.startLoad();
    const others = await own.set.secondaries();
    await Promise.all(others.map((member) => member.kill()));
    await eventually('the store is lost', () => load.countOf('store-lost') >= 2);
    await wait(1_000);
    await Promise.all(others.map((member) => member.start()));
    await load.everyWorkerClaims(await own.set.serves(), 'the majority was lost');
    await load.finish();
  });

  it('go on when a primary that was stopped is back, whether it leads again or not', async () => {
    const load = await own.startLoad();
    const primary = await own.primary();
    primary.signal('SIGSTOP');
    await load.everyWorkerClaims(await own.set.serves(), 'the primary was stopped');
    primary.signal('SIGCONT');
    await load.moreRuns(20);
    await load.finish();
  });

  it('go on when all servers were stopped and are back', async () => {
    const load = await own.startLoad();
    for (const member of own.set.members) member.signal('SIGSTOP');
    await eventually('the store is lost', () => load.countOf('store-lost') >= 2);
    for (const member of own.set.members) member.signal('SIGCONT');
    await load.everyWorkerClaims(await own.set.serves(), 'all servers were stopped');
    await load.finish();
  });
});
