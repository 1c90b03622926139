import { openStore, Queue } from '../index';
import { addSlowly } from './works';

/** Adds the tasks of a pick-up measurement from a process of its own. */
async function main(): Promise<void> {
  const store = await openStore(process.argv[2] ?? '');
  await addSlowly(new Queue(store, 'bench'));
  await store.close();
}

void main();
