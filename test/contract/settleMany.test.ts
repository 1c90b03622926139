import { expect } from 'chai';
import type { Settlement } from '../../modules/ports/taskStore';
import type { Change } from '../../modules/task/change';
import type { Task } from '../../modules/task/task';
import { claimed, leaseOf, reread, settlement, the } from './samples';
import { forEachStore } from '../support/stores';

const MINUTE = 60_000;

const errorOf = (index: number) => ({ name: 'Error', message: `'${index}' "$payload" \\ \u0001 ü`, code: 'E', stack: 'at here' });

for (const by of ['id', 'place'] as const) {
  forEachStore(`Many outcomes at once, told by ${by}`, (opening) => {
    const settlementOf = (task: Task, change: Change): Settlement => settlement(task, change, by === 'id' ? { place: undefined } : {});

    it('of retries: each task gets its own delay, error and history, and what its outcome does not name stays', async () => {
      const { tasks } = await opening.database();
      const batch = await claimed(tasks, 40);
      const change = (index: number): Change => ({
        state: 'waiting',
        delayMs: index * MINUTE,
        failures: index,
        suspect: index % 2 === 0,
        error: errorOf(index),
        ...(index % 3 === 0 ? { history: JSON.stringify([index]) } : {}),
      });
      const answers = await tasks.settle(batch.map((task, index) => settlementOf(task, change(index))));
      expect(answers).to.deep.equal(batch.map(() => 'applied'));
      for (const [index, task] of batch.entries()) {
        const { delayMs = 0, state, history = null, ...named } = change(index);
        const found = await reread(tasks, task);
        expect(found).to.deep.include({ state, ...named, history, result: null, lease: null, rev: task.rev + 1, finishedAt: null });
        const claimedAt = leaseOf(task).expiresAt.getTime() - leaseOf(task).ms;
        expect(found.availableAt.getTime() - claimedAt).to.be.within(delayMs - 1_000, delayMs + MINUTE / 2);
      }
    });

    it('of successes without a result: all are removed, and one that is not held is lost alone', async () => {
      const { tasks } = await opening.database();
      const batch = await claimed(tasks, 40);
      const [first] = batch;
      await tasks.settle([settlementOf(the(first), { state: 'waiting', delayMs: MINUTE })]);
      const answers = await tasks.settle(batch.map((task) => ({ ...settlementOf(task, { state: 'removed' }), by: leaseOf(task).token })));
      expect(answers.filter((answer) => answer === 'applied')).to.have.lengthOf(40);
      expect((await reread(tasks, the(first))).state).to.equal('waiting');
      for (const { id } of batch.slice(1)) expect(await tasks.find(null, id)).to.equal(null);
    });

    it('of successes and failures: each task ends in its own state', async () => {
      const { tasks } = await opening.database();
      const batch = await claimed(tasks, 40);
      const change = (index: number): Change =>
        index % 2 === 0
          ? { state: 'succeeded', keepMs: MINUTE, suspect: false, ...(index % 4 === 0 ? { result: String(index) } : {}) }
          : { state: 'dead', keepMs: 2 * MINUTE, suspect: false, failures: 3, error: errorOf(index) };
      await tasks.settle(batch.map((task, index) => settlementOf(task, change(index))));
      for (const [index, task] of batch.entries()) {
        const { state, failures = 0, result = null, error = null } = change(index);
        expect(await reread(tasks, task)).to.deep.include({ state, failures, result, error, suspect: false, rev: task.rev, lease: null });
      }
    });
  });
}
