import type { Command } from 'commander';
import { messagesTable, queuesTable } from '../../modules/cli/queuesTable';
import type { CountedQueue } from '../../modules/cli/queuesTable';
import { onWire } from '../../modules/server/messageBody';
import { Broker } from '../broker/broker';
import type { Store } from '../store/store';
import { addExamples } from './examples';
import { addUrlFlags, namingUrl } from './storeFlags';
import type { Flags } from './storeFlags';
import { withExistingStore } from './withStore';

/** Fills the command `queues`. */
export function fillQueuesCommand(command: Command): void {
  addExamples(command, 'holdfast queues', 'holdfast queues mail --json');
  addUrlFlags(command)
    .argument('[queue]', 'The queue whose messages are printed, newest first.')
    .option('--json', 'print one JSON document')
    .action((queue: string | undefined) =>
      namingUrl(command.opts<Flags>(), (flags) => withExistingStore(flags, (store) => show(store, queue, flags))),
    );
}

async function show(store: Store, name: string | undefined, flags: Flags): Promise<void> {
  const broker = new Broker(store);
  const print = (value: unknown, table: string): boolean => process.stdout.write(`${flags['json'] ? JSON.stringify(value) : table}\n`);
  try {
    if (name === undefined) {
      const queues = await countedQueues(broker);
      print(queues, queuesTable(queues));
    } else {
      const { messages } = await broker.peek(name, { limit: 100 });
      print(messages.map(onWire), messagesTable(messages, new Date()));
    }
  } finally {
    await broker.close();
  }
}

async function countedQueues(broker: Broker): Promise<readonly CountedQueue[]> {
  const counted: CountedQueue[] = [];
  let after: string | null = '';
  while (after !== null) {
    const { queues, next } = await broker.listQueues({ limit: 1_000, ...(after === '' ? {} : { after }) });
    for (const queue of queues) counted.push({ queue, stats: await broker.stats(queue.name) });
    after = next;
  }
  return counted;
}
