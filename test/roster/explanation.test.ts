import { expect } from 'chai';
import { DAY, HOUR, MINUTE, SECOND, TRANSIT_PREFIX } from '../../constants/limits';
import { explainTask } from '../../modules/roster/explainTask';
import { aboutTime, explainOthers } from '../../modules/roster/explanation';
import type { Circumstances } from '../../modules/roster/explanation';
import type { Lease, Task } from '../../modules/task/task';

const NOW = Date.parse('2026-01-01T12:00:00Z');

const LEASE: Lease = {
  ...{ token: 'token', workerId: 'web-1', expiresAt: new Date(NOW + 20_000), ms: 30_000 },
  ...{ extendedMs: 0, alone: false, timedOut: false, beside: false },
};

const TASK: Task = {
  ...{ id: 'id', queue: 'mail', name: 'welcome', payload: '{}', state: 'waiting', priority: 0, attempt: 1, failures: 0, maxRetries: 3 },
  ...{ suspect: false, rev: 0, availableAt: new Date(NOW), createdAt: new Date(NOW), finishedAt: null, settings: {}, uniqueKey: null, lease: null },
  ...{ result: null, error: null, progress: null, history: null },
};

const AROUND: Omit<Circumstances, 'task'> = { nowMs: NOW, isPaused: false, processes: [], before: { count: 0, isExact: true }, ratePerSecond: 0 };

const running = (lease: Partial<Lease>): string =>
  explainTask({ ...AROUND, task: { ...TASK, state: 'running', lease: { ...LEASE, ...lease } } }).text;

describe('The text of an explanation', () => {
  it('tells times in the largest unit of which there are two', () => {
    const times = [0, 900, SECOND, 90 * SECOND, 119 * SECOND, 2 * MINUTE, 119 * MINUTE, 3 * HOUR, 47 * HOUR, 40 * DAY];
    expect(times.map(aboutTime)).to.deep.equal(['0 s', '1 s', '1 s', '90 s', '119 s', '2 min', '119 min', '3 h', '47 h', '40 d']);
  });

  it('tells how many come first, and how long that takes, as well as it is known', () => {
    const textOf = (count: number, isExact: boolean, ratePerSecond: number): string | undefined =>
      explainOthers({ before: { count, isExact }, ratePerSecond })?.text;
    expect(textOf(0, true, 30)).to.equal(undefined);
    expect(textOf(1, true, 0)).to.equal('1 other comes first.');
    expect(textOf(1_204, true, 30.1)).to.equal('1,204 others come first (about 40 s at the present rate).');
    expect(textOf(10_000, false, 1)).to.equal('More than 10,000 others come first (more than 3 h at the present rate).');
  });

  it('tells what is at a running task that is not as usual', () => {
    expect(running({})).to.equal('Worker web-1 runs it: attempt 1.');
    expect(running({ timedOut: true })).to.equal('Worker web-1 runs it: attempt 1. It has passed its time limit, which is counted as a failure.');
    expect(running({ expiresAt: new Date(NOW - 1) })).to.match(/attempt 1\. Its lease has expired/);
    expect(running({ token: `${TRANSIT_PREFIX}x`, workerId: 'copy to sqlite:/x.db' })).to.equal(
      'It is on its way to another store (copy to sqlite:/x.db).',
    );
  });

  it('keeps what others have named on one line, in its order', () => {
    const paused = explainTask({ ...AROUND, isPaused: true, task: { ...TASK, queue: 'a\u202eb' } });
    expect(paused.text).to.equal('Its queue “a\\u202eb” is paused.');
    const error = { name: 'Error', message: `x\n${'y'.repeat(1_000)}` };
    const dead = explainTask({ ...AROUND, task: { ...TASK, state: 'dead', failures: 1, error } });
    expect(dead.text).to.match(/^It is dead after 1 failure: Error: x\\ny{197}…\. A retry or a redrive runs it again\.$/);
  });
});
