import { expect } from 'chai';
import type { mongo } from 'mongoose';
import { TASKS_COLLECTION } from '../../modules/mongoSchema';
import { eventually } from '../support/eventually';
import type { MongoOpening } from '../support/stores';
import { pause, samples, the } from './samples';

const NO_REPLICA_SET = 40573;

/** The hints of a change stream. */
export function mongoWatch(opening: MongoOpening): void {
  let told: number;
  let tasks: mongo.Collection;

  beforeEach(() => {
    told = 0;
    tasks = opening.db().collection(TASKS_COLLECTION);
  });

  const isTold = (times: number): Promise<boolean> => eventually(`it tells the ${times}. time`, () => told >= times);

  it('tells when it is open, because of what came in until then, and of what comes in later', async () => {
    const { tasks: watched } = await opening.database();
    const unwatch = the(watched.watch?.(() => (told += 1)));
    await isTold(1);
    await watched.insert(samples(1));
    await isTold(2);
    unwatch();
  });

  it('is opened again where the collection was dropped under it', async () => {
    const { tasks: watched } = await opening.database();
    const unwatch = the(watched.watch?.(() => (told += 1)));
    await isTold(1);
    await tasks.drop();
    await isTold(2);
    await watched.insert(samples(1));
    await isTold(3);
    unwatch();
  });

  it('is asked for once of a server that has none', async () => {
    const { tasks: watched } = await opening.database();
    const admin = opening.db().admin();
    const failPoint = { configureFailPoint: 'failCommand', data: { failCommands: ['aggregate'], errorCode: NO_REPLICA_SET } };
    await admin.command({ ...failPoint, mode: 'alwaysOn' });
    try {
      const unwatch = the(watched.watch?.(() => (told += 1)));
      // Longer than it waits after a fault that passes.
      await pause(6_000);
      unwatch();
    } finally {
      expect(await admin.command({ ...failPoint, mode: 'off' })).to.have.property('count', 1);
    }
  });
}
