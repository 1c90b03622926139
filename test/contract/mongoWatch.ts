import { expect } from 'chai';
import { systemClock } from '../../modules/time/clock';
import type { Clock } from '../../modules/time/clock';
import type { TaskStore, Unwatch } from '../../modules/ports/taskStore';
import { eventually } from '../support/eventually';
import type { MongoOpening } from '../support/stores';
import { pause, samples, the } from './samples';

/** The collection of tasks. */
const TASKS = 'holdfast_tasks';

const NO_REPLICA_SET = 40573;

/** Limits the fail points to these connections: other files use the same server at the same time. */
const APP = 'holdfast-watch';

/** Shortens the pause after a fault from five seconds to a tenth of a second. */
const QUICK: Clock = { ...systemClock, after: (delayMs, callback, kind) => systemClock.after(delayMs / 50, callback, kind) };

/** The hints of the change stream. */
export function mongoWatch(opening: MongoOpening): void {
  let told: number;
  let watched: TaskStore;

  beforeEach(async () => {
    told = 0;
    ({ tasks: watched } = await opening.database({ clock: QUICK }, { url: `${opening.url}${opening.url.includes('?') ? '&' : '?'}appName=${APP}` }));
  });

  const watch = (): Unwatch => the(watched.watch?.(() => (told += 1)));

  const isTold = (times: number): Promise<boolean> => eventually(`it tells the ${times}. time`, () => told >= times);

  it('sends a hint when it is open, because tasks may have come before, and one for each later change', async () => {
    const unwatch = watch();
    await isTold(1);
    await watched.insert(samples(1));
    await isTold(2);
    unwatch();
  });

  it('is opened again where the collection was dropped under it', async () => {
    const unwatch = watch();
    await isTold(1);
    await opening.db().collection(TASKS).drop();
    await isTold(2);
    await watched.insert(samples(1));
    await isTold(3);
    unwatch();
  });

  it('is tried once on a server without change streams', async () => {
    const admin = opening.db().admin();
    const failPoint = { configureFailPoint: 'failCommand', data: { failCommands: ['aggregate'], errorCode: NO_REPLICA_SET, appName: APP } };
    await admin.command({ ...failPoint, mode: 'alwaysOn' });
    try {
      const unwatch = watch();
      // Longer than the pause after a temporary fault.
      await pause(500);
      unwatch();
    } finally {
      expect(await admin.command({ ...failPoint, mode: 'off' })).to.have.property('count', 1);
    }
  });
}
