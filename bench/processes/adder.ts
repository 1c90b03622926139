import { systemOf } from '../systems/all';
import { addSlowly } from '../works/pickUps';
import type { PickUps } from '../works/pickUps';

/** Adds the tasks of a pick-up measurement in a separate process. */
async function main(): Promise<void> {
  process.once('disconnect', () => process.exit(1));
  const { system, url, ...pickUps } = JSON.parse(process.argv[2] ?? '') as PickUps & { system: string; url: string };
  const client = await systemOf(system).open(url);
  await addSlowly(client, pickUps);
  await client.close();
  process.exit(0);
}

void main();
