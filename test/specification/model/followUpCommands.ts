import fc from 'fast-check';
import { expect } from 'chai';
import { HOUR } from '../../../constants/limits';
import type { Change } from '../../../modules/task/change';
import { followUpId, followUpsOf, followUpsText } from '../../../modules/task/followUps';
import { newTask } from '../../../modules/task/newTask';
import { act, anyDelay, anyIndex, anyQueue, at, keyOf, LONG_MS, settleBoth } from './act';

/** Records the success of a running task with follow-ups. */
export const succeedWith = act(
  'succeedWith',
  fc.record({
    index: anyIndex,
    keepMs: fc.constantFrom(0, LONG_MS),
    specs: fc.array(
      fc.record({ queue: anyQueue, delayMs: anyDelay, priority: fc.nat(2), uniqueKey: fc.constantFrom('one', 'two') }, { requiredKeys: ['queue'] }),
      { minLength: 1, maxLength: 3 },
    ),
  }),
  ({ index, keepMs, specs }) =>
    async (model, real) => {
      const task = at(
        model.tasks.filter(({ state }) => state === 'running'),
        index,
      );
      const token = task?.lease?.token;
      if (!task || token === undefined) return;
      const followUps = specs.map(({ queue, ...options }, position) => ({
        ...newTask(model.queues[queue], 'after', { position }, options),
        id: followUpId(task.id, position),
      }));
      const change: Change = { state: 'succeeded', keepMs, suspect: false, followUps: followUpsText(followUps) };
      await settleBoth(model, real, [{ ...keyOf(task), guard: { token }, change, by: token }]);
    },
);

/** Hands over the follow-ups of a task, or those that it kept before. */
export const handOver = act(
  'handOver',
  fc.record({ index: anyIndex, keepMs: fc.constantFrom(0, LONG_MS) }),
  ({ index, keepMs }) =>
    async (model, real) => {
      const kept = model.tasks.filter(({ followUps }) => followUps !== undefined);
      const [first] = kept;
      const task = at(kept, index);
      const given = [...new Set([first, task])].flatMap((one) =>
        one?.followUps === undefined ? [] : [{ ...keyOf(one), followUps: followUpsOf(one.followUps), keepMs }],
      );
      for (const each of given) {
        for (let times = 0; times < 2; times += 1) {
          const [theirs, ours] = await model.both(real, ({ followUps }) => followUps.handOver([each]));
          expect(theirs).to.deep.equal(ours);
        }
        model.added.push(...each.followUps);
      }
    },
);

/** The tasks that keep follow-ups, of this run. */
export const lookForKept = act('lookForKept', fc.constant(null), () => async (model, real) => {
  const [theirs, ours] = await model.both(real, ({ followUps }) => followUps.kept(-HOUR, 1_000));
  const ofRun = (kept: typeof theirs): unknown => kept.filter(({ queue }) => model.queues.includes(queue)).map(({ id, followUps: text }) => [id, text]).sort(); // prettier-ignore
  expect(ofRun(theirs)).to.deep.equal(ofRun(ours));
});
