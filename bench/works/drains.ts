import { sleep } from '../systems/common';
import { fill } from './backlog';
import { drain } from './drain';
import type { Work } from './work';

const HANDLER_MS = 5;
const FAILING = 10;

function drainWork(name: string, meaning: string, how: Partial<Work> & { keep?: boolean; handle?: (index: number) => unknown } = {}): Work {
  const { keep = false, handle, ...rest } = how;
  return {
    name,
    meaning,
    ...rest,
    measure: async (stage) => {
      await fill(stage.client, stage.tasks, { keep });
      const { rate, cost } = await drain(stage, { tasks: stage.tasks, keep, ...(handle ? { handle } : {}) });
      return [{ name, unit: 'tasks/s', value: rate, cost }];
    },
  };
}

const failOneInTen = (index: number): void => {
  if (index % FAILING === 0) throw new Error('one in ten fails');
};

export const DRAINS: readonly Work[] = [
  drainWork('drain', 'a preloaded backlog through one worker process, no-op handler, removed on success: the headline', { quickPlace: 1 }),
  drainWork('drain-kept', 'the same, kept with a different result each', { keep: true, handle: (index) => ({ index }), quickPlace: 2 }),
  drainWork('drain-10', 'as drain, at most 10 at once; Holdfast also with prefetch: 500 (-prefetch)', { maxConcurrency: 10 }),
  drainWork('drain-100', 'as drain, at most 100 at once; Holdfast also with prefetch: 500 (-prefetch)', { maxConcurrency: 100 }),
  drainWork('drain-5ms', `as drain, each handler waits ${HANDLER_MS} ms`, { handle: () => sleep(HANDLER_MS) }),
  drainWork('drain-failing', 'as drain, one task in ten fails for good and is kept', { handle: failOneInTen }),
];
