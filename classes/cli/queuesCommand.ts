import type { Command } from 'commander';
import type { Backend } from '../../modules/cli/backend';
import { BROKER_COLUMNS, messageColumns } from '../../modules/cli/brokerColumns';
import { addExamples } from './examples';
import { addServerFlags, withBackend } from './leaf';
import { outputOf } from './output';
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
  const output = outputOf(flags);
  if (name === undefined) output.rows(await backend.brokerQueues(), BROKER_COLUMNS);
  else output.rows(await backend.messages(name), messageColumns(new Date()));
}
