import { expect } from 'chai';
import { dueQueuesPipeline } from '../../modules/mongo/dueQueuesPipeline';
import { Worker } from '../../classes/worker/worker';
import { CLAIM_INDEX } from '../../modules/mongo/mongoSchema';
import type { Store } from '../../classes/store/store';
import { sleep, systemClock } from '../../modules/time/clock';
import { commandsDuring } from '../support/mongoCommands';
import type { SeenCommand } from '../support/mongoCommands';
import type { MongoOpening } from '../support/stores';
import { samples } from './samples';

const TASKS = 'holdfast_tasks';
const QUEUES = Array.from({ length: 300 }, (_, index) => `q${index}`);
/** A worker that finds nothing looks ever more rarely, so it is watched after that time, and for as long. */
const WATCHED_MS = 3_000;

/** What many queues cost on MongoDB. */
export function mongoQueues(opening: MongoOpening): void {
  const during = (run: () => Promise<unknown>): Promise<SeenCommand[]> => commandsDuring(opening.db().databaseName, run);

  /** The commands that find and claim tasks. */
  const ofTasks = (commands: readonly SeenCommand[]): SeenCommand[] =>
    commands.filter(({ name, command }) => command[name] === TASKS && name !== 'insert' && name !== 'getMore');

  async function filled(): Promise<Store> {
    const store = await opening.open();
    await store.parts.tasks.insert(QUEUES.flatMap((queue) => samples(2, { queue })));
    return store;
  }

  it('is one look that reads keys only', async () => {
    await filled();
    for (const queues of [QUEUES, ['*'], ['q1*']]) {
      const pipeline = dueQueuesPipeline(queues, TASKS, Date.now() + 60_000);
      const plan: unknown = await opening.db().collection(TASKS).aggregate(pipeline, { hint: CLAIM_INDEX }).explain();
      expect(JSON.stringify(plan)).to.include('DISTINCT_SCAN').and.not.include('"FETCH"');
    }
  });

  it('is at most three commands a claim', async () => {
    const { parts } = await filled();
    const rounds = 4;
    const commands = await during(async () => {
      // A claim of 100 asks 20 queues, of which each has two tasks.
      for (let round = 0; round < rounds; round += 1) {
        const { tasks } = await parts.claimer.claim({ queues: QUEUES, limit: 100, workerId: 'one', leaseMs: 30_000 });
        expect(tasks).to.have.lengthOf(40);
      }
    });
    expect(ofTasks(commands).length).to.be.within(rounds, 3 * rounds);
  });

  it('is one command to learn when the next task of a pattern is due', async () => {
    const { parts } = await filled();
    const commands = await during(() => parts.tasks.nextDueMs(['q*']));
    expect(ofTasks(commands)).to.have.lengthOf(1);
  });

  it('is at most ten commands a second while nothing is due', async () => {
    const store = await opening.open();
    const worker = new Worker(store, { queues: QUEUES, handlers: { work: () => Promise.resolve() } });
    await worker.start();
    await sleep(systemClock, WATCHED_MS);
    const commands = await during(() => sleep(systemClock, WATCHED_MS));
    await worker.stop();
    expect(commands.length).to.be.at.most((10 * WATCHED_MS) / 1_000);
  });
}
