import { expect } from 'chai';
import { PAGE_TASKS } from '../../constants/limits';
import { taskPages } from '../../modules/ports/taskPages';
import type { Task } from '../../modules/task/task';
import { fakeTasks } from '../support/fakeTasks';
import { idOf, sampleTask } from '../support/samples';

const page = (from: number, length: number): Task[] => Array.from({ length }, (_, n) => sampleTask({ id: idOf(from + n) }));

const ASKED = { queue: 'mail', states: ['dead'], part: 'head', limit: PAGE_TASKS };

const sizesOf = async (...pages: Task[][]) => {
  const tasks = fakeTasks();
  pages.forEach((each, call) => tasks.list.onCall(call).resolves({ tasks: each, next: call < pages.length - 1 ? (each.at(-1)?.id ?? null) : null }));
  const sizes: number[] = [];
  for await (const each of taskPages(tasks, { queue: 'mail', states: ['dead'] })) sizes.push(each.length);
  return { sizes, asked: tasks.list.args.map(([request]) => request) };
};

describe('taskPages', () => {
  it('reads heads, goes on after the last id of each page, and ends where there is no more', async () => {
    const { sizes, asked } = await sizesOf(page(0, PAGE_TASKS), page(PAGE_TASKS, 3), page(PAGE_TASKS + 3, 2));
    expect(sizes).to.deep.equal([PAGE_TASKS, 3, 2]);
    expect(asked).to.deep.equal([{ ...ASKED }, { ...ASKED, after: idOf(PAGE_TASKS - 1) }, { ...ASKED, after: idOf(PAGE_TASKS + 2) }]);
  });

  it('gives no page where nothing is left', async () => {
    expect((await sizesOf([])).sizes).to.deep.equal([]);
    expect((await sizesOf(page(0, PAGE_TASKS), [])).sizes).to.deep.equal([PAGE_TASKS]);
  });
});
