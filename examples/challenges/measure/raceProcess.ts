import { once } from 'node:events';
import { openStore, Queue } from '../../../index';

/** How a producer avoids a second task for a challenge. */
export type Way = 'look, then add' | 'unique key';

/** One of several producers that find the same challenges at the same moment, and each add a task for those that have none. */
async function produce(url: string, name: string, challenges: number, way: Way): Promise<void> {
  const store = await openStore(url);
  const queue = new Queue(store, name);
  process.send?.('ready');
  await once(process, 'message');
  for (let id = 1; id <= challenges; id += 1) {
    if (way === 'unique key') await queue.add('close', { id }, { uniqueKey: `close ${id}` });
    else if (!(await isThere(queue, `close-${id}`))) await queue.add('close', { id }, { tags: [`close-${id}`] });
  }
  await store.close();
}

async function isThere(queue: Queue, tag: string): Promise<boolean> {
  const { tasks } = await queue.list({ tag, limit: 1, states: ['waiting', 'running'] });
  return tasks.length > 0;
}

const [url = '', name = '', challenges = '', way = ''] = process.argv.slice(2);
void produce(url, name, Number(challenges), way as Way).then(() => process.exit(0));
