import { expect } from 'chai';
import { COMMAND_BYTES } from '../../constants/limits';
import type { TaskStore } from '../../modules/ports/taskStore';
import { headOf } from '../../modules/task/task';
import type { Task } from '../../modules/task/task';
import type { Opening } from '../support/stores';
import { claim, claimed, expiredOne, idsOf, leaseOf, QUEUE, reread, sample, samples, settlement, the, tokenOf, until } from './samples';

export const MEBIBYTE = 1024 * 1024;

/** The text of a payload or result of almost one mebibyte. */
export const large = (mark: unknown): string => JSON.stringify([mark, 'x'.repeat(MEBIBYTE - 100)]);

/** The contract of what is large: heads leave it out, and pages and batches are bounded by it. */
export function bytes(opening: Opening): void {
  let tasks: TaskStore;
  beforeEach(async () => {
    ({ tasks } = await opening.database());
  });
  describe('the head of a task', () => headSuite(() => tasks));
  describe('large tasks', () => largeSuite(() => tasks, opening.kind !== 'memory'));
}

function headSuite(tasks: () => TaskStore): void {
  it('has all but payload, result, error and progress, wherever it is asked for', async () => {
    const error = { name: 'Error', message: 'm' };
    const [failed] = await claimed(tasks(), 1, {}, { settings: { tags: ['a'], metadata: '{"b":1}' }, uniqueKey: 'key' });
    await tasks().settle([settlement(the(failed), { state: 'waiting', delayMs: 0, failures: 1, error, history: '{"attempts":[],"log":[]}' })]);
    const [running] = await until(() => claim(tasks()));
    const whole = await reread(tasks(), the(running));
    expect(whole.error).to.deep.equal(error);
    expect(await tasks().find(QUEUE, whole.id, 'head')).to.deep.equal(headOf(whole));
    expect(await tasks().held({ token: tokenOf(whole), part: 'head' })).to.deep.equal([headOf(whole)]);
    expect(await tasks().list({ queue: QUEUE, limit: 10, part: 'head' })).to.deep.equal({ tasks: [headOf(whole)], next: null });
  });

  it('is what a sweep gets', async () => {
    const task = await expiredOne(tasks());
    expect(Object.keys(task)).not.to.include.members(['payload']);
    expect(task).to.deep.equal(headOf(await reread(tasks(), task)));
  });
}

function largeSuite(tasks: () => TaskStore, isBounded: boolean): void {
  const COUNT = 40;

  const insertLarge = async (): Promise<string[]> => {
    const batch = Array.from({ length: COUNT }, (_, index) => sample({ payload: large(index) }));
    for (const task of batch) await tasks().insert([task]);
    return idsOf(batch);
  };

  it('are claimed a few at a time', async () => {
    const ids = await insertLarge();
    const claims: Task[][] = [];
    for (let found = await claim(tasks(), { limit: COUNT }); found.length > 0; found = await claim(tasks(), { limit: COUNT })) claims.push(found);
    expect(idsOf(claims.flat())).to.have.members(ids);
    if (!isBounded) return;
    for (const found of claims) expect(found.length).to.be.at.most(16);
    const [first] = claims.map((found) => tokenOf(the(found[0])));
    expect(idsOf(await tasks().held({ token: the(first) }))).to.have.members(idsOf(the(claims[0])));
  });

  it('come by short pages, and all of them', async () => {
    const ids = await insertLarge();
    const found: Task[] = [];
    for (let after: string | null | undefined; after !== null;) {
      const page = await tasks().list({ queue: QUEUE, limit: COUNT, ...(after === undefined ? {} : { after }) });
      expect(page.tasks.length).to.be.within(1, isBounded ? 16 : COUNT);
      found.push(...page.tasks);
      after = page.next;
    }
    expect(idsOf(found).reverse()).to.deep.equal(ids);
    expect(JSON.parse(the(found.at(-1)).payload)).to.have.property('0', 0);
  });

  it('are swept and come back, however many', async () => {
    const ids = await insertLarge();
    while ((await claim(tasks(), { limit: COUNT, leaseMs: 1 })).length > 0);
    const swept = await until(async () => {
      const found = await tasks().expired(COUNT);
      return found.length === COUNT ? found : [];
    });
    expect(idsOf(swept)).to.have.members(ids);
    const answers = await tasks().settle(
      swept.map((task) => settlement(task, { state: 'waiting', delayMs: 0 }, { guard: leaseOf(task), by: 'a sweep' })),
    );
    expect(new Set(answers)).to.deep.equal(new Set(['applied']));
  });

  it('get their large results, each its own', async () => {
    await tasks().insert(samples(COUNT));
    const running = await claim(tasks(), { limit: COUNT });
    const settlements = running.map((task, index) => settlement(task, { state: 'succeeded', keepMs: 60_000, result: large(index) }));
    expect(COUNT * MEBIBYTE).to.be.above(3 * COMMAND_BYTES);
    expect(new Set(await tasks().settle(settlements))).to.deep.equal(new Set(['applied']));
    for (const index of [0, 13, COUNT - 1]) {
      expect(JSON.parse(the((await reread(tasks(), the(running[index]))).result))).to.have.property('0', index);
    }
  });

  it('are added in one call', async () => {
    const batch = Array.from({ length: COUNT }, (_, index) => sample({ payload: large(index) }));
    expect(await tasks().insert(batch)).to.deep.equal(batch.map(({ id }) => ({ id, added: true })));
    expect(await tasks().counts(['waiting'])).to.have.nested.property(`${QUEUE}.waiting`, COUNT);
  });
}
