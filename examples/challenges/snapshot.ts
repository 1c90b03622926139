import { Queue } from '../../index';
import type { Store, TaskView } from '../../index';
import { CLOSINGS, ENDS, MAILS, RESETS } from './queues';
import type { Challenge, Change, Message, Participant } from './service/challenge';
import type { ChallengeRecords } from './service/challengeRecords';
import { messagePosted } from './workers/mailDiscussion';

/** What is in the database at the end. */
export interface Snapshot {
  readonly challenges: readonly Challenge[];
  readonly participants: readonly Participant[];
  readonly changes: readonly Change[];
  readonly messages: readonly Message[];
  /** The ids of messages that have an event, one for each event. */
  readonly eventsOf: readonly string[];
  /** Failed attempts of all tasks, and the tasks that were given up. */
  readonly retries: number;
  readonly dead: readonly { readonly queue: string; readonly to?: string; readonly error: string }[];
}

/** All queues of the workers. */
export const QUEUES = [CLOSINGS, RESETS, ENDS, messagePosted.name, MAILS];

/** Reads the records of the service and the finished tasks. */
export async function takeSnapshot(records: ChallengeRecords, store: Store): Promise<Snapshot> {
  const challenges = await records.list([], Number.MAX_SAFE_INTEGER, 0);
  const tasks = (await Promise.all(QUEUES.map((queue) => tasksOf(store, queue)))).flat();
  return {
    challenges,
    participants: (await Promise.all(challenges.map(({ id }) => records.participants(id)))).flat(),
    changes: await records.changes(),
    messages: await records.messages(),
    eventsOf: tasks.flatMap(({ queue, payload }) => (queue === messagePosted.name ? [(payload as { readonly messageId: string }).messageId] : [])),
    retries: tasks.reduce((sum, { failures }) => sum + failures, 0),
    dead: tasks.filter(({ state }) => state === 'dead').map(deadOf),
  };
}

const deadOf = ({ queue, payload, error }: TaskView) => ({
  queue,
  ...(queue === MAILS ? { to: (payload as { readonly to: string }).to } : {}),
  error: error?.message ?? '',
});

async function tasksOf(store: Store, name: string): Promise<TaskView[]> {
  const queue = new Queue(store, name);
  const found: TaskView[] = [];
  for (let after: string | null | undefined; after !== null;) {
    const page = await queue.list({ limit: 1_000, ...(after === undefined ? {} : { after }) });
    found.push(...page.tasks);
    after = page.next;
  }
  return found;
}
