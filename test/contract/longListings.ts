import { expect } from 'chai';
import { LISTED_FEW, LISTED_READS } from '../../constants/limits';
import type { Page, TaskStore } from '../../modules/ports/taskStore';
import type { NewTask, Task } from '../../modules/task/task';
import { chunksOf } from '../../modules/values/chunksOf';
import type { Opening } from '../support/stores';
import { idsOf, QUEUE, sample, samples } from './samples';

const LIMIT = 10;

type Listing = Omit<Parameters<TaskStore['list']>[0], 'queue' | 'limit' | 'after' | 'part'>;

/** The contract of listings among many tasks that are not asked for. */
export function longListings(opening: Opening): void {
  const isBounded = opening.kind !== 'memory';
  let tasks: TaskStore;
  beforeEach(async () => void ({ tasks } = await opening.database()));

  const insertAll = async (added: readonly NewTask[]): Promise<void> => {
    for (const some of chunksOf(added, 1_000)) await tasks.insert(some);
  };

  /** Returns all pages, which are as few as the store can make them. */
  async function pagesOf(listing: Listing): Promise<Page[]> {
    const pages: Page[] = [];
    for (let after: string | null | undefined; after !== null;) {
      const page: Page = await tasks.list({ queue: QUEUE, limit: LIMIT, ...listing, ...(after === undefined ? {} : { after }) });
      pages.push(page);
      after = page.next;
    }
    return pages;
  }

  const foundOn = (pages: readonly Page[]): string[] => idsOf(pages.flatMap((page): Task[] => page.tasks));

  it('find tasks of a rare name or tag behind more others than one page looks at, by pages that end', async () => {
    const rare = [sample({ name: 'rare', settings: { tags: ['rare'] } })];
    await insertAll([...rare, ...samples(LISTED_READS + LISTED_FEW)]);
    for (const filter of [{ name: 'rare' }, { tag: 'rare' }, { name: 'rare', states: ['waiting', 'dead'] }] satisfies Listing[]) {
      const pages = await pagesOf(filter);
      expect(pages).to.have.lengthOf(isBounded ? 2 : 1);
      expect(foundOn(pages)).to.deep.equal(idsOf(rare));
    }
    expect(foundOn(await pagesOf({ name: 'rare', states: ['dead', 'running'] }))).to.deep.equal([]);
  });

  it('find waiting tasks behind more tasks of another queue than one page looks at', async () => {
    const own = samples(LISTED_FEW + 1);
    await insertAll([...own, ...samples(LISTED_READS, { queue: 'other' })]);
    const first = await tasks.list({ queue: QUEUE, limit: LIMIT });
    expect(idsOf(first.tasks)).to.deep.equal(idsOf(own).reverse().slice(0, LIMIT));
    expect(foundOn(await pagesOf({ states: ['waiting', 'succeeded'] }))).to.deep.equal(idsOf(own).reverse());
  });
}
