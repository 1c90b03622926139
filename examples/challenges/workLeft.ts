import { Queue } from '../../index';
import type { Store } from '../../index';
import { CLOSINGS, MAILS } from './queues';
import { QUEUES } from './snapshot';
import { messagePosted } from './workers/mailDiscussion';

const ALL = 1_000;

/** Counts the work that is left: tasks, and mails that the follow-ups of a killed process are still to become. */
export async function workLeft(store: Store): Promise<number> {
  const tasks = await Promise.all(QUEUES.map((name) => unfinishedIn(store, name)));
  return tasks.reduce((sum, count) => sum + count, 0) + (await mailsToCome(store));
}

/** The task of the producer does not count: there is always another one. */
async function unfinishedIn(store: Store, name: string): Promise<number> {
  const which = name === CLOSINGS ? { name: 'close' } : {};
  const { tasks } = await new Queue(store, name).list({ states: ['waiting', 'running'], limit: ALL, ...which });
  return tasks.length;
}

/** The result of an event says how many mails it has added. */
async function mailsToCome(store: Store): Promise<number> {
  const { tasks } = await new Queue(store, messagePosted.name).list({ states: ['succeeded'], limit: ALL });
  const added = tasks.reduce((sum, { result }) => sum + Number(result), 0);
  const { waiting, running, succeeded, dead, cancelled } = await new Queue(store, MAILS).counts();
  return added - waiting - running - succeeded - dead - cancelled;
}
