import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { Queue } from '../../classes/queue/queue';
import type { Store } from '../../classes/store/store';
import type { TaskView } from '../../modules/task/taskView';
import { endChildren, endOf, readRuns, startFixture } from '../fixtures/children';
import type { Child, Run } from '../fixtures/children';
import { eventually } from '../support/eventually';
import { forEachStore } from '../support/stores';

const TEST_MS = 180_000;

/** A crash of which nobody knows whose it was, as the history keeps it. */
const UNCLEAR = { workerId: 'earlier', ending: 'expired' };

/** A crashing task that is not found by then never is. */
const MOST_CRASHES = 4;

forEachStore('Tasks that may have killed their process', (opening) => {
  describe('in processes of their own', function () {
    this.timeout(TEST_MS);
    let folder: string;
    let store: Store;
    let video: Queue;
    let mail: Queue;

    beforeEach(async () => {
      folder = mkdtempSync(join(tmpdir(), 'holdfast-suspects-'));
      store = await opening.open();
      video = new Queue(store, 'video');
      mail = new Queue(store, 'mail');
    });

    afterEach(async () => {
      await endChildren();
      rmSync(folder, { recursive: true, force: true });
    });

    const runs = (): Run[] => readRuns(join(folder, 'runs'));

    const begun = (id: string, attempt = 1): Promise<unknown> =>
      eventually(`attempt ${attempt} begins`, () => runs().some((run) => run.event === 'start' && run.id === id && run.attempt === attempt));

    const start = (...workers: string[][]): Child =>
      startFixture('suspectWorker', { url: opening.url, file: join(folder, 'runs'), gate: join(folder, 'gate'), workers });

    /** Lets the long tasks end. */
    const openGate = (): void => writeFileSync(join(folder, 'gate'), '');

    const kill = async (child: Child): Promise<void> => {
      child.kill('SIGKILL');
      await endOf(child);
    };

    const takenBack = (...queues: Queue[]): Promise<unknown> =>
      eventually('the leases are over', async () => {
        const counts = await Promise.all(queues.map((queue) => queue.counts()));
        return counts.every(({ running }) => running === 0);
      });

    /** Adds a task that may fail no more, and so runs alone. */
    const addSuspect = async (name: 'long' | 'crash', crashes: number): Promise<string> => {
      const { id } = await video.add(name, null);
      const { tasks } = await opening.database();
      const history = JSON.stringify({ attempts: Array.from({ length: crashes }, () => ({ ...UNCLEAR, attempt: 1 })), log: [] });
      const change = { state: 'waiting', delayMs: 0, failures: 2, suspect: true, history } as const;
      expect(await tasks.settle([{ id, queue: 'video', guard: { state: 'waiting', rev: 0 }, change, by: id }])).to.deep.equal(['applied']);
      return id;
    };

    const facts = (task: TaskView | null): string => `${task?.state}, attempt ${task?.attempt}, ${task?.failures} failures`;

    it('hold up no other queue, though ten of them wait to run alone', async () => {
      const long = await video.addMany(Array.from({ length: 10 }, () => ({ name: 'long', payload: null })));
      for (const attempt of [1, 2]) {
        const killed = start(['video', 'mail']);
        for (const { id } of long) await begun(id, attempt);
        await kill(killed);
        await takenBack(video);
      }
      start(['video', 'mail']);
      await eventually('the first suspect begins', () => runs().some(({ attempt }) => attempt === 3));
      const short = await mail.addMany(Array.from({ length: 5 }, () => ({ name: 'short', payload: null })));
      for (const { id } of short) await begun(id);
      expect(runs().filter(({ event, attempt }) => event === 'end' && attempt > 1)).to.deep.equal([]);
      openGate();
      await eventually('all have succeeded', async () => (await video.counts()).succeeded === 10);
      for (const { id } of long) expect(facts(await video.get(id))).to.equal('succeeded, attempt 3, 2 failures');
    });

    it('hold up no worker of their process once their own has stopped', async () => {
      // After seven crashes it would be alone for two minutes.
      const suspect = await addSuspect('long', 7);
      const child = start(['video'], ['mail']);
      await begun(suspect);
      child.kill('SIGUSR2');
      const { id } = await mail.add('short', null);
      await begun(id);
      expect(runs().filter((run) => run.id === suspect && run.event === 'end')).to.deep.equal([]);
    });

    it('charge no neighbour: what runs beside one is released when its lease ends', async () => {
      const suspect = await addSuspect('long', 0);
      const killed = start(['video', 'mail']);
      await begun(suspect);
      const { id: neighbour } = await mail.add('long', null);
      const { id: once } = await mail.add('long', null, { maxRetries: 1 });
      await begun(neighbour);
      await begun(once);
      await kill(killed);
      await takenBack(video, mail);
      expect(facts(await video.get(suspect))).to.equal('waiting, attempt 1, 2 failures');
      expect(facts(await mail.get(neighbour))).to.equal('waiting, attempt 1, 0 failures');
      expect(facts(await mail.get(once))).to.equal('dead, attempt 1, 1 failures');
      openGate();
      start(['video', 'mail']);
      await eventually('both have succeeded', async () => (await video.counts()).succeeded + (await mail.counts()).succeeded === 2);
    });

    it('are alone for longer after a crash that was not clearly theirs, until one is', async () => {
      const id = await addSuspect('crash', 0);
      let crashes = 0;
      for (; (await video.get(id))?.state !== 'dead'; crashes += 1) {
        expect(crashes).to.be.below(MOST_CRASHES);
        const child = start(['video', 'mail']);
        await begun(id, crashes + 1);
        await mail.add('short', null);
        await endOf(child);
        await takenBack(video, mail);
      }
      const task = await video.get(id);
      expect(facts(task)).to.equal(`dead, attempt ${crashes}, 3 failures`);
      const codes = (task?.attempts ?? []).map(({ ending, error }) => `${ending} ${error?.code ?? 'without a failure'}`);
      expect(codes.pop()).to.equal('dead HOLDFAST_LEASE_EXPIRED');
      expect([...new Set(codes)]).to.deep.equal(['expired without a failure']);
    });
  });
});
