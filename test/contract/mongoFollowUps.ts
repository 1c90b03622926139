import { expect } from 'chai';
import type { Database } from '../../modules/ports/database';
import { followUpId, followUpsText } from '../../modules/task/followUps';
import type { NewTask, Task } from '../../modules/task/task';
import type { MongoOpening } from '../support/stores';
import { claim, claimedOne, idsOf, QUEUE, sample, settlement, the, until } from './samples';

const MINUTE = 60_000;
const AFTER = 'after';

/** What holds for follow-ups on MongoDB, where a hand-over is several writes. */
export function mongoFollowUps(opening: MongoOpening): void {
  describe('follow-ups', () => {
    let database: Database;
    beforeEach(async () => {
      database = await opening.database();
    });

    const tasks = () => opening.db().collection('holdfast_tasks');

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
