import { expect } from 'chai';
import { FINISHED_STATES, TASK_STATES } from '../../constants/states';
import { countLaneStatement, lanesOf, newestStatement, windowStatement } from '../../modules/sqlite/sqliteBulk';
import type { Lane, Statement } from '../../modules/sqlite/sqliteBulk';
import { foundInState, lastById, lastInState, waitingById, waitingByIndex, waitingStatement } from '../../modules/sqlite/listSql';
import {
  byIdsStatement,
  byKeysStatement,
  countWaitingStatement,
  finishedStatement,
  groupStatement,
  newestStatement as searchNewest,
  waitingStatement as searchWaiting,
} from '../../modules/sqlite/searchSql';
import { beforeStatement } from '../../modules/sqlite/tallySql';
import { loadSqlite } from '../../modules/sqlite/sqliteDriver';
import { newId } from '../../modules/task/newId';
import type { SqliteOpening } from '../support/stores';
import { QUEUE } from './samples';

/** The index in which the tasks of a lane are. */
const indexOf = ({ state, suspect }: Lane): string =>
  `holdfast_tasks_${state === 'waiting' ? (suspect === 1 ? 'suspect' : 'claim') : state === 'running' ? 'lease' : 'finished'}`;

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
        expect(plan, indexOf(lane)).to.include(`INDEX ${indexOf(lane)}`);
        if (lane.state !== 'running') expect(plan, indexOf(lane)).to.include('SEARCH').and.not.include('TEMP B-TREE');
      }
    }
  });

  it('is an index alone for the newest tasks of a finished state', async () => {
    for (const lane of lanesOf(FINISHED_STATES)) {
      const plan = await planOf(newestStatement(lane, QUEUE, 10));
      expect(plan, indexOf(lane))
        .to.include(`COVERING INDEX ${indexOf(lane)}`)
        .and.not.include('TEMP B-TREE');
    }
  });

  it('is a seek in an index, in its order, for each part of a search', async () => {
    const bounds = { after: newId(), floor: newId() };
    const parts: readonly (readonly [of: Statement, index: string])[] = [
      [finishedStatement('dead', QUEUE, bounds, 10), 'COVERING INDEX holdfast_tasks_finished (state=? AND queue=? AND id>? AND id<?)'],
      [groupStatement('0123456789abcdef', QUEUE, bounds, 10), 'INDEX holdfast_tasks_failure (queue=? AND <expr>=? AND id>? AND id<?)'],
      [searchNewest(newId(), 10), '(id<?)'],
      [byIdsStatement([newId()]), '(id=?)'],
      [byKeysStatement([QUEUE], ['k']), 'INDEX holdfast_tasks_unique (queue=? AND unique_key=?)'],
      [searchWaiting([QUEUE], 10), 'INDEX holdfast_tasks_claim (queue=?)'],
      [countWaitingStatement([QUEUE], 10), 'COVERING INDEX holdfast_tasks_claim (queue=?)'],
    ];
    for (const [statement, index] of parts) {
      const plan = await planOf(statement);
      expect(plan, statement.sql)
        .to.include(index)
        .and.not.match(/SCAN holdfast|TEMP B-TREE/);
    }
  });

  it('is an index alone for the counts of a queue', async () => {
    for (const lane of lanesOf(TASK_STATES)) {
      const plan = await planOf(countLaneStatement(lane, QUEUE, { queue: QUEUE, states: [lane.state] }, 10));
      expect(plan, indexOf(lane)).to.include(`COVERING INDEX ${indexOf(lane)}`);
    }
  });

  it('is an index alone for the tasks that come before another, of each priority', async () => {
    for (const lane of lanesOf(['waiting'])) {
      const plan = await planOf({ sql: beforeStatement(lane, 5), parameters: [QUEUE, 1, 5, 1, Buffer.alloc(16), 10] });
      expect(plan)
        .to.include(`COVERING INDEX ${indexOf(lane)} (queue=? AND priority=? AND available_at<?)`)
        .and.include(`COVERING INDEX ${indexOf(lane)} (queue=? AND priority=? AND available_at=? AND rowid<?)`)
        .and.not.match(/SCAN holdfast|TEMP B-TREE/);
    }
  });

  it('is a seek in the index of its state for a listing of finished tasks, also by name', async () => {
    for (const state of FINISHED_STATES)
      for (const named of [{}, { name: 'rare' }]) {
        const request = { queue: QUEUE, after: newId(), limit: 10, part: 'head', ...named } as const;
        const seek = `INDEX holdfast_tasks_finished (state=? AND queue=? AND id<?)`;
        expect(await planOf(foundInState(state, request)))
          .to.include(seek)
          .and.not.include('TEMP B-TREE');
        expect(await planOf(lastInState(state, request)))
          .to.include(`COVERING ${seek}`)
          .and.not.include('TEMP B-TREE');
      }
  });

  it('is an index for a listing of waiting tasks, and for how many there are', async () => {
    const request = { queue: QUEUE, after: newId(), limit: 10 };
    expect(await planOf(waitingByIndex(request)))
      .to.include('INDEX holdfast_tasks_claim (queue=?)')
      .and.include('INDEX holdfast_tasks_suspect (queue=?)');
    expect(await planOf(waitingStatement(QUEUE, 10)))
      .to.include('COVERING INDEX holdfast_tasks_claim (queue=?)')
      .and.include('COVERING INDEX holdfast_tasks_suspect (queue=?)');
    expect(await planOf(lastById(request)))
      .to.include('COVERING INDEX')
      .and.include('(id<?)')
      .and.not.include('TEMP B-TREE');
    expect(await planOf(waitingById(request)))
      .to.include('(id<?)')
      .and.not.include('TEMP B-TREE');
  });
}
