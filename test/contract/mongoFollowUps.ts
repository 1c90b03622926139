import { expect } from 'chai';
import { LATEST_INSTANT } from '../../constants/limits';
import { heldBefore } from '../../modules/mongo/followUpDocuments';
import type { Database } from '../../modules/ports/database';
import { namespaceOf } from '../../modules/ports/namespace';
import { followUpId, followUpsText } from '../../modules/task/followUps';
import type { NewTask, Task } from '../../modules/task/task';
import type { MongoOpening } from '../support/stores';
import { claim, claimedOne, idsOf, QUEUE, sample, samples, settlement, the, until } from './samples';

const MINUTE = 60_000;
const AFTER = 'after';

/** What holds for follow-ups on MongoDB, where a hand-over is several writes. */
export function mongoFollowUps(opening: MongoOpening): void {
  describe('follow-ups', () => {
    let database: Database;
    beforeEach(async () => {
      database = await opening.database();
    });

    const tasks = () => opening.db().collection<{ _id: object; queue: string; state: string }>('holdfast_tasks');

    const succeeded = async (): Promise<{ task: Task; own: NewTask }> => {
      const task = await claimedOne(database.tasks);
      const own = { ...sample({ queue: AFTER, uniqueKey: 'key' }), id: followUpId(task.id, 0) };
      await database.tasks.settle([settlement(task, { state: 'succeeded', keepMs: MINUTE, followUps: followUpsText([own]) })]);
      return { task, own };
    };

    const handOver = ({ task, own }: { task: Task; own: NewTask }) =>
      database.followUps.handOver([{ id: task.id, queue: QUEUE, followUps: [own], keepMs: MINUTE }]);

    it('are not added again by a process that stood still until nobody remembered them, and nothing of it is left', async () => {
      const given = await succeeded();
      await handOver(given);
      const [done] = await until(async () => claim(database.tasks, { queues: [AFTER] }));
      await database.tasks.settle([settlement(the(done), { state: 'removed' })]);
      // The time-to-live index deletes what is left of it.
      expect(await tasks().deleteOne({ queue: AFTER, state: 'removed' })).to.include({ deletedCount: 1 });
      expect(await handOver(given)).to.deep.equal([null]);
      expect(await tasks().countDocuments({ queue: AFTER })).to.equal(0);
    });

    it('cannot be claimed before their task has noted that they are inserted', async () => {
      const given = await succeeded();
      await handOver(given);
      // As if the process had died after the insert.
      await tasks().updateOne(
        { queue: AFTER },
        { $set: { held: { delayMs: 0 }, rev: -1, availableAt: new Date(Date.UTC(9999, 0)) }, $unset: { again: '' } },
      );
      await tasks().updateOne({ queue: QUEUE, state: 'succeeded' }, { $set: { followUps: followUpsText([given.own]) }, $unset: { expireAt: '' } });
      expect(await claim(database.tasks, { queues: [AFTER] })).to.deep.equal([]);
      expect(idsOf(await database.followUps.kept(0, 10))).to.deep.equal([given.task.id]);
      expect(await handOver(given)).to.deep.equal([[true]]);
      expect(idsOf(await until(async () => claim(database.tasks, { queues: [AFTER] })))).to.deep.equal([given.own.id]);
    });

    it('that a process inserted late, and died before it could take them back, keep their unique key for a minute at most', async () => {
      const given = await succeeded();
      await handOver(given);
      // As if it had been inserted after its task had let go, by a process that died then.
      const { _id: id, queue } = the(await tasks().findOne({ queue: QUEUE, state: 'succeeded' }));
      const hold = (ageMs: number) =>
        tasks().updateOne(
          { queue: AFTER },
          {
            $set: {
              held: { delayMs: 0, keeper: { id, queue } },
              rev: -1,
              availableAt: new Date(LATEST_INSTANT),
              createdAt: new Date(Date.now() - ageMs),
            },
          },
        );
      await hold(MINUTE / 2);
      await (await opening.database()).followUps.kept(0, 10);
      expect(await tasks().countDocuments({ queue: AFTER })).to.equal(1);
      await hold(2 * MINUTE);
      await (await opening.database()).followUps.kept(0, 10);
      expect(await tasks().countDocuments({ queue: AFTER })).to.equal(0);
    });

    it('stay held while their task keeps them, however long nobody hands them over', async () => {
      const given = await succeeded();
      await handOver(given);
      const { _id: id, queue } = the(await tasks().findOne({ queue: QUEUE, state: 'succeeded' }));
      const createdAt = new Date(Date.now() - 10 * MINUTE);
      const held = { delayMs: 0, keeper: { id, queue } };
      await tasks().updateOne({ queue: AFTER }, { $set: { held, rev: -1, availableAt: new Date(LATEST_INSTANT), createdAt } });
      await tasks().updateOne({ _id: id }, { $set: { followUps: followUpsText([given.own]), handsOver: true }, $unset: { expireAt: '' } });
      const other = await opening.database();
      expect(idsOf(await other.followUps.kept(0, 10))).to.deep.equal([given.task.id]);
      expect(await handOver(given)).to.deep.equal([[true]]);
      expect(idsOf(await until(async () => claim(database.tasks, { queues: [AFTER] })))).to.deep.equal([given.own.id]);
    });

    it('that are held are looked for by a few keys of each queue', async () => {
      await database.tasks.insert(samples(300));
      const plan = await tasks().find(heldBefore(new Date(), namespaceOf()) as object).hint('holdfast_claim').explain('executionStats'); // prettier-ignore
      expect((plan as { executionStats: { totalKeysExamined: number } }).executionStats.totalKeysExamined).to.be.within(1, 30);
    });

    it('are not inserted again once their task has noted that they are, also where nobody remembers them', async () => {
      const given = await succeeded();
      await handOver(given);
      const [done] = await until(async () => claim(database.tasks, { queues: [AFTER] }));
      await database.tasks.settle([settlement(the(done), { state: 'removed' })]);
      expect(await tasks().deleteOne({ queue: AFTER, state: 'removed' })).to.include({ deletedCount: 1 });
      // As if whoever handed it over had died before its task let go.
      const kept = { followUps: followUpsText([given.own]), handsOver: true };
      await tasks().updateOne({ queue: QUEUE, state: 'succeeded' }, { $set: kept, $unset: { expireAt: '' } });
      expect(await handOver(given)).to.deep.equal([[false]]);
      expect(await tasks().countDocuments({ queue: AFTER })).to.equal(0);
      expect(await database.followUps.kept(0, 10)).to.deep.equal([]);
    });

    it('are found by an index that has nothing of other tasks', async () => {
      await claimedOne(database.tasks);
      const given = await succeeded();
      const keysOf = async (): Promise<unknown> => {
        const plan = await tasks().find({ followUps: { $exists: true } }).hint('holdfast_follow_ups').explain('executionStats'); // prettier-ignore
        return (plan as { executionStats: { totalKeysExamined: number } }).executionStats.totalKeysExamined;
      };
      expect(await keysOf()).to.equal(1);
      await handOver(given);
      expect(await keysOf()).to.equal(0);
    });
  });
}
