import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { Queue } from '../../classes/queue/queue';
import type { DemoTasks } from '../../modules/demo/demoHandlers';
import { endChildren, endOf, RUNNER, startNode } from '../fixtures/children';
import { eventually } from '../support/eventually';
import { forSqlite } from '../support/stores';

forSqlite('node index.js', (opening) => {
  describe('stopped by signals', () => {
    let folder: string;
    beforeEach(() => {
      folder = mkdtempSync(join(tmpdir(), 'holdfast-files-'));
    });
    afterEach(async () => {
      await endChildren();
      rmSync(folder, { recursive: true, force: true });
    });

    const work = async (name: keyof DemoTasks, payload: never, given: readonly string[]) => {
      const queue = new Queue<DemoTasks>(await opening.open(), 'demo');
      const { id } = await queue.add(name, payload);
      const child = startNode(RUNNER, ['--url', opening.url, '--log-level', 'debug', ...given]);
      await eventually('it runs', async () => (await queue.get(id))?.state === 'running');
      return { queue, id, child };
    };

    for (const signal of ['SIGINT', 'SIGTERM'] as const) {
      it(`gives back what does not end in time and ends with 0 (${signal})`, async () => {
        const { queue, id, child } = await work('slow', { durationMs: 600_000 } as never, ['--grace-period-ms', '100']);
        child.kill(signal);
        expect(await endOf(child)).to.deep.equal({ code: 0, signal: null });
        expect(await queue.get(id)).to.deep.include({ state: 'waiting', failures: 0 });
        expect(child.out)
          .to.match(/\[worker\] Worker \S+ stops; 1 still running\n/)
          .and.to.match(/has stopped; \d released\n/);
      });
    }

    it('makes haste at a second signal, more than a second after the first', async () => {
      const { child } = await work('slow', { durationMs: 600_000 } as never, ['--grace-period-ms', '600000']);
      child.kill('SIGTERM');
      child.kill('SIGTERM');
      await eventually('it stops', () => child.out.includes(' stops; 1 still running'));
      const until = performance.now() + 1_200;
      await eventually('more than a second is over', () => performance.now() > until);
      expect(child.process.exitCode).to.equal(null);
      child.kill('SIGTERM');
      expect(await endOf(child)).to.deep.equal({ code: 0, signal: null });
    });

    it('ends with 0 at a signal that comes while it drains', async () => {
      const { queue, child } = await work('slow', { durationMs: 300 } as never, ['--drain', '--max-concurrency', '2']);
      await queue.addMany(Array.from({ length: 200 }, () => ({ name: 'slow' as const, payload: { durationMs: 300 } })));
      await eventually('some have run', async () => (await queue.counts()).succeeded >= 2);
      child.kill('SIGTERM');
      expect(await endOf(child)).to.deep.equal({ code: 0, signal: null });
      const { running, waiting, succeeded } = await queue.counts();
      expect([running, waiting + succeeded]).to.deep.equal([0, 201]);
    });
  });
});
