import type { StepContext } from '../systems/system';
import { fill } from './backlog';
import { drain } from './drain';
import { HOLDFASTS } from './work';
import type { Reading, Stage, Work } from './work';

/** Steps of the tasks, by work; the first has none. */
const COUNTS = [0, 1, 5, 20] as const;

/** Functions that a task without steps runs: as many as the longest task with steps. */
const MOST = 20;

/** With more at once, the tasks of a short run would all end together. */
const AT_ONCE = 200;

/** What each function does: it makes a small JSON result. */
const part = (index: number, number: number): object => ({ index, number, state: 'done' });

async function inSteps(index: number, { step }: StepContext, count: number): Promise<object> {
  let last: object = {};
  for (let number = 0; number < count; number += 1) last = await step(`step-${number}`, () => part(index, number));
  return last;
}

/** Does the work of the longest task, awaiting each function as a step would be. */
async function withoutSteps(index: number): Promise<object> {
  let last: object = {};
  for (let number = 0; number < MOST; number += 1) last = await Promise.resolve(part(index, number));
  return last;
}

async function measure(stage: Stage, name: string, count: number): Promise<Reading[]> {
  await fill(stage.client, stage.tasks, { keep: true });
  const handle = (index: number, context: StepContext | undefined): unknown => {
    if (count === 0) return withoutSteps(index);
    if (!context) throw new Error(`${stage.system} hands over no steps`);
    return inSteps(index, context, count);
  };
  const { rate, cost } = await drain(stage, { tasks: stage.tasks, keep: true, handle });
  const tasks: Reading = { name, unit: 'tasks/s', value: rate, cost };
  return count === 0 ? [tasks] : [tasks, { name: `${name} steps`, unit: 'steps/s', value: rate * count }];
}

export const STEPS: readonly Work[] = COUNTS.map((count) => {
  const name = `steps-${count}`;
  const meaning =
    count === 0
      ? `as drain-kept, the handler runs ${MOST} functions with a small JSON result each, without steps: what the works with steps are compared with`
      : `as steps-0, ${count === 1 ? 'one function, as a durable step' : `${count} functions, as durable steps one after the other`}: tasks a second, and steps a second`;
  return {
    name,
    meaning,
    maxConcurrency: AT_ONCE,
    tasks: 20_000,
    runs: 3,
    systems: [...HOLDFASTS, 'dbos'],
    measure: (stage) => measure(stage, name, count),
  };
});
