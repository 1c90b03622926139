import { expect } from 'chai';
import { rangesAfter } from '../../modules/mongo/bulkFilters';
import { mongoId } from '../../modules/mongo/uuid';
import { namespaceOf } from '../../modules/ports/namespace';
import { newId } from '../../modules/task/newId';
import { TASK_STATES } from '../../constants/states';
import type { MongoOpening } from '../support/stores';
import { commandsDuring } from '../support/mongoCommands';
import { QUEUE, samples } from './samples';

const TASKS = 'holdfast_tasks';

/** How MongoDB finds what bulk actions and counts ask for. */
export function mongoPlans(opening: MongoOpening): void {
  it('is an index alone for the parts of every bulk action', async () => {
    const { tasks } = await opening.database();
    await tasks.insert(samples(3));
    const keys = { ...namespaceOf(), mongoId };
    for (const state of TASK_STATES) {
      const positions = state === 'waiting' ? [undefined, [1, 1, newId()] as const] : [undefined, newId()];
      for (const { filter, hint, sort, projection } of positions.flatMap((position) => rangesAfter(QUEUE, state, position, keys))) {
        const plan: unknown = await opening
          .db()
          .collection(TASKS)
          .find(filter as object, { hint, sort, projection, limit: 10 })
          .explain('queryPlanner');
        const winning = JSON.stringify((plan as { queryPlanner: { winningPlan: unknown } }).queryPlanner.winningPlan);
        expect(winning, state).to.include('IXSCAN').and.not.include('COLLSCAN');
        if (state !== 'running') expect(winning, state).not.to.include('"SORT"');
        if (state !== 'running') expect(winning, state).not.to.include('"FETCH"');
      }
    }
  });

  it('is a key a queue for their names', async () => {
    const database = await opening.database();
    const commands = await commandsDuring(opening.db().databaseName, () => database.looks.names());
    const looks = commands.filter(({ name, command }) => name === 'aggregate' && command[name] === TASKS);
    expect(looks).to.have.lengthOf(5);
    for (const { command } of looks) {
      const { pipeline, hint } = command as { pipeline: object[]; hint: string };
      const plan: unknown = await opening.db().collection(TASKS).aggregate(pipeline, { hint }).explain('queryPlanner');
      const text = JSON.stringify(plan);
      expect(text, JSON.stringify(pipeline)).to.include(hint === 'holdfast_lease' ? 'IXSCAN' : 'DISTINCT_SCAN');
      expect(text, JSON.stringify([pipeline, plan])).not.to.match(/"COLLSCAN"|"FETCH"/);
    }
  });

  it('is an index alone for the counts of a queue', async () => {
    const database = await opening.database();
    const place = { id: newId(), queue: QUEUE, priority: 5, availableAt: new Date() };
    const commands = await commandsDuring(opening.db().databaseName, async () => {
      await database.tallies.of(QUEUE, 100);
      await database.tallies.before(place, 100);
    });
    const counts = commands.filter(({ name, command }) => name === 'aggregate' && command[name] === TASKS);
    expect(counts).to.have.lengthOf(10);
    for (const { command } of counts) {
      const { pipeline, hint } = command as { pipeline: object[]; hint: string };
      const plan: unknown = await opening.db().collection(TASKS).aggregate(pipeline, { hint }).explain('queryPlanner');
      expect(JSON.stringify(plan), JSON.stringify(pipeline)).to.match(/IXSCAN|DISTINCT_SCAN|COUNT_SCAN/);
      expect(JSON.stringify(plan), JSON.stringify([pipeline, plan])).not.to.match(/"COLLSCAN"|"FETCH"/);
    }
  });
}
