import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { Queue } from '../../classes/queue/queue';
import type { TaskView } from '../../modules/task/taskView';
import { endChildren, endOf, RUNNER, runToEnd, startNode } from '../fixtures/children';
import { isLongRun } from '../support/hooks';
import { forEachStore } from '../support/stores';

const TEST_MS = 180_000;

/** Tasks beside those that crash. */
const OTHERS = isLongRun ? 200 : 60;

/** A worker that needs more starts than this makes no progress. */
const MOST_STARTS = 40;

forEachStore('Tasks that kill their worker or always fail', (opening) => {
  describe('in a process that is started again', function () {
    this.timeout(TEST_MS);
    let folder: string;

    beforeEach(() => {
      folder = mkdtempSync(join(tmpdir(), 'holdfast-files-'));
      for (const name of ['a.txt', 'b.txt', 'c.txt']) writeFileSync(join(folder, name), name.repeat(1_000));
    });

    afterEach(async () => {
      await endChildren();
      rmSync(folder, { recursive: true, force: true });
    });

    const seed = async (...given: string[]): Promise<void> => {
      const seeded = await runToEnd(['seed', '--path', folder, '--url', opening.url, ...given]);
      expect([seeded.code, seeded.err]).to.deep.equal([0, '']);
    };

    /** Starts the worker again whenever it was killed, as a supervisor does, until it ends by itself. Returns the number of kills. */
    const drain = async (...given: string[]): Promise<number> => {
      for (let kills = 0; kills < MOST_STARTS; kills += 1) {
        const child = startNode(RUNNER, ['--drain', '--url', opening.url, ...given]);
        const { code, signal } = await endOf(child);
        if (signal !== 'SIGKILL') {
          expect([code, child.err]).to.deep.equal([0, '']);
          return kills;
        }
      }
      throw new Error(`killed ${MOST_STARTS} times, and not done`);
    };

    const tasks = async (): Promise<TaskView[]> => {
      const store = await opening.open();
      const { tasks: all } = await new Queue(store, 'demo').list({ limit: 1_000 });
      await store.close();
      return [...all];
    };

    const facts = ({ name, state, attempt, failures }: TaskView): string => `${name} ${state}, attempt ${attempt}, ${failures} failures`;

    it('are dead after exactly three attempts, two of them among others that all succeed', async () => {
      await seed('--count', String(OTHERS / 2), '--kinds', 'slow,checksum');
      await seed('--count', '2', '--kinds', 'crash');
      await seed('--count', String(OTHERS / 2), '--kinds', 'slow,checksum');
      const kills = await drain('--lease-ms', '800');
      const after = await tasks();
      const crashes = after.filter(({ name }) => name === 'crash');
      const others = after.filter(({ name }) => name !== 'crash');
      expect(crashes.map(facts)).to.deep.equal(Array<string>(2).fill('crash dead, attempt 3, 3 failures'));
      for (const { error } of crashes) {
        expect(error).to.deep.include({ code: 'HOLDFAST_LEASE_EXPIRED' });
        expect(error?.message).to.include('its process may have crashed').and.to.include('whether the task crashes its process');
      }
      expect(others).to.have.length(OTHERS);
      expect(others.filter(({ state }) => state !== 'succeeded').map(facts)).to.deep.equal([]);
      // One crash may kill two crash tasks that run at once.
      expect(kills).to.be.within(3, 6);
    });

    it('are dead after exactly three attempts when nothing else is there', async () => {
      await seed('--count', '1', '--kinds', 'crash');
      expect(await drain('--lease-ms', '800')).to.equal(3);
      expect((await tasks()).map(facts)).to.deep.equal(['crash dead, attempt 3, 3 failures']);
    });

    it('are dead after exactly three attempts when they only fail', async () => {
      await seed('--count', '4', '--kinds', 'poison');
      expect(await drain()).to.equal(0);
      const after = await tasks();
      expect(after.map(facts)).to.deep.equal(Array<string>(4).fill('poison dead, attempt 3, 3 failures'));
      for (const { error } of after) expect(error?.message).to.equal('this one always fails');
    });
  });
});
