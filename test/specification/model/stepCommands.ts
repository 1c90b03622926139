import { randomUUID } from 'node:crypto';
import { expect } from 'chai';
import fc from 'fast-check';
import type { Database } from '../../../modules/ports/database';
import type { Step, StepWrite } from '../../../modules/ports/stepStore';
import type { HeldLease } from '../../../modules/ports/taskStore';
import { newTask } from '../../../modules/task/newTask';
import { act, anyDelay, anyIndex, at, keyOf, LONG_MS, settleBoth } from './act';
import type { Model } from './model';

const anyName = fc.constantFrom('paid', 'paid', 'shipped');
const anyPlace = fc.nat(2);

/** Returns a lease of a task: the one that it has, or an older one that is over. */
function leaseOf(model: Model, index: number, isStale: boolean): HeldLease | undefined {
  const task = at(isStale ? model.tasks : model.tasks.filter(({ state }) => state === 'running'), index);
  const token = isStale ? model.tokensOf(task?.id ?? '')[0] : task?.lease?.token;
  return task && token ? { ...keyOf(task), token } : undefined;
}

/** Claims what is due where nothing runs, after one more task is added. Otherwise most commands here would find no lease. */
async function claimIfNoneRuns(model: Model, real: Database): Promise<void> {
  if (model.tasks.some(({ state }) => state === 'running')) return;
  const task = newTask(model.queues[0], 'work', {}, {}, model.clock.now());
  await model.both(real, ({ tasks }) => tasks.insert([task]));
  model.added.push(task);
  const request = { queues: model.queues, limit: 5, alone: true, leaseMs: LONG_MS, token: randomUUID(), workerId: 'worker', except: [] };
  await model.follow({ ...request, beside: false, deadlineMs: 10_000 }, await real.tasks.claim({ ...request, beside: false, deadlineMs: 10_000 }));
}

/** The instants of two stores differ a little, unless both use the clock of the test. */
const told = ({ clock }: Model, step: Step | null): unknown => step && (clock.isExact ? step : { ...step, until: step.until !== null });

/** Records steps and sleeps, also under leases that are over. */
export const recordSteps = act(
  'recordSteps',
  fc.array(
    fc.record({
      index: anyIndex,
      isStale: fc.boolean(),
      place: anyPlace,
      name: anyName,
      isSleep: fc.boolean(),
      delayMs: anyDelay,
      clears: fc.boolean(),
    }),
    { minLength: 1, maxLength: 3 },
  ),
  (parts) => async (model, real) => {
    await claimIfNoneRuns(model, real);
    const writes = parts.flatMap(({ index, isStale, place, name, isSleep, delayMs, clears }): StepWrite[] => {
      const lease = leaseOf(model, index, isStale);
      const kept = isSleep ? { kind: 'sleep' as const, value: null, end: { delayMs } } : { kind: 'step' as const, value: `${index}`, end: null };
      return lease ? [{ ...lease, clears, step: { at: place, name, ...kept } }] : [];
    });
    if (writes.length === 0) return;
    const [theirs, ours] = await model.both(real, ({ steps }) => steps.record(writes));
    expect(theirs).to.deep.equal(ours);
  },
);

/** Takes a signal or begins to wait for one, at a place and at the next, and looks again at what each has. */
export const takeSignals = act(
  'takeSignals',
  fc.record({
    index: anyIndex,
    isStale: fc.boolean(),
    place: anyPlace,
    name: anyName,
    timeoutMs: fc.constantFrom(null, LONG_MS),
    clears: fc.boolean(),
  }),
  ({ index, isStale, place, ...request }) =>
    async (model, real) => {
      await claimIfNoneRuns(model, real);
      const lease = leaseOf(model, index, isStale);
      if (!lease) return;
      for (const each of [place, place + 1, place, place + 1]) {
        const [theirs, ours] = await model.both(real, ({ steps }) => steps.take({ ...lease, ...request, at: each }));
        expect(told(model, theirs)).to.deep.equal(told(model, ours));
        if (model.clock.isExact) await model.clock.pass(1);
      }
    },
);

/** Sends a signal to a task, which may be gone, once or twice. */
export const sendSignal = act(
  'sendSignal',
  fc.record({ index: anyIndex, name: anyName, times: fc.integer({ min: 1, max: 2 }) }),
  ({ index, name, times }) =>
    async (model, real) => {
      const task = index % 2 === 0 ? at(model.tasks, index) : at(model.added, index);
      if (!task) return;
      const signal = { id: randomUUID(), name, payload: `${index}` };
      for (let sent = 0; sent < times; sent += 1) {
        const [theirs, ours] = await model.both(real, ({ steps }) => steps.signal(keyOf(task), signal));
        expect(theirs).to.equal(ours);
      }
    },
);

/** Puts a running task to sleep for a time, or until one of the signals comes for which it has begun to wait. */
export const sleepOn = act(
  'sleepOn',
  fc.record({ index: anyIndex, delayMs: fc.constantFrom(0, LONG_MS, LONG_MS), isWait: fc.boolean() }),
  ({ index, delayMs, isWait }) =>
    async (model, real) => {
      const lease = leaseOf(model, index, false);
      if (!lease) return;
      const steps = isWait ? await model.reference.steps.read(lease) : [];
      const signals = [...new Set(steps.filter(({ kind }) => kind === 'wait').map(({ name }) => name))];
      const change = { state: 'waiting', delayMs, ...(signals.length > 0 ? { signals } : {}) } as const;
      await settleBoth(model, real, [{ ...keyOf(lease), guard: { token: lease.token }, change, by: lease.token }]);
    },
);

/** Compares the steps of all tasks. */
export const lookAtSteps = act('lookAtSteps', fc.constant(null), () => async (model, real) => {
  for (const task of model.tasks) {
    const [theirs, ours] = await model.both(real, ({ steps }) => steps.read(keyOf(task)));
    expect(theirs.map((step) => told(model, step))).to.deep.equal(ours.map((step) => told(model, step)));
  }
});
