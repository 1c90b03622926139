import { expect } from 'chai';
import type { SettleAnswer, TaskStore } from '../../modules/ports/taskStore';
import type { NewTask, Task } from '../../modules/task/task';
import type { Opening } from '../support/stores';
import { claim, claimed, idsOf, listed, QUEUE, reread, sample, settlement, the } from './samples';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

/** The tasks of twelve, added together, that get an outcome. */
const PICKS: Readonly<Record<string, (index: number) => boolean>> = {
  'all but the last': (index) => index < 11,
  'all but one in the middle': (index) => index !== 5,
  'every other one': (index) => index % 2 === 0,
};

/** A bulk write must not touch the tasks that were added between its own. */
export function neighbours(opening: Opening): void {
  let tasks: TaskStore;
  beforeEach(async () => {
    ({ tasks } = await opening.database());
  });

  it('a claim takes what is due, and nothing that was added between it', async () => {
    const between: Partial<NewTask>[] = [{ due: { delayMs: HOUR } }, { queue: 'other' }, { priority: 3, due: { delayMs: HOUR } }];
    const added = Array.from({ length: 30 }, (_, n) => sample(n % 5 === 4 ? between[n % 3] : {}));
    await tasks.insert(added);
    const due = added.filter((_, n) => n % 5 !== 4);
    expect(idsOf(await claim(tasks, { limit: 10 }))).to.deep.equal(idsOf(due.slice(0, 10)));
    expect(idsOf(await claim(tasks))).to.deep.equal(idsOf(due.slice(10)));
    for (const task of added) expect((await reread(tasks, task)).state).to.equal(due.includes(task) ? 'running' : 'waiting');
  });

  for (const [title, isPicked] of Object.entries(PICKS)) {
    for (const order of ['in order', 'backwards'] as const) {
      it(`outcomes are written to their own tasks and to none beside them: ${title}, ${order}`, async () => {
        const batch = await claimed(tasks, 12);
        const picked = batch.filter((_, index) => isPicked(index));
        if (order === 'backwards') picked.reverse();
        const half = Math.ceil(picked.length / 2);
        const resultOf = (task: Task): string => (picked.indexOf(task) < half ? '"same"' : `"${task.id}"`);
        const send = (some: readonly Task[]): Promise<SettleAnswer[]> =>
          tasks.settle(some.map((task) => settlement(task, { state: 'succeeded', keepMs: MINUTE, result: resultOf(task) })));
        expect([...(await send(picked.slice(0, half))), ...(await send(picked.slice(half)))]).to.deep.equal(picked.map(() => 'applied'));
        const found = new Map((await listed(tasks, { queue: QUEUE, limit: 100 })).map(({ id, state, result }) => [id, [state, result]]));
        for (const task of batch) {
          expect(the(found.get(task.id))).to.deep.equal(picked.includes(task) ? ['succeeded', resultOf(task)] : ['running', null]);
        }
      });
    }
  }
}
