import { brokerQueueName } from '../../config/brokerOptions';
import type { Backend, CountedQueue, Overview, ShownMessage } from '../../modules/cli/backend';
import { MESSAGES_SHOWN, pagesOf, QUEUES_A_PAGE } from '../../modules/cli/brokerPages';
import { countsOfRows } from '../../modules/cli/countsOfRows';
import { part, query } from '../../modules/cli/urlParts';
import { checkOptions } from '../../modules/options/checkOptions';
import type { ServerCalls } from './serverCalls';

/** What commands ask about the queues of the broker, and about the tasks of all queues. */
export const brokerOf = (admin: ServerCalls, broker: ServerCalls): Pick<Backend, 'countsByState' | 'brokerQueues' | 'messages'> => ({
  // The messages of FIFO queues are no tasks, and are not among those of a store either.
  countsByState: async () => countsOfRows((await admin.get<Overview>('/overview')).queues.filter(({ isFifo }) => !isFifo)),
  brokerQueues: () => countedQueues(broker),
  messages: async (name) => {
    checkOptions(brokerQueueName, name, 'queue');
    const page = `/queues/${part(name)}/messages${query({ limit: MESSAGES_SHOWN })}`;
    return (await broker.get<{ readonly messages: ShownMessage[] }>(page, name)).messages;
  },
});

/** A page of the queues of the broker. */
interface QueuePage {
  readonly queues: CountedQueue['queue'][];
  readonly next: string | null;
}

async function countedQueues(broker: ServerCalls): Promise<CountedQueue[]> {
  const counted: CountedQueue[] = [];
  for await (const queue of pagesOf((after) => broker.get<QueuePage>(`/queues${query({ limit: QUEUES_A_PAGE, ...after })}`))) {
    counted.push({ queue, stats: await broker.get<CountedQueue['stats']>(`/queues/${part(queue.name)}/stats`, queue.name) });
  }
  return counted;
}
