import { expect } from 'chai';
import sinon from 'sinon';
import { STATE_MOVES } from '../../constants/states';
import type { FinishedState } from '../../constants/states';
import { cancelChange, dueNowChange, nextChange, redriveChange, removeChange } from '../../modules/task/outcome';
import type { Change, Outcome, Retry } from '../../modules/task/change';
import type { Rules } from '../../modules/task/outcome';
import type { Task } from '../../modules/task/task';
import { sampleError, sampleLease, sampleTask } from '../support/samples';

const rules: Rules = { random: () => 0.5, backoffs: {} };

const failed = (retry: Retry): Outcome => ({ kind: 'failed', error: sampleError, retry });

/** Applies a change to a task, as a store does. */
const applied = (task: Task, { state, failures, suspect }: Change): Task => ({
  ...task,
  state: state === 'removed' ? task.state : state,
  failures: failures ?? task.failures,
  suspect: suspect ?? task.suspect,
});

/** Claims a task, as a store does. A suspect runs alone. */
const claimed = (task: Task): Task => ({ ...task, state: 'running', attempt: task.attempt + 1, lease: sampleLease({ alone: task.suspect }) });

const expire = (task: Task): Task => applied(task, nextChange(task, { kind: 'expired' }, rules));

describe('nextChange', () => {
  const FAILURES = [1, 2, 3, 5].flatMap((maxRetries) => Array.from({ length: maxRetries }, (_, failures) => ({ maxRetries, failures })));

  for (const { maxRetries, failures } of FAILURES) {
    const isLast = failures + 1 === maxRetries;
    const title = `with ${failures} failures of ${maxRetries}`;

    it(`${title}, a failure ${isLast ? 'is the last: the task is dead' : 'leads to a retry after the back-off'}`, () => {
      const task = sampleTask({ maxRetries, failures, settings: { backoff: { type: 'fixed', delayMs: 700 } } });
      const change = nextChange(task, failed('backoff'), rules);
      const expected = isLast ? { state: 'dead', keepMs: 180 * 86_400_000 } : { state: 'waiting', delayMs: 700 };
      expect(change).to.deep.equal({ ...expected, failures: failures + 1, suspect: false, error: sampleError });
    });

    it(`${title}, RetryAfter ${isLast ? 'does not save the task' : 'takes the place of the back-off'}`, () => {
      const change = nextChange(sampleTask({ maxRetries, failures }), failed({ afterMs: 1_234 }), rules);
      expect(change.state).to.equal(isLast ? 'dead' : 'waiting');
      expect(change.delayMs).to.equal(isLast ? undefined : 1_234);
      expect(change.failures).to.equal(failures + 1);
    });

    it(`${title}, a permanent error makes the task dead at once`, () => {
      const change = nextChange(sampleTask({ maxRetries, failures }), failed('never'), rules);
      expect(change).to.include({ state: 'dead', failures: failures + 1, suspect: false, error: sampleError });
      expect(change).not.to.have.property('delayMs');
    });
  }

  it('hands the failures, this one included, and the error to a custom back-off', () => {
    const mine = sinon.fake.returns(42);
    const task = sampleTask({ failures: 1, settings: { backoff: { type: 'custom', name: 'mine' } } });
    expect(nextChange(task, failed('backoff'), { ...rules, backoffs: { mine } }).delayMs).to.equal(42);
    expect(mine.args).to.deep.equal([[2, sampleError]]);
  });

  it('tells of a back-off that could not be used, and takes the default', () => {
    const onBackoffFault = sinon.fake();
    const task = sampleTask({ settings: { backoff: { type: 'custom', name: 'gone' } } });
    expect(nextChange(task, failed('backoff'), { ...rules, onBackoffFault }).delayMs).to.equal(500);
    expect(onBackoffFault.args.map(([name]: unknown[]) => name)).to.deep.equal(['gone']);
    expect(nextChange(task, failed('backoff'), rules).delayMs).to.equal(500);
  });

  it('keeps the result of a success, and clears a suspicion', () => {
    const change = nextChange(sampleTask({ suspect: true }), { kind: 'succeeded', result: '{"a":1}' }, rules);
    expect(change).to.deep.equal({ state: 'succeeded', suspect: false, result: '{"a":1}', keepMs: 86_400_000 });
    expect(nextChange(sampleTask(), { kind: 'succeeded', result: null }, rules)).not.to.have.property('result');
  });

  it('changes neither attempt nor failures nor suspicion by a release', () => {
    for (const suspect of [false, true]) {
      const change = nextChange(sampleTask({ failures: 2, suspect }), { kind: 'released', delayMs: 1_500 }, rules);
      expect(change).to.deep.equal({ state: 'waiting', delayMs: 1_500 });
    }
  });

  it('leaves the failures of a cancelled task as they are', () => {
    expect(cancelChange(sampleTask({ failures: 2 }))).to.deep.equal({ state: 'cancelled', keepMs: 86_400_000 });
  });

  const ENDS: readonly Outcome[] = [{ kind: 'succeeded', result: '1' }, failed('never')];

  const finishers: readonly (readonly [FinishedState, (task: Task) => Change])[] = [
    ['succeeded', (task) => nextChange(task, { kind: 'succeeded', result: '1' }, rules)],
    ['dead', (task) => nextChange(task, failed('never'), rules)],
    ['cancelled', cancelChange],
  ];

  for (const [state, finished] of finishers) {
    it(`removes a ${state} task at once where its retention is 0`, () => {
      const task = sampleTask({ settings: { retention: { [`${state}Ms`]: 0 } } });
      expect(finished(task)).to.deep.equal({ state: 'removed' });
    });

    it(`keeps a ${state} task for its own retention`, () => {
      const task = sampleTask({ settings: { retention: { [`${state}Ms`]: 77 } } });
      expect(finished(task)).to.include({ state, keepMs: 77 });
    });
  }

  it('leads only to legal states, and says when the task is due or how long it is kept', () => {
    const outcomes: Outcome[] = [...ENDS, failed('backoff'), { kind: 'released', delayMs: 0 }, { kind: 'expired' }];
    for (const outcome of outcomes) {
      for (const { maxRetries, failures } of FAILURES) {
        for (const alone of [false, true]) {
          const task = sampleTask({ maxRetries, failures, suspect: alone, lease: sampleLease({ alone }) });
          const { state, delayMs, keepMs } = nextChange(task, outcome, rules);
          expect(STATE_MOVES.running).to.include(state);
          expect(delayMs !== undefined, 'delayMs').to.equal(state === 'waiting');
          expect(keepMs !== undefined, 'keepMs').to.equal(state !== 'waiting');
        }
      }
    }
  });
});

describe('nextChange of an expired lease', () => {
  // maxRetries, failures before, alone → state, failures written, suspect from now on
  const EXPIRIES = [
    [1, 0, false, 'dead', 1, false],
    [1, 0, true, 'dead', 1, false],
    [2, 0, false, 'waiting', 1, true],
    [2, 0, true, 'waiting', 1, true],
    [2, 1, false, 'waiting', undefined, true],
    [2, 1, true, 'dead', 2, false],
    [3, 0, false, 'waiting', 1, false],
    [3, 1, false, 'waiting', 2, true],
    [3, 2, false, 'waiting', undefined, true],
    [3, 2, true, 'dead', 3, false],
    [5, 2, false, 'waiting', 3, false],
    [5, 3, false, 'waiting', 4, true],
    [5, 4, false, 'waiting', undefined, true],
    [5, 4, true, 'dead', 5, false],
  ] as const;

  // maxRetries, failures with the one of the passed time limit → state, suspect from now on
  const AFTER_TIMEOUT = [
    [1, 1, 'dead', false],
    [2, 1, 'waiting', true],
    [3, 1, 'waiting', false],
    [3, 3, 'dead', false],
  ] as const;

  for (const [maxRetries, counted, state, suspect] of AFTER_TIMEOUT) {
    it(`past its time limit, with ${counted} failures of ${maxRetries}, leads to ${state} without a second failure`, () => {
      const task = sampleTask({ maxRetries, failures: counted, lease: sampleLease({ timedOut: true }) });
      const change = nextChange(task, { kind: 'expired' }, rules);
      expect(change).to.include({ state, suspect, failures: counted });
      expect(change.error).to.include({ code: 'HOLDFAST_TIMED_OUT' });
    });
  }

  for (const [maxRetries, before, alone, state, failures, suspect] of EXPIRIES) {
    it(`${alone ? 'alone' : 'beside others'}, with ${before} failures of ${maxRetries}, leads to ${state}${suspect ? ' as a suspect' : ''}`, () => {
      const change = nextChange(
        sampleTask({ maxRetries, failures: before, suspect: alone, lease: sampleLease({ alone }) }),
        { kind: 'expired' },
        rules,
      );
      expect(change).to.include({ state, suspect });
      expect(change.failures).to.equal(failures);
      expect(change.error).to.include({ name: 'HoldfastError', code: 'HOLDFAST_LEASE_EXPIRED' });
      if (state === 'waiting') expect(change.delayMs).to.equal(0);
    });
  }

  for (const maxRetries of [1, 2, 3, 5, 1_000]) {
    it(`makes a crashing task dead after exactly ${maxRetries} of ${maxRetries}, when it runs alone at the end`, () => {
      let task = sampleTask({ maxRetries, state: 'waiting' });
      let expiries = 0;
      while (task.state === 'waiting') {
        task = expire(claimed(task));
        expiries += 1;
      }
      expect(task).to.include({ state: 'dead', failures: maxRetries });
      expect(expiries).to.equal(maxRetries);
    });
  }

  for (const maxRetries of [2, 3, 5]) {
    it(`never makes the neighbour of a crash dead, with maxRetries ${maxRetries}`, () => {
      let task = sampleTask({ maxRetries });
      for (let crash = 0; crash < 50; crash += 1) {
        task = expire({ ...task, state: 'running', lease: sampleLease({ alone: false }) });
        expect(task).to.include({ state: 'waiting' });
        expect(task.failures).to.be.below(maxRetries);
      }
      expect(task.suspect).to.equal(true);
    });
  }

  for (const suspect of [false, true]) {
    it(`charges nothing to ${suspect ? 'a suspect' : 'a task'} that ran beside ${suspect ? 'others' : 'a suspect'}: its expiry is a release`, () => {
      const task = sampleTask({ maxRetries: 3, failures: 2, suspect, lease: sampleLease({ alone: suspect, beside: true }) });
      expect(nextChange(task, { kind: 'expired' }, rules)).to.deep.equal({ state: 'waiting', delayMs: 0 });
      expect(expire(task)).to.include({ state: 'waiting', failures: 2, suspect });
    });
  }

  it('makes a task dead beside a suspect that may be tried once only', () => {
    expect(expire(sampleTask({ maxRetries: 1, lease: sampleLease({ beside: true }) }))).to.include({ state: 'dead', failures: 1 });
  });

  it('makes a neighbour dead only where maxRetries is 1', () => {
    expect(expire(sampleTask({ maxRetries: 1 }))).to.include({ state: 'dead', failures: 1 });
  });

  it('does not make a task a suspect that has one failure left only by its own errors', () => {
    const task = applied(sampleTask({ failures: 1 }), nextChange(sampleTask({ failures: 1 }), failed('backoff'), rules));
    expect(task).to.include({ failures: 2, suspect: false });
  });

  it('clears a suspicion by a failure of the task itself', () => {
    expect(nextChange(sampleTask({ maxRetries: 5, failures: 3, suspect: true }), failed('backoff'), rules).suspect).to.equal(false);
  });
});

describe('changes by hand', () => {
  it('are legal from the states that they are for', () => {
    expect(STATE_MOVES.dead).to.include(redriveChange.state);
    expect(STATE_MOVES.waiting).to.include(dueNowChange.state);
    for (const state of ['waiting', 'succeeded', 'dead', 'cancelled'] as const) expect(STATE_MOVES[state]).to.include(removeChange.state);
  });

  it('begin anew with no failures after a redrive, and keep them when a task is made due', () => {
    expect(redriveChange).to.deep.equal({ state: 'waiting', delayMs: 0, failures: 0, suspect: false });
    expect(dueNowChange).to.deep.equal({ state: 'waiting', delayMs: 0 });
  });
});
