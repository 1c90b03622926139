import { randomUUID } from 'node:crypto';
import { expect } from 'chai';
import fc from 'fast-check';
import type { Guard, Settlement } from '../../../modules/ports/taskStore';
import { TASK_STATES } from '../../../constants/states';
import { dueNowChange, nextChange, redriveChange } from '../../../modules/task/outcome';
import type { Change } from '../../../modules/task/change';
import { newTask } from '../../../modules/task/newTask';
import type { Task } from '../../../modules/task/task';
import { act, anyDelay, anyIndex, anyLease, anyQueue, anyQueues, at, keyOf, LONG_MS, settleBoth, SHORT_MS } from './act';
import type { Deed } from './act';
import { handOver, lookForKept, succeedWith } from './followUpCommands';
import { lookAtSteps, recordSteps, sendSignal, sleepOn, takeSignals } from './stepCommands';

const ERROR = { name: 'Error', message: 'it broke' };

const anyChange: fc.Arbitrary<Change> = fc.oneof(
  fc.record({ state: fc.constant('waiting' as const), delayMs: anyDelay, failures: fc.nat(3), suspect: fc.boolean(), error: fc.constant(ERROR) }),
  fc.record({ state: fc.constant('waiting' as const), delayMs: anyDelay }),
  fc.constantFrom<Change>(redriveChange, dueNowChange, { state: 'removed' }),
  fc.record({ state: fc.constant('succeeded' as const), keepMs: fc.constantFrom(0, LONG_MS), suspect: fc.constant(false), result: fc.json() }),
  fc.record({ state: fc.constant('dead' as const), keepMs: fc.constant(LONG_MS), failures: fc.nat(3), error: fc.constant(ERROR) }),
  fc.record({ state: fc.constant('cancelled' as const), keepMs: fc.constant(LONG_MS) }),
);

const addSome = act(
  'add',
  fc.array(
    fc.record(
      {
        queue: anyQueue,
        delayMs: anyDelay,
        priority: fc.nat(2),
        maxRetries: fc.integer({ min: 1, max: 3 }),
        runInMs: fc.constantFrom(-LONG_MS, LONG_MS),
        leaseMs: fc.constantFrom(200, LONG_MS),
        uniqueKey: fc.constantFrom('one', 'two'),
      },
      { requiredKeys: ['queue', 'delayMs', 'priority', 'maxRetries'] },
    ),
    { minLength: 1, maxLength: 4 },
  ),
  (specs) => async (model, real) => {
    const tasks = specs.map(({ queue, runInMs, delayMs, ...options }) => {
      const due = runInMs === undefined ? { delayMs } : { runAt: new Date(model.clock.now() + runInMs) };
      return newTask(model.queues[queue], 'work', { n: model.added.length }, { ...options, ...due });
    });
    const [theirs, ours] = await model.both(real, (database) => database.tasks.insert(tasks));
    expect(theirs).to.deep.equal(ours);
    model.added.push(...tasks);
  },
);

const addAgain = act('addAgain', anyIndex, (index) => async (model, real) => {
  const task = at(model.added, index);
  if (!task) return;
  const [theirs, ours] = await model.both(real, (database) => database.tasks.insert([{ ...task, payload: '"another"' }]));
  expect(theirs).to.deep.equal(ours);
});

const claimSome = act(
  'claim',
  fc.record({
    queues: anyQueues,
    limit: fc.integer({ min: 1, max: 5 }),
    alone: fc.boolean(),
    beside: fc.boolean(),
    leaseMs: anyLease,
    except: fc.array(anyIndex, { maxLength: 2 }),
  }),
  ({ queues, limit, alone, beside, leaseMs, except }) =>
    async (model, real) => {
      const ids = new Set(except.flatMap((index) => at(model.added, index)?.id ?? []));
      const request = {
        queues: queues.map((queue) => model.queues[queue]),
        ...{ limit, alone, beside, leaseMs, token: randomUUID(), workerId: 'worker', deadlineMs: 10_000 },
        except: [...ids],
      };
      await model.follow(request, await real.tasks.claim(request));
    },
);

/** Settles tasks under their leases, as workers do, and under leases that are over. */
const settleClaimed = act(
  'settleClaimed',
  fc.array(fc.record({ index: anyIndex, change: anyChange, isStale: fc.boolean() }), { minLength: 1, maxLength: 4 }),
  (parts) => async (model, real) => {
    const running = model.tasks.filter(({ state }) => state === 'running');
    const settlements = parts.flatMap(({ index, change, isStale }): Settlement[] => {
      const task = at(running, index);
      const token = isStale ? model.tokensOf(task?.id ?? '')[0] : task?.lease?.token;
      return task && token ? [{ ...keyOf(task), guard: { token }, change, by: token }] : [];
    });
    await settleBoth(model, real, settlements);
  },
);

/** Guards that are right, were right once or never were. */
const GUARDS = {
  token: ({ lease }: Task, tokens: readonly string[]): Guard => ({ token: lease?.token ?? tokens.at(-1) ?? 'none' }),
  staleToken: (_: Task, tokens: readonly string[]): Guard => ({ token: tokens[0] ?? 'none' }),
  foreignToken: (): Guard => ({ token: randomUUID() }),
  expiry: ({ lease }: Task): Guard => ({ token: lease?.token ?? 'none', expiresAt: lease?.expiresAt ?? new Date(0) }),
  otherExpiry: ({ lease }: Task): Guard => ({ token: lease?.token ?? 'none', expiresAt: new Date((lease?.expiresAt.getTime() ?? 0) - 1) }),
  rev: ({ state, rev }: Task): Guard => ({ state, rev }),
  otherRev: ({ state, rev }: Task): Guard => ({ state, rev: rev + 1 }),
  otherState: ({ state, rev }: Task): Guard => ({ state: state === 'waiting' ? 'dead' : 'waiting', rev }),
} as const;

const settleAny = act(
  'settle',
  fc.record({ index: anyIndex, guard: fc.constantFrom(...(Object.keys(GUARDS) as (keyof typeof GUARDS)[])), change: anyChange, isOwn: fc.boolean() }),
  ({ index, guard: kind, change, isOwn }) =>
    async (model, real) => {
      const task = at(model.tasks, index);
      if (!task) return;
      const guard = GUARDS[kind](task, model.tokensOf(task.id));
      const by = isOwn && 'token' in guard ? guard.token : randomUUID();
      await settleBoth(model, real, [{ ...keyOf(task), guard, change, by }]);
    },
);

const sendAgain = act('sendAgain', anyIndex, (index) => async (model, real) => {
  const settlements = at(model.sent, index);
  if (!settlements || settlements.length > 1) return;
  await settleBoth(model, real, settlements);
});

const renewSome = act(
  'renew',
  fc.record({
    parts: fc.array(fc.record({ index: anyIndex, isStale: fc.boolean() }), { minLength: 1, maxLength: 4 }),
    alone: fc.boolean(),
    beside: fc.boolean(),
    ms: anyLease,
  }),
  ({ parts, alone, beside, ms }) =>
    async (model, real) => {
      const batch = parts.flatMap(({ index, isStale }) => {
        const task = at(model.tasks, index);
        const tokens = task ? model.tokensOf(task.id) : [];
        const token = isStale ? tokens[0] : tokens.at(-1);
        return task && token ? [{ ...keyOf(task), token }] : [];
      });
      if (batch.length === 0) return;
      const [theirs, ours] = await model.both(real, ({ tasks }) => tasks.renew(batch, alone ? { alone, beside } : { ms, beside }));
      expect(theirs).to.deep.equal(ours);
    },
);

/** Sweeps by the same rules as the sweeper. */
const sweep = act('sweep', fc.constant(null), () => async (model, real) => {
  const rules = { random: () => 0.5, backoffs: {} };
  const [theirs, ours] = await model.both(real, ({ tasks }) => tasks.expired(1_000));
  const mine = theirs.filter(({ queue }) => model.queues.includes(queue));
  expect(mine.map(({ id }) => id).sort()).to.deep.equal(ours.map(({ id }) => id).sort());
  const by = randomUUID();
  const settlements = mine.flatMap((task): Settlement[] =>
    task.lease ? [{ ...keyOf(task), guard: task.lease, change: withoutStack(nextChange(task, { kind: 'expired' }, rules)), by }] : [],
  );
  await settleBoth(model, real, settlements);
});

const withoutStack = ({ error, ...change }: Change): Change => (error ? { ...change, error: { name: error.name, message: error.message } } : change);

const redrive = act('redrive', anyIndex, (index) => byHand(index, 'dead', redriveChange));

const cancel = act('cancel', anyIndex, (index) => byHand(index, 'waiting', { state: 'cancelled', keepMs: LONG_MS }));

const byHand =
  (index: number, state: Task['state'], change: Change): Deed =>
  async (model, real) => {
    const task = at(
      model.tasks.filter((other) => other.state === state),
      index,
    );
    if (task) await settleBoth(model, real, [{ ...keyOf(task), guard: { state, rev: task.rev }, change, by: randomUUID() }]);
  };

const timePasses = act('timePasses', fc.constantFrom(1, SHORT_MS / 2, SHORT_MS, LONG_MS), (ms) => async ({ clock }) => {
  if (ms !== LONG_MS || clock.isExact) await clock.pass(ms);
});

/** A step back leaves what is due later by as much, until a command sets it anew. */
const clockGoesBack = act('clockGoesBack', fc.constantFrom(SHORT_MS, LONG_MS), (ms) => async ({ clock }) => {
  if (clock.isExact) await clock.pass(-ms);
});

const pauseOne = act('pause', fc.record({ queue: anyQueue, paused: fc.boolean() }), ({ queue, paused }) => async (model, real) => {
  await model.both(real, ({ settings }) => settings.setPaused(model.queues[queue], paused));
  const [theirs, ours] = await model.both(real, ({ settings }) => settings.paused());
  expect(model.queues.filter((name) => theirs.has(name))).to.deep.equal(model.queues.filter((name) => ours.has(name)));
});

const look = act(
  'look',
  fc.record({ queue: anyQueue, index: anyIndex, limit: fc.integer({ min: 1, max: 4 }), states: fc.subarray([...TASK_STATES], { minLength: 1 }) }),
  ({ queue: number, index, limit, states }) =>
    async (model, real) => {
      const queue = model.queues[number];
      const after = at(model.added, index)?.id;
      const page = { queue, states, limit, ...(after === undefined ? {} : { after }) };
      const [pages, ours] = await model.both(real, ({ tasks }) => tasks.list(page));
      expect([pages.tasks.map(({ id }) => id), pages.next]).to.deep.equal([ours.tasks.map(({ id }) => id), ours.next]);
      const [counts, ourCounts] = await model.both(real, ({ tasks }) => tasks.counts(states));
      expect(counts[queue]).to.deep.equal(ourCounts[queue]);
      const token = model.tokensOf(after ?? '').at(-1) ?? 'none';
      const [held, ourHeld] = await model.both(real, ({ tasks }) => tasks.held({ token: token }));
      expect(held.map(({ id }) => id).sort()).to.deep.equal(ourHeld.map(({ id }) => id).sort());
      const [found, ourFound] = await model.both(real, ({ tasks }) => tasks.find(null, after ?? randomUUID()));
      expect(found?.id).to.equal(ourFound?.id);
    },
);

const lookAhead = act('lookAhead', anyQueues, (queues) => async (model, real) => {
  const [theirs, ours] = await model.both(real, ({ tasks }) => tasks.nextDueMs(queues.map((queue) => model.queues[queue])));
  if (model.clock.isExact || theirs === null || ours === null) expect(theirs).to.equal(ours);
  else expect(Math.abs(theirs - ours)).to.be.below(500);
});

/** Runs only with an exact clock. A database that deletes by itself does it at a time of its own. */
const prune = act('prune', fc.constant(null), () => async (model, real) => {
  if (model.clock.isExact) await model.both(real, ({ tasks }) => tasks.prune(1_000));
});

const repeated = <T>(times: number, item: T): T[] => Array.from({ length: times }, () => item);

/** The commands of a run. Those that lead to new states come more often. */
export const anyCommands = (replayPath?: string) =>
  fc.commands(
    [
      ...repeated(4, addSome),
      ...repeated(5, claimSome),
      ...repeated(3, settleClaimed),
      ...repeated(3, settleAny),
      ...repeated(2, timePasses),
      ...repeated(2, sweep),
      ...repeated(2, succeedWith),
      ...repeated(2, handOver),
      ...repeated(2, recordSteps),
      ...repeated(2, takeSignals),
      ...repeated(2, sendSignal),
      ...repeated(2, sleepOn),
      ...repeated(2, addAgain),
      ...repeated(2, renewSome),
      ...[lookAtSteps, lookForKept, sendAgain, clockGoesBack, redrive, cancel, pauseOne, look, lookAhead, prune],
    ],
    { size: 'max', maxCommands: 40, ...(replayPath === undefined ? {} : { replayPath }) },
  );
