import { expect } from 'chai';
import type { Database } from '../../modules/ports/database';
import type { HandOver } from '../../modules/ports/followUpStore';
import type { Change } from '../../modules/task/change';
import { followUpId, followUpsOf, followUpsText } from '../../modules/task/followUps';
import type { NewTask, Task } from '../../modules/task/task';
import type { Opening } from '../support/stores';
import { claim, claimed, claimedOne, idsOf, listed, QUEUE, reread, sample, settlement, the, until } from './samples';

const MINUTE = 60_000;
const AFTER = 'after';

/** Makes the follow-ups of a task. */
const followUpsFor = (task: Task, ...given: Partial<NewTask>[]): NewTask[] =>
  given.map((fields, position) => ({ ...sample({ queue: AFTER, ...fields }), id: followUpId(task.id, position) }));

const success = (followUps: readonly NewTask[], rest: Partial<Change> = {}): Change => ({
  state: 'succeeded',
  keepMs: MINUTE,
  suspect: false,
  followUps: followUpsText(followUps),
  ...rest,
});

const handOver = ({ id, queue }: Task, followUps: readonly NewTask[], keepMs = MINUTE): HandOver => ({ id, queue, followUps, keepMs });

/** The contract of follow-ups. */
export function followUps(opening: Opening): void {
  let database: Database;
  beforeEach(async () => {
    database = await opening.database();
  });

  /** Adds a task, claims it, and records its success with follow-ups. */
  const succeeded = async (...given: Partial<NewTask>[]): Promise<{ task: Task; own: NewTask[] }> => {
    const task = await claimedOne(database.tasks);
    const own = followUpsFor(task, ...given);
    expect(await database.tasks.settle([settlement(task, success(own))])).to.deep.equal(['applied']);
    return { task, own };
  };

  const keptIds = async (forMs = 0): Promise<string[]> => idsOf(await database.followUps.kept(forMs, 10));

  describe('follow-ups', () => {
    it('are kept with the task whose success is recorded, and are in no queue before they are handed over', async () => {
      const { task, own } = await succeeded(
        {},
        { uniqueKey: 'key', priority: 3, due: { at: new Date(Date.now() + MINUTE) }, settings: { tags: ['a'] } },
      );
      expect(await claim(database.tasks, { queues: [AFTER] })).to.deep.equal([]);
      expect(followUpsOf(the((await reread(database.tasks, task)).followUps))).to.deep.equal(own);
      const [listedOne] = await listed(database.tasks, { queue: QUEUE, limit: 1, states: ['succeeded'] });
      expect(followUpsOf(the(the(listedOne).followUps))).to.deep.equal(own);
      const [kept] = await database.followUps.kept(0, 10);
      expect(kept).to.deep.include({ id: task.id, queue: QUEUE, state: 'succeeded', followUps: followUpsText(own) });
      expect(await keptIds(MINUTE)).to.deep.equal([]);
    });

    it('are not kept if the lease is lost, and by the holder alone', async () => {
      const task = await claimedOne(database.tasks);
      await database.tasks.settle([settlement(task, { state: 'waiting', delayMs: 0 }, { by: 'another' })]);
      const [again] = await claim(database.tasks);
      expect(await database.tasks.settle([settlement(task, success(followUpsFor(task, {})))])).to.deep.equal(['lost']);
      const [own] = followUpsFor(task, { name: 'own' });
      expect(await database.tasks.settle([settlement(the(again), success([the(own)]))])).to.deep.equal(['applied']);
      expect((await database.followUps.kept(0, 10)).map(({ followUps: text }) => followUpsOf(text)[0]?.name)).to.deep.equal(['own']);
    });

    it('are kept of many settled together, beside others that bring none', async () => {
      const tasks = await claimed(database.tasks, 9);
      const given = tasks.map((task, index) => (index % 2 === 0 ? { task, own: followUpsFor(task, { name: `of ${index}` }) } : { task, own: [] }));
      const settlements = given.map(({ task, own }) => settlement(task, own.length > 0 ? success(own, { result: '1' }) : { state: 'succeeded', keepMs: MINUTE })); // prettier-ignore
      expect(new Set(await database.tasks.settle(settlements))).to.deep.equal(new Set(['applied']));
      expect(new Set(await database.tasks.settle(settlements))).to.deep.equal(new Set(['applied']));
      for (const { task, own } of given) {
        const { followUps: text } = await reread(database.tasks, task);
        expect(text === undefined ? [] : followUpsOf(text)).to.deep.equal(own);
      }
    });

    it('get into their queues by a hand-over, once, however often and by however many', async () => {
      const { task, own } = await succeeded({ name: 'one' }, { name: 'two', priority: 2 });
      const other = await opening.database();
      const answers = await Promise.all([database, other, database].map(({ followUps: port }) => port.handOver([handOver(task, own)])));
      const told = answers.flat().filter((answer) => answer !== null);
      expect(told.length).to.be.at.most(1);
      for (const answer of told) expect(answer).to.deep.equal([true, true]);
      expect(await keptIds()).to.deep.equal([]);
      const found = await until(async () => claim(database.tasks, { queues: [AFTER] }));
      expect(found.map(({ id, name, priority, attempt }) => [id, name, priority, attempt])).to.deep.equal([
        [own[0]?.id, 'one', 0, 1],
        [own[1]?.id, 'two', 2, 1],
      ]);
      expect(await reread(database.tasks, task)).to.not.have.property('followUps');
      expect(await other.followUps.handOver([handOver(task, own)])).to.deep.equal([null]);
      expect(await claim(database.tasks, { queues: [AFTER] })).to.deep.equal([]);
    });

    it('are not added again by a process that comes late, also once they are done and removed', async () => {
      const { task, own } = await succeeded({});
      await database.followUps.handOver([handOver(task, own)]);
      const [done] = await until(async () => claim(database.tasks, { queues: [AFTER] }));
      await database.tasks.settle([settlement(the(done), { state: 'removed' })]);
      expect(await database.followUps.handOver([handOver(task, own)])).to.deep.equal([null]);
      expect(await claim(database.tasks, { queues: [AFTER] })).to.deep.equal([]);
      expect(await database.tasks.nextDueMs([AFTER])).to.equal(null);
    });

    it('are due after their delays, counted from the hand-over, or at their instants', async () => {
      const at = new Date(Date.now() + 2 * MINUTE);
      const { task, own } = await succeeded({ due: { delayMs: MINUTE } }, { due: { at } }, { due: { at: new Date(0) } });
      const before = Date.now();
      await database.followUps.handOver([handOver(task, own)]);
      const [delayed, timed, past] = await Promise.all(own.map((followUp) => reread(database.tasks, followUp)));
      expect(the(delayed).availableAt.getTime() - before).to.be.within(MINUTE - 1_000, 2 * MINUTE);
      expect(the(timed).availableAt).to.deep.equal(at);
      expect(the(past).availableAt.getTime() - before).to.be.within(-1_000, MINUTE);
      expect(idsOf(await until(async () => claim(database.tasks, { queues: [AFTER] })))).to.deep.equal([own[2]?.id]);
    });

    it('are not added while another task has their unique key', async () => {
      const twin = sample({ queue: AFTER, uniqueKey: 'key' });
      await database.tasks.insert([twin]);
      const { task, own } = await succeeded({ uniqueKey: 'key' }, { uniqueKey: 'free' }, { uniqueKey: 'free' });
      const [answer] = await database.followUps.handOver([handOver(task, own)]);
      expect(answer).to.deep.equal([false, true, false]);
      expect(idsOf(await until(async () => claim(database.tasks, { queues: [AFTER] })))).to.have.members([twin.id, own[1]?.id]);
      expect(await keptIds()).to.deep.equal([]);
    });

    it('may have the unique key of the task that they follow', async () => {
      const task = await claimedOne(database.tasks, {}, { uniqueKey: 'chain' });
      const own = followUpsFor(task, { queue: QUEUE, uniqueKey: 'chain' });
      await database.tasks.settle([settlement(task, success(own))]);
      await database.followUps.handOver([handOver(task, own)]);
      expect(idsOf(await until(async () => claim(database.tasks)))).to.deep.equal(idsOf(own));
    });

    it('keep their task from being removed by hand, in bulk and by its retention, until they are handed over', async () => {
      const { task, own } = await succeeded({});
      const head = the(await database.tasks.find(QUEUE, task.id, 'head'));
      const byHand = settlement(task, { state: 'removed' }, { guard: { state: 'succeeded', rev: head.rev }, by: 'hand' });
      expect(await database.tasks.settle([byHand])).to.deep.equal(['lost']);
      const bulk = { filter: { queue: QUEUE, states: ['succeeded'] }, change: { state: 'removed' }, by: 'bulk', limit: 10 } as const;
      expect(await database.bulk.change(bulk)).to.include({ changed: 0 });
      await database.followUps.handOver([handOver(task, own)]);
      expect(await database.bulk.change(bulk)).to.include({ changed: 1 });
    });

    it('let their task go at once where it has no retention', async () => {
      const { task, own } = await succeeded({});
      await database.followUps.handOver([handOver(task, own, 0)]);
      expect(await database.tasks.find(QUEUE, task.id)).to.equal(null);
      expect(await database.tasks.settle([settlement(task, success(own))])).to.deep.equal(['applied']);
      expect(await keptIds()).to.deep.equal([]);
    });

    it('of several tasks are handed over together, and only those that are kept', async () => {
      const [one, two, three] = [await succeeded({}), await succeeded({}, {}), await succeeded({})];
      await database.followUps.handOver([handOver(two.task, two.own)]);
      const answers = await database.followUps.handOver([one, two, three].map(({ task, own }) => handOver(task, own)));
      expect(answers[1]).to.equal(null);
      expect(await keptIds()).to.deep.equal([]);
      const found = await until(async () => claim(database.tasks, { queues: [AFTER] }));
      expect(idsOf(found)).to.have.members([one, two, three].flatMap(({ own }) => idsOf(own)));
    });

    it('are those of their namespace alone, and go to its queues', async () => {
      const mine = await opening.database({}, { namespace: 'mine' });
      const task = await claimedOne(mine.tasks);
      const own = followUpsFor(task, {});
      await mine.tasks.settle([settlement(task, success(own))]);
      expect(await keptIds()).to.deep.equal([]);
      expect((await mine.followUps.kept(0, 10)).map(({ id, queue }) => [id, queue])).to.deep.equal([[task.id, QUEUE]]);
      await mine.followUps.handOver([handOver(task, own)]);
      expect(await claim(database.tasks, { queues: [AFTER] })).to.deep.equal([]);
      expect(idsOf(await until(async () => claim(mine.tasks, { queues: [AFTER] })))).to.deep.equal(idsOf(own));
    });
  });
}
