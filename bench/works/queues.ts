import { fill } from './backlog';
import { drain } from './drain';
import { HOLDFASTS } from './work';
import type { Reading, Stage, Work } from './work';

/** Tasks that a queue gets before the next has its turn: those of a queue neither lie all together nor each for itself. */
const PIECE = 100;

async function measure(stage: Stage, name: string, count: number): Promise<Reading[]> {
  const queues = Array.from({ length: count }, (_, index) => `bench-${index}`);
  await fillInTurn(stage, queues);
  const { rate, cost } = await drain(stage, { tasks: stage.tasks, queues });
  return [{ name, unit: 'tasks/s', value: rate, cost }];
}

async function fillInTurn({ client, tasks }: Stage, queues: readonly string[]): Promise<void> {
  const adds = queues.map((queue) => client.addsTo?.(queue) ?? client);
  const piece = Math.min(PIECE, Math.ceil(tasks / queues.length));
  for (let from = 0; from < tasks;) {
    const round = adds.map((each, index) => ({ each, from: from + index * piece, size: Math.min(piece, tasks - from - index * piece) }));
    await Promise.all(round.filter(({ size }) => size > 0).map(({ each, ...part }) => fill(each, part.size, { from: part.from })));
    from += piece * queues.length;
  }
}

export const QUEUES: readonly Work[] = [1, 200].map((count) => {
  const name = `queues-${count}`;
  return {
    name,
    meaning: `a preloaded backlog in ${count === 1 ? 'one queue' : `${count} queues`}, through one worker of ${count === 1 ? 'it' : 'all of them'}, removed on success`,
    runs: 3,
    systems: HOLDFASTS,
    measure: (stage) => measure(stage, name, count),
  };
});
