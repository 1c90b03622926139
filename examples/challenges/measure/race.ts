import { fork } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { openStore, Queue } from '../../../index';
import type { Way } from './raceProcess';

/** What producers left behind that all found the same challenges. */
export interface Race {
  readonly way: Way;
  readonly producers: number;
  readonly challenges: number;
  readonly tasks: number;
  readonly duplicates: number;
  readonly seconds: number;
}

/** Runs producers in processes of their own, which begin at the same moment, and counts the tasks that are too many. */
export async function raceOf(url: string, way: Way, producers: number, challenges: number): Promise<Race> {
  const name = `race of ${process.pid} by ${way}`;
  const children = Array.from({ length: producers }, () => startProducer([url, name, String(challenges), way]));
  await Promise.all(children.map((child) => once(child, 'message')));
  const began = performance.now();
  for (const child of children) child.send('go');
  await Promise.all(children.map((child) => once(child, 'exit')));
  const seconds = (performance.now() - began) / 1_000;
  const store = await openStore(url);
  const { waiting: tasks } = await new Queue(store, name).counts();
  await new Queue(store, name).purge({ states: ['waiting'] });
  await store.close();
  return { way, producers, challenges, tasks, duplicates: tasks - challenges, seconds };
}

const startProducer = (given: readonly string[]): ChildProcess =>
  fork(join(__dirname, 'raceProcess.js'), given, { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
