import type { Command } from 'commander';
import type { Backend } from '../../modules/cli/backend';
import { messagesTable, queuesTable } from '../../modules/cli/queuesTable';
import { addExamples } from './examples';
import { addServerFlags, withBackend } from './leaf';
import { addUrlFlags, namingUrl } from './storeFlags';
import type { Flags } from './storeFlags';

/** Fills the command `queues`. */
export function fillQueuesCommand(command: Command): void {
  addExamples(command, 'holdfast queues', 'holdfast queues mail --json');
  addServerFlags(addUrlFlags(command))
    .argument('[queue]', 'The queue whose messages are printed, newest first.')
    .option('--json', 'print one JSON document')
    .action((queue: string | undefined) => namingUrl(command.opts<Flags>(), (flags) => withBackend(flags, (backend) => show(backend, queue, flags))));
}

async function show(backend: Backend, name: string | undefined, flags: Flags): Promise<void> {
  const print = (value: unknown, table: string): boolean => process.stdout.write(`${flags['json'] ? JSON.stringify(value) : table}\n`);
  if (name === undefined) {
    const queues = await backend.brokerQueues();
    print(queues, queuesTable(queues));
  } else {
    const messages = await backend.messages(name);
    print(messages, messagesTable(messages, new Date()));
  }
}
