import { expect } from 'chai';
import { HISTORY_ATTEMPTS, HISTORY_LINES, HISTORY_TEXT_CHARACTERS } from '../../constants/limits';
import { viewHistory, withHistory } from '../../modules/task/history';
import type { LogLine } from '../../modules/task/history';
import type { Change, Outcome } from '../../modules/task/change';
import type { Task } from '../../modules/task/task';
import { sampleError, sampleTask } from '../support/samples';

const SUCCEEDED: Outcome = { kind: 'succeeded', result: null };
const KEPT: Change = { state: 'succeeded', keepMs: 1_000 };
const FAILED: Outcome = { kind: 'failed', error: sampleError, retry: 'backoff' };
const RETRIED: Change = { state: 'waiting', failures: 1, error: sampleError, delayMs: 0 };

const line = (n: number): LogLine => ({ attempt: 1, afterMs: n, level: 'info', message: `line ${n}` });

const historyOf = (change: Change) => viewHistory(change.history ?? null);

describe('viewHistory', () => {
  for (const text of ['no JSON', 'null', '5', '{}', '{"attempts":5,"log":[]}']) {
    it(`treats a foreign text as no history: ${text}`, () => {
      expect(viewHistory(text)).to.deep.equal({ attempts: [], log: [] });
    });
  }
});

describe('withHistory', () => {
  it('adds nothing to a first attempt that succeeded and logged nothing', () => {
    expect(withHistory(sampleTask(), SUCCEEDED, KEPT, { durationMs: 5, lines: [] })).to.equal(KEPT);
  });

  it('adds nothing to a task that is removed', () => {
    const removed: Change = { state: 'removed' };
    expect(withHistory(sampleTask(), SUCCEEDED, removed, { lines: [line(1)] })).to.equal(removed);
  });

  it('adds a success that logged lines, and one that came after a failure', () => {
    const logged = withHistory(sampleTask(), SUCCEEDED, KEPT, { durationMs: 5.4, lines: [line(1)] });
    const { attempts, log } = historyOf(logged);
    expect(attempts[0]).to.include({ attempt: 1, workerId: 'worker-1', durationMs: 5, ending: 'succeeded' });
    expect([attempts.length, log]).to.deep.equal([1, [line(1)]]);
    const { history = null } = withHistory(sampleTask(), FAILED, RETRIED, { durationMs: 1, lines: [] });
    const after = withHistory(sampleTask({ attempt: 2, history }), SUCCEEDED, KEPT, { durationMs: 2, lines: [] });
    expect(historyOf(after).attempts.map(({ ending }) => ending)).to.deep.equal(['retried', 'succeeded']);
  });

  const endings: readonly [Outcome, Change, string][] = [
    [FAILED, RETRIED, 'retried'],
    [FAILED, { state: 'dead', error: sampleError }, 'dead'],
    [{ kind: 'expired' }, { state: 'waiting' }, 'expired'],
    [{ kind: 'expired' }, { state: 'dead' }, 'dead'],
    [{ kind: 'overdue' }, { state: 'dead' }, 'dead'],
    [{ kind: 'released', delayMs: 0 }, { state: 'waiting' }, 'released'],
    [{ kind: 'snoozed', delayMs: 5 }, { state: 'waiting' }, 'snoozed'],
  ];
  for (const [outcome, change, ending] of endings) {
    it(`names the ending of one that ${outcome.kind} and is ${change.state}: ${ending}`, () => {
      expect(historyOf(withHistory(sampleTask(), outcome, change, { lines: [] })).attempts[0]?.ending).to.equal(ending);
    });
  }

  it('says when an attempt was claimed and how long the task had been due, if its own process saw its end', () => {
    const lease = { ...(sampleTask().lease as NonNullable<Task['lease']>), expiresAt: new Date(61_000), ms: 60_000 };
    const task = sampleTask({ lease, availableAt: new Date(250) });
    expect(historyOf(withHistory(task, FAILED, RETRIED, { durationMs: 1, lines: [] })).attempts[0]).to.include({ claimedAtMs: 1_000, waitedMs: 750 });
    expect(historyOf(withHistory(task, { kind: 'expired' }, RETRIED, { lines: [] })).attempts[0]).to.not.have.property('claimedAtMs');
    const early = historyOf(withHistory({ ...task, availableAt: new Date(5_000) }, FAILED, RETRIED, { durationMs: 1, lines: [] }));
    expect(early.attempts[0]).to.include({ waitedMs: 0 });
  });

  it('has no duration if nobody measured it', () => {
    expect(historyOf(withHistory(sampleTask(), { kind: 'expired' }, RETRIED, { lines: [] })).attempts[0]).to.not.have.property('durationMs');
  });

  it('keeps of an error its name, its code and a bounded message, and no stack', () => {
    const error = { name: 'E', message: 'm'.repeat(5_000), code: 'C', stack: 'at …' };
    const kept = historyOf(withHistory(sampleTask(), FAILED, { ...RETRIED, error }, { lines: [] })).attempts[0]?.error;
    expect(kept).to.deep.equal({ name: 'E', message: `${'m'.repeat(HISTORY_TEXT_CHARACTERS - 1)}…`, code: 'C' });
  });

  it('drops the oldest attempts and lines beyond the bounds', () => {
    let history: string | null = null;
    for (let attempt = 1; attempt <= HISTORY_ATTEMPTS + 3; attempt += 1) {
      const lines = Array.from({ length: 10 }, (_, n) => line(attempt * 100 + n));
      history = withHistory(sampleTask({ attempt, history }), FAILED, RETRIED, { lines }).history ?? null;
    }
    const { attempts, log } = viewHistory(history);
    expect(attempts.map(({ attempt }) => attempt)).to.deep.equal([4, 5, 6, 7, 8, 9, 10, 11, 12, 13]);
    expect(log).to.have.length(HISTORY_LINES);
    expect([log[0]?.afterMs, log.at(-1)?.afterMs]).to.deep.equal([900, 1_309]);
  });
});
