import { expect } from 'chai';
import { Queue } from '../../classes/queue/queue';
import type { Database } from '../../modules/ports/database';
import { TASK_STATES } from '../../constants/states';
import { isHoldfastError } from '../../modules/errors/holdfastError';
import { newTask } from '../../modules/task/newTask';
import type { Task } from '../../modules/task/task';
import { taskError } from '../../modules/errors/taskError';
import type { Opening } from '../support/stores';
import { claim, claimedOne, heldLease, listed, reread, sample, settlement, the } from './samples';

/** Strings that have a meaning for a database, for JavaScript or for a log. */
const STRINGS = [
  '$where',
  '$$NOW',
  '$$ROOT',
  '$lease.token',
  '$literal',
  '__proto__',
  'constructor',
  'toString',
  "'; DROP TABLE tasks; --",
  '" OR ""="',
  '{"$gt":""}',
  'a.b..c.',
  '?1 :name @x %s %_',
  'null',
  'ünïcode 日本語 🦄 \u202e\u0301',
  '\u2028\u2029\ufeff\ufffd',
];

const LONE = ['\ud800', 'a\udc00b', '\udfff\ud83e'];

const MINUTE = 60_000;

/** User text must come back unchanged and have no effect. */
export function strings(opening: Opening): void {
  let database: Database;
  beforeEach(async () => {
    database = await opening.database();
  });
  for (const text of STRINGS) describe(`the string ${JSON.stringify(text)}`, () => everywhereSuite(() => database, text));
  describe('the name of a queue', () => countSuite(opening, () => database));
  describe('a lone surrogate', () => surrogateSuite(opening, () => database));
}

function everywhereSuite(database: () => Database, text: string): void {
  it('comes back from a queue, a name, a payload, a result, an error, a token and a worker', async () => {
    const { tasks } = database();
    const task = {
      ...newTask(text, text, { [text === '__proto__' ? 'proto' : text]: text }),
      settings: { backoff: { type: 'custom', name: text } as const },
    };
    await tasks.insert([task, sample({ queue: text }), sample({ queue: text })]);
    const running = await claim(tasks, { queues: [text], token: text, workerId: text, limit: 3 });
    expect(running[0]).to.deep.include({ queue: text, name: text, payload: task.payload, settings: task.settings });
    expect(running[0]?.lease).to.include({ token: text, workerId: text });
    expect(await tasks.held({ token: text })).to.have.lengthOf(3);
    expect(await tasks.renew(running.map((task) => heldLease(task)))).to.deep.equal([true, true, true]);
    const error = { name: text, message: text, code: text, stack: text };
    const [dead, ...others] = running as [Task, Task, Task];
    const change = { state: 'dead', keepMs: MINUTE, error, result: JSON.stringify(text) } as const;
    // A single change takes another code path than several different ones.
    expect(await tasks.settle([settlement(dead, change)])).to.deep.equal(['applied']);
    const results = [text, `${text}${text}`];
    const different = others.map((one, index) => settlement(one, { state: 'succeeded', keepMs: MINUTE, result: the(results[index]), error }));
    expect(await tasks.settle(different)).to.deep.equal(['applied', 'applied']);
    expect(await reread(tasks, dead)).to.deep.include({ error, result: JSON.stringify(text), name: text, queue: text });
    for (const [index, one] of others.entries()) expect(await reread(tasks, one)).to.deep.include({ error, result: results[index] });
    expect(await listed(tasks, { queue: text, name: text, limit: 10 })).to.have.lengthOf(1);
  });

  it('settles and guards as a name like any other', async () => {
    const { tasks } = database();
    const task = await claimedOne(tasks, { token: text });
    expect(await tasks.settle([settlement(task, { state: 'removed' }, { guard: { token: `${text}.` }, by: text })])).to.deep.equal(['lost']);
    const sent = settlement(task, { state: 'waiting', delayMs: MINUTE }, { by: text });
    expect(await tasks.settle([sent])).to.deep.equal(['applied']);
    expect(await tasks.settle([sent])).to.deep.equal(['applied']);
    const other = { ...sent, guard: { state: 'waiting', rev: 1 }, by: `by ${text}` } as const;
    expect(await tasks.settle([other])).to.deep.equal(['applied']);
    expect(await tasks.settle([other])).to.deep.equal(['applied']);
  });

  it('pauses as a queue like any other', async () => {
    const { settings } = database();
    await settings.setPaused(text, true);
    expect(await settings.paused()).to.deep.equal(new Set([text]));
  });
}

function countSuite(opening: Opening, database: () => Database): void {
  afterEach(() => {
    // A fault may have polluted the prototype of all objects. Other tests must not see it.
    for (const state of TASK_STATES) {
      Reflect.deleteProperty(Object.prototype, state);
      Reflect.deleteProperty(Object, state);
    }
  });

  for (const queue of ['__proto__', 'constructor', 'toString', '$where']) {
    it(`is counted like any other: ${queue}`, async () => {
      await database().tasks.insert([sample({ queue }), sample({ queue })]);
      const counts = await database().tasks.counts(TASK_STATES);
      expect(({} as Record<string, unknown>)['waiting'], 'the prototype of all objects').to.equal(undefined);
      expect(Object.hasOwn(counts, queue), 'a count of its own').to.equal(true);
      expect(Object.getOwnPropertyDescriptor(counts, queue)?.value).to.deep.include({ waiting: 2, running: 0 });
    });

    it(`has no tasks where none were added: ${queue}`, async () => {
      const store = await opening.open();
      expect({ ...(await new Queue(store, queue).counts()) }).to.deep.equal({
        waiting: 0,
        running: 0,
        succeeded: 0,
        dead: 0,
        cancelled: 0,
        atLeast: [],
      });
    });
  }
}

function surrogateSuite(opening: Opening, database: () => Database): void {
  for (const text of LONE) {
    const shown = JSON.stringify(text);

    it(`comes back from a payload and a result: ${shown}`, async () => {
      const { tasks } = database();
      const task = newTask('q', 'work', { [text]: text });
      await tasks.insert([task]);
      const [running] = await claim(tasks);
      expect(JSON.parse(the(running).payload)).to.deep.equal({ [text]: text });
      await tasks.settle([settlement(the(running), { state: 'succeeded', keepMs: MINUTE, result: JSON.stringify(text) })]);
      expect(JSON.parse(the((await reread(tasks, task)).result))).to.equal(text);
    });

    it(`comes back from an error as it was told, made whole: ${shown}`, async () => {
      const { tasks } = database();
      const { stack: _stack, ...error } = taskError(new Error(`a ${text} b`));
      const task = await claimedOne(tasks);
      await tasks.settle([settlement(task, { state: 'dead', keepMs: MINUTE, error })]);
      expect((await reread(tasks, task)).error).to.deep.equal(error);
    });

    it(`is refused in a name, or comes back from it: ${shown}`, async () => {
      const store = await opening.open();
      const [queue, name] = [`queue ${text}`, `name ${text}`];
      try {
        const { id } = await new Queue(store, queue).add(name, null);
        expect(await new Queue(store, queue).get(id)).to.include({ queue, name });
      } catch (error) {
        if (!isHoldfastError(error, 'HOLDFAST_OPTION_INVALID')) throw error;
      }
    });
  }
}
