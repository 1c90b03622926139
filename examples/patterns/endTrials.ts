import { Queue, Scheduler, Worker } from 'holdfast';
import type { Store } from 'holdfast';
import type { Accounts } from './accounts';

/** The task of the producer, and one for each trial that has ended. */
type Tasks = { produce: null; endTrial: { account: string } };

export async function produceEnds(store: Store, accounts: Accounts): Promise<void> {
  const ended = await accounts.findEndedTrials(new Date());
  const tasks = ended.map((account) => ({ name: 'endTrial' as const, payload: { account }, options: { uniqueKey: account } }));
  await new Queue<Tasks>(store, 'trials').addMany(tasks);
}

export const scheduleEnds = (store: Store) =>
  new Scheduler(store).upsert('end trials', { queue: 'trials', name: 'produce', payload: null, cron: '*/10 * * * *', overlap: 'skip' });

export const trialWorker = (store: Store, accounts: Accounts) =>
  new Worker<Tasks>(store, {
    queues: ['trials'],
    handlers: { produce: () => produceEnds(store, accounts), endTrial: ({ payload }) => accounts.endTrial(payload.account) },
  });
