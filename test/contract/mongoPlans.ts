import { expect } from 'chai';
import { rangesAfter } from '../../modules/mongo/bulkFilters';
import { mongoId } from '../../modules/mongo/uuid';
import { namespaceOf } from '../../modules/ports/namespace';
import { newId } from '../../modules/task/newId';
import { TASK_STATES } from '../../constants/states';
import type { MongoOpening } from '../support/stores';
import { commandsDuring } from '../support/mongoCommands';
import type { LookRequest } from '../../modules/ports/taskSearch';
import { claim, QUEUE, samples, settlement } from './samples';

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

  it('is an index in its order for a search', async () => {
    const database = await opening.database();
    const name = opening.db().databaseName;
    const asked = { queues: ['*'], limit: 10, after: newId() };
    await database.tasks.insert(['a', 'b', 'c'].flatMap((queue) => samples(2, { queue })));
    await database.tasks.settle(
      (await claim(database.tasks, { queues: ['a', 'b', 'c'], limit: 3 })).map((task) => settlement(task, { state: 'dead', keepMs: 60_000 })),
    );
    const finds = async (request: Partial<LookRequest>): Promise<string[]> => {
      const commands = await commandsDuring(name, () => database.search.look({ ...asked, states: TASK_STATES, ...request }));
      const found = commands.filter(
        (one) => one.name === 'find' && one.command['find'] === TASKS && 'state' in (one.command['projection'] as object),
      );
      return Promise.all(found.map(({ command }) => planOf(command)));
    };
    const planOf = async ({ filter, hint, sort, projection, limit }: Record<string, unknown>): Promise<string> => {
      const options = { hint, sort, projection, limit } as object;
      const plan: unknown = await opening
        .db()
        .collection(TASKS)
        .find(filter as object, options)
        .explain('queryPlanner');
      return JSON.stringify((plan as { queryPlanner: { winningPlan: unknown } }).queryPlanner.winningPlan);
    };
    const plansOf = {
      dead: await finds({ states: ['dead', 'succeeded'] }),
      succeeded: await finds({ states: ['succeeded'], queues: ['a', 'b'] }),
      grouped: await finds({ failureGroups: ['0123456789abcdef', 'f123456789abcdef'] }),
      keyed: await finds({ uniqueKeys: ['k'] }),
      newest: await finds({}),
      running: await finds({ states: ['running'] }),
      waiting: await finds({ states: ['waiting'] }),
    };
    for (const [of, plans] of Object.entries(plansOf)) {
      expect(plans, of).to.have.lengthOf(['dead', 'grouped'].includes(of) ? 2 : 1);
      for (const plan of plans) {
        expect(plan, of).to.include('IXSCAN').and.not.include('COLLSCAN');
        if (of !== 'running' && of !== 'waiting') expect(plan, of).not.to.include('"SORT"');
        if (of === 'dead' || of === 'succeeded') expect(plan, of).not.to.include('"FETCH"');
      }
    }
    expect(plansOf.dead[0]).to.include('SORT_MERGE');
    expect(plansOf.grouped[0]).to.include('SORT_MERGE');
  });

  it('is an index alone for the counts of queues, of which several share a command', async () => {
    const database = await opening.database();
    const place = { id: newId(), queue: QUEUE, priority: 5, availableAt: new Date() };
    const commands = await commandsDuring(opening.db().databaseName, async () => {
      await Promise.all([QUEUE, 'other', 'third'].map((queue) => database.tallies.of(queue, 100)));
      await database.tallies.before(place, 100);
    });
    const counts = commands.filter(({ name, command }) => name === 'aggregate' && command[name] === TASKS);
    expect(counts).to.have.lengthOf(4);
    for (const { command } of counts) {
      const { pipeline, hint } = command as { pipeline: object[]; hint: string };
      const plan: unknown = await opening.db().collection(TASKS).aggregate(pipeline, { hint }).explain('queryPlanner');
      expect(JSON.stringify(plan), JSON.stringify(pipeline)).to.match(/IXSCAN|DISTINCT_SCAN|COUNT_SCAN/);
      expect(JSON.stringify(plan), JSON.stringify([pipeline, plan])).not.to.match(/"COLLSCAN"|"FETCH"/);
    }
  });
}
