import { expect } from 'chai';
import { FINISHED_STATES, TASK_STATES } from '../../constants/states';
import { countLaneStatement, lanesOf, newestStatement, windowStatement } from '../../modules/sqlite/sqliteBulk';
import type { Statement } from '../../modules/sqlite/sqliteBulk';
import { listStatement } from '../../modules/sqlite/sqliteSchema';
import { loadSqlite } from '../../modules/sqlite/sqliteDriver';
import { newId } from '../../modules/task/newId';
import { uuidBytes } from '../../modules/task/uuidBytes';
import type { SqliteOpening } from '../support/stores';
import { QUEUE } from './samples';

/** How SQLite finds what bulk actions, counts and listings ask for. */
export function sqlitePlans(opening: SqliteOpening): void {
  /** Returns the steps of the plan of a statement. */
  async function planOf({ sql, parameters }: Statement): Promise<string> {
    await opening.database();
    const file = new (loadSqlite())(opening.path);
    const rows = file.prepare(`EXPLAIN QUERY PLAN ${sql}`).all(...parameters) as { detail: string }[];
    file.close();
    return rows.map(({ detail }) => detail).join('\n');
  }

  it('is a seek in an index, in its order, for the parts of every bulk action but those of running tasks', async () => {
    for (const lane of lanesOf(TASK_STATES)) {
      const position = lane.suspect === undefined ? newId() : ([1, 1, 1] as const);
      for (const at of [undefined, position]) {
        const plan = await planOf(windowStatement(lane, QUEUE, at, 10));
        expect(plan, lane.index).to.include(`INDEX ${lane.index}`);
        if (lane.state !== 'running') expect(plan, lane.index).to.include('SEARCH').and.not.include('TEMP B-TREE');
      }
    }
  });

  it('is an index alone for the newest tasks of a finished state', async () => {
    for (const lane of lanesOf(FINISHED_STATES)) {
      const plan = await planOf(newestStatement(lane, QUEUE, 10));
      expect(plan, lane.index).to.include(`COVERING INDEX ${lane.index}`).and.not.include('TEMP B-TREE');
    }
  });

  it('is an index alone for the counts of a queue', async () => {
    for (const lane of lanesOf(TASK_STATES)) {
      const plan = await planOf(countLaneStatement(lane, QUEUE, { queue: QUEUE, states: [lane.state] }, 10));
      expect(plan, lane.index).to.include(`COVERING INDEX ${lane.index}`);
    }
  });

  it('is a seek in the index of its state for a listing of finished tasks', async () => {
    for (const state of FINISHED_STATES) {
      const sql = listStatement('head', [state], false, false, true);
      const plan = await planOf({ sql, parameters: [QUEUE, state, uuidBytes(newId()), 10] });
      expect(plan).to.include(`SEARCH holdfast_tasks USING INDEX holdfast_tasks_${state} (queue=? AND id<?)`).and.not.include('TEMP B-TREE');
    }
  });
}
