import { expect } from 'chai';
import { Wakeups } from '../../classes/idle/wakeups';
import { Recorder } from '../../classes/lease/recorder';
import type { RecordedAttempt } from '../../classes/lease/recorder';
import { Settler } from '../../classes/lease/settler';
import { Emitter } from '../../classes/observe/emitter';
import type { EventName } from '../../constants/events';
import type { Outcome } from '../../modules/task/change';
import type { Task } from '../../modules/task/task';
import { FakeClock } from '../support/fakeClock';
import { fakeTasks, NO_HAND_OVERS } from '../support/fakeTasks';
import { internalErrorsFor } from '../support/internalErrors';
import { idOf, sampleError, sampleTask } from '../support/samples';
import { holdingOf } from './holdings';

const SUCCEEDED: Outcome = { kind: 'succeeded', result: null };

/** A recorder on a fake port with its real neighbours, and the events that it emitted. */
function recorderParts() {
  const clock = new FakeClock();
  const tasks = fakeTasks();
  const events = new Emitter();
  const { internalErrors, bugs } = internalErrorsFor(clock);
  const random = () => 0.5;
  const settler = new Settler(tasks, internalErrors, clock, random);
  const wakeups = new Wakeups({ tasks, looksPerSecond: 5, clock, random });
  const recorder = new Recorder({ tasks, settler, handOvers: NO_HAND_OVERS, wakeups, events, internalErrors, clock, random });
  const told: EventName[] = [];
  for (const name of ['task-succeeded', 'task-retried', 'task-dead', 'task-released', 'task-snoozed'] as const)
    events.on(name, () => told.push(name));
  return { clock, tasks, recorder, bugs, told };
}

const attemptOf = (n: number, rest: Partial<Task> = {}): RecordedAttempt => ({
  ...holdingOf(idOf(n), 30_000, 0),
  task: sampleTask({ id: idOf(n), ...rest }),
  workerId: 'worker-1',
  lines: [],
  factsAt: () => ({ lines: [], durationMs: 5 }),
  durationAt: () => 5,
});

describe('Recorder', () => {
  const endings: readonly [Outcome, Partial<Task>, string, EventName][] = [
    [SUCCEEDED, {}, 'succeeded', 'task-succeeded'],
    [{ kind: 'failed', error: sampleError, retry: 'backoff' }, {}, 'retried', 'task-retried'],
    [{ kind: 'failed', error: sampleError, retry: 'never' }, {}, 'dead', 'task-dead'],
    [{ kind: 'expired' }, {}, 'retried', 'task-retried'],
    [{ kind: 'overdue' }, {}, 'dead', 'task-dead'],
    [{ kind: 'released', delayMs: 0 }, {}, 'released', 'task-released'],
    [{ kind: 'snoozed', delayMs: 1_000 }, {}, 'snoozed', 'task-snoozed'],
    [{ kind: 'failed', error: sampleError, retry: 'never' }, { settings: { retention: { deadMs: 0 } } }, 'dead', 'task-dead'],
  ];
  for (const [outcome, rest, ending, event] of endings) {
    it(`tells one that ${outcome.kind} and became ${ending} once the store has it${rest.settings ? ', also where nothing is kept' : ''}`, async () => {
      const { clock, tasks, recorder, told } = recorderParts();
      const heard: string[] = [];
      recorder.end(attemptOf(1, rest), outcome, {}, (given) => heard.push(given));
      expect([heard, told]).to.deep.equal([[], []]);
      await clock.settle();
      expect([heard, told]).to.deep.equal([[ending], [event]]);
      expect(tasks.settle.firstCall.args[0][0]?.guard).to.deep.equal({ token: `token of ${idOf(1)}` });
    });
  }

  it('reports an outcome whose lease is lost to its attempt alone', async () => {
    const { clock, tasks, recorder, told } = recorderParts();
    tasks.settle.resolves(['lost']);
    const attempt = attemptOf(1);
    const heard: string[] = [];
    recorder.end(attempt, SUCCEEDED, {}, (ending) => heard.push(ending));
    await clock.settle();
    expect([heard, told, (attempt.onTaken as unknown as { callCount: number }).callCount]).to.deep.equal([['lost'], [], 1]);
  });

  it('records a success that the store refuses as a failure, and leaves one whose failure it refuses as well', async () => {
    const { clock, tasks, recorder, told } = recorderParts();
    const refuse = new Error('a document is too large');
    tasks.settle.callsFake((settlements) =>
      settlements.some(({ id, change }) => id === idOf(2) || change.state === 'succeeded')
        ? Promise.reject(refuse)
        : Promise.resolve(settlements.map(() => 'applied' as const)),
    );
    const heard: [number, string][] = [];
    for (const n of [1, 2]) recorder.end(attemptOf(n), SUCCEEDED, {}, (ending) => heard.push([n, ending]));
    await clock.advance(60_000);
    expect(heard).to.deep.equal([
      [1, 'retried'],
      [2, 'lost'],
    ]);
    expect(told).to.deep.equal(['task-retried']);
    const changes = tasks.settle.args
      .flatMap(([settlements]) => settlements)
      .filter(({ id, change }) => id === idOf(1) && change.state === 'waiting');
    expect(changes.at(-1)?.change.error?.code).to.equal('HOLDFAST_SUCCESS_REFUSED');
  });

  it('writes one outcome of an attempt, and none of a lease that was taken', async () => {
    const { clock, tasks, recorder } = recorderParts();
    const attempt = attemptOf(1);
    const heard: string[] = [];
    recorder.end(attempt, SUCCEEDED, {}, (ending) => heard.push(ending));
    recorder.end(attempt, SUCCEEDED, {}, (ending) => heard.push(`second ${ending}`));
    recorder.end({ ...attemptOf(2), status: 'taken' }, SUCCEEDED, {}, (ending) => heard.push(`taken ${ending}`));
    await clock.settle();
    expect(heard).to.deep.equal(['second lost', 'taken lost', 'succeeded']);
    expect(tasks.settle.args.flatMap(([settlements]) => settlements.map(({ id }) => id))).to.deep.equal([idOf(1)]);
  });

  it('tells a bug in a decision with its stack, and leaves the lease to expire', async () => {
    const { clock, tasks, recorder, bugs } = recorderParts();
    const heard: string[] = [];
    recorder.end(attemptOf(1, { settings: null as never }), SUCCEEDED, {}, (ending) => heard.push(ending));
    await clock.settle();
    expect([heard, tasks.settle.callCount]).to.deep.equal([['lost'], 0]);
    expect(bugs.map(({ where, error }) => [where, error.name, /at /.test(error.stack ?? '')])).to.deep.equal([['settle', 'TypeError', true]]);
  });

  it('answers the others of a batch where one callback throws, and tells that', async () => {
    const { clock, recorder, bugs } = recorderParts();
    const heard: string[] = [];
    recorder.end(attemptOf(1), SUCCEEDED, {}, () => {
      throw new TypeError('a bug');
    });
    recorder.end(attemptOf(2), SUCCEEDED, {}, (ending) => heard.push(ending));
    await clock.settle();
    expect([heard, bugs.map(({ error }) => error.message)]).to.deep.equal([['succeeded'], ['a bug']]);
  });
});
