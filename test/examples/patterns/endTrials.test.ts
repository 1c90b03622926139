import assert from 'node:assert/strict';
import { tasksOf, testStore } from 'holdfast/testing';
import { produceEnds, scheduleEnds, trialWorker } from '../../../examples/patterns/endTrials';

const accountsOf = (ended: string[], done: string[]) => ({
  findEndedTrials: () => Promise.resolve(ended),
  endTrial: (account: string) => Promise.resolve(void done.push(account)),
  openProjects: () => Promise.resolve(),
});

it('a trial that has ended is ended once, however often the producer runs', async () => {
  const [store, done] = [await testStore(), [] as string[]];
  const accounts = accountsOf(['ann', 'ben'], done);
  await scheduleEnds(store);
  for (let times = 0; times < 3; times += 1) await produceEnds(store, accounts);
  await trialWorker(store, accounts).drain();
  assert.deepEqual(done, ['ann', 'ben']);
  assert.equal((await tasksOf(store)).length, 2);
  await store.close();
});
