import { expect } from 'chai';
import sinon from 'sinon';
import { Emitter } from '../../classes/observe/emitter';
import { EVENT_TABLE, LOG_LEVELS } from '../../constants/events';
import type { EventName, HoldfastEvents } from '../../constants/events';
import { logEvents } from '../../modules/observe/logEvents';
import { refOf } from '../../modules/task/task';
import { sampleError, sampleTask } from '../support/samples';

const workerId = 'worker-1';
const task = refOf(sampleTask());
const error = sampleError;

/** A sample of each event. */
const SAMPLES: { readonly [Name in EventName]: HoldfastEvents[Name] } = {
  'task-added': { queue: 'mail', count: 3 },
  'task-started': { workerId, task },
  'task-succeeded': { workerId, task, durationMs: 1_234.5 },
  'task-retried': { workerId, task, error, delayMs: 2_000 },
  'task-dead': { workerId, task, error },
  'task-released': { workerId, task, delayMs: 0 },
  'task-snoozed': { workerId, task, delayMs: 60_000 },
  'task-suspended': { workerId, task, on: { kind: 'signal', name: 'paid' }, delayMs: 60_000 },
  'task-timed-out': { workerId, task, timeoutMs: 500 },
  'result-dropped': { workerId, task, error },
  'timeout-counted': { workerId, task, failures: 2 },
  'task-log': { workerId, task, level: 'debug', message: 'half of it is done' },
  'lease-lost': { workerId, task, reason: 'expired' },
  'lease-swept': { workerId, task },
  'unknown-task': { workerId, task },
  'next-unawaited': { workerId, queue: 'mail', name: 'welcome' },
  iteration: { workerId, durationMs: 12, tally: { claimed: 1, succeeded: 1, retried: 0, dead: 0, released: 0, snoozed: 0, suspended: 0, lost: 0 } },
  'worker-started': { workerId, queues: ['mail', 'billing'], maxConcurrency: 10 },
  'worker-stopping': { workerId, running: 2 },
  'worker-draining': { workerId, running: 2 },
  'worker-stopped': { workerId, released: 1 },
  'queue-paused': { queue: 'mail' },
  'queue-resumed': { queue: 'mail' },
  'tasks-changed': { queue: 'mail', to: 'removed', count: 5 },
  'batch-started': { id: 'b', action: 'retry', search: 'state:dead', by: 'ann', expected: { count: 5, isExact: true } },
  'batch-ended': { id: 'b', action: 'retry', search: 'state:dead', by: 'ann', state: 'done', seen: 5, changed: 4, clashed: 1 },
  'admin-acted': { action: 'retry', on: 'task', id: task.id, queue: 'mail', by: 'ann' },
  'store-lost': { operation: 'claim', error },
  'store-returned': { afterMs: 1_500 },
  'store-error': { operation: 'settle', error },
  'internal-error': { where: 'sweep', error },
  'store-warning': { url: 'mongodb://host/db', warning: 'standalone', message: 'it promises less' },
  'message-returned': { queue: 'q', id: 'id' },
  'message-dead': { queue: 'q', id: 'id', to: 'q.dlq', reason: 'rejected' },
  'message-expired': { queue: 'q', id: 'id', sentAt: new Date(0) },
  'store-closed': { url: 'mongodb://user:***@host/db' },
  'backoff-failed': { task, backoff: 'mine', error },
  'listener-failed': { event: 'task-dead', error },
  'event-began': { workerId, task, payload: { to: 'a@example.org' } },
  'payload-refused': { queue: 'mail', error },
  'schedule-fired': { schedule: 'nightly', queue: 'mail', id: task.id, at: new Date(0) },
  'schedule-skipped': { schedule: 'nightly', queue: 'mail', reason: 'missed' },
  'schedule-failed': { schedule: 'nightly', error },
};

const NAMES = Object.keys(SAMPLES) as EventName[];

interface Line {
  readonly level: string;
  readonly label: string;
  readonly message: string;
}

function linesOf<Name extends EventName>(name: Name, payload: HoldfastEvents[Name] = SAMPLES[name]): Line[] {
  const log = sinon.fake();
  const events = new Emitter();
  logEvents(events, { log });
  events.emit(name, payload);
  return log.args.map(([line]) => line as Line);
}

describe('logEvents', () => {
  for (const name of NAMES.filter((each) => each !== 'iteration' && each !== 'task-log')) {
    it(`writes one line of ${name}, at the level of the table`, () => {
      const lines = linesOf(name);
      expect(lines).to.have.length(1);
      expect(lines[0]).to.include({ level: EVENT_TABLE[name].level, label: name.split('-')[0] });
      expect(lines[0]?.message).to.be.a('string').and.not.empty;
      expect(lines[0]?.message).not.to.match(/undefined|NaN|\[object|\n/);
    });
  }

  it('leaves the iterations to their own log', () => {
    expect(linesOf('iteration')).to.deep.equal([]);
  });

  it('writes what a handler says at the level that it chose', () => {
    for (const level of LOG_LEVELS) {
      const [line] = linesOf('task-log', { workerId, task, level, message: 'half of it is done' });
      expect(line).to.include({ level, label: 'task' });
      expect(line?.message).to.include('half of it is done').and.to.include(task.id);
    }
  });

  it('names the task, its attempt and the cause of its failure', () => {
    expect(linesOf('task-dead')[0]?.message).to.equal(`welcome ${task.id} (attempt 1) is dead: Error: it broke`);
    const caused = {
      name: 'AggregateError',
      message: '',
      errors: [{ name: 'Error', message: 'ECONNREFUSED ::1' }],
      cause: { name: 'E', message: 'c' },
    };
    expect(linesOf('task-dead', { workerId, task, error: caused })[0]?.message).to.match(
      / is dead: AggregateError: {2}\[E: c\] \[Error: ECONNREFUSED ::1\]$/,
    );
    expect(linesOf('task-retried')[0]?.message).to.include('2.000 seconds').and.to.include('Error: it broke');
  });

  it('writes the stack of a bug, on the line itself', () => {
    const stack = 'TypeError: no\n    at first (a.ts:1:2)\n    at second (b.ts:3:4)';
    const [line] = linesOf('internal-error', { where: 'sweep', error: { name: 'TypeError', message: 'no', stack } });
    expect(line?.message).to.include('(sweep)').and.to.include('TypeError: no at first (a.ts:1:2) at second (b.ts:3:4)');
  });

  it('tells apart why a lease was lost', () => {
    const [expired] = linesOf('lease-lost', { workerId, task, reason: 'expired' });
    const [taken] = linesOf('lease-lost', { workerId, task, reason: 'taken' });
    expect(expired?.message).not.to.equal(taken?.message);
  });
});

describe('EVENT_TABLE', () => {
  it('has an entry for each event and for nothing else', () => {
    expect(Object.keys(EVENT_TABLE).sort()).to.deep.equal([...NAMES].sort());
  });

  for (const name of NAMES) {
    it(`says what ${name} means, in a sentence, and its level`, () => {
      const { level, meaning } = EVENT_TABLE[name];
      expect(meaning).to.match(/^[A-Z].{10,}\.$/);
      expect(LOG_LEVELS).to.include(level);
    });
  }
});
