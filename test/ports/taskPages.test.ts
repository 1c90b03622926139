import { expect } from 'chai';
import { PAGE_TASKS } from '../../constants/limits';
import { taskPages } from '../../modules/ports/taskPages';
import type { Task } from '../../modules/task/task';
import { fakeTasks } from '../support/fakeTasks';
import { idOf, sampleTask } from '../support/samples';

const page = (from: number, length: number): Task[] => Array.from({ length }, (_, n) => sampleTask({ id: idOf(from + n) }));

const sizesOf = async (...pages: Task[][]) => {
  const tasks = fakeTasks();
  pages.forEach((each, call) => tasks.list.onCall(call).resolves(each));
  const sizes: number[] = [];
  for await (const each of taskPages(tasks, { queue: 'mail', states: ['dead'] })) sizes.push(each.length);
  return { sizes, asked: tasks.list.args.map(([request]) => request) };
};

describe('taskPages', () => {
  it('goes on after the last id of each full page, and ends with one that is not full', async () => {
    const { sizes, asked } = await sizesOf(page(0, PAGE_TASKS), page(PAGE_TASKS, 3));
    expect(sizes).to.deep.equal([PAGE_TASKS, 3]);
    expect(asked).to.deep.equal([
      { queue: 'mail', states: ['dead'], limit: PAGE_TASKS },
      { queue: 'mail', states: ['dead'], limit: PAGE_TASKS, after: idOf(PAGE_TASKS - 1) },
    ]);
  });

  it('gives no page where nothing is left', async () => {
    expect((await sizesOf([])).sizes).to.deep.equal([]);
    expect((await sizesOf(page(0, PAGE_TASKS), [])).sizes).to.deep.equal([PAGE_TASKS]);
  });
});
