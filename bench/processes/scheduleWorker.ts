import { openStore, Worker } from '../../index';

/** The order to a process that fires schedules and runs their tasks. */
export interface ScheduleWorkerOrder {
  readonly url: string;
  readonly queue: string;
}

/** Works until it is killed. */
async function main(): Promise<void> {
  process.once('disconnect', () => process.exit(1));
  const { url, queue } = JSON.parse(process.argv[2] ?? '') as ScheduleWorkerOrder;
  const store = await openStore(url);
  await new Worker(store, { queues: [queue], handlers: { [queue]: () => undefined } }).start();
  process.send?.('ready');
}

void main();
