import { expect } from 'chai';
import { randomUUID } from 'node:crypto';
import type { BulkFilter, BulkPart, BulkRequest } from '../../modules/ports/bulk';
import type { Database } from '../../modules/ports/database';
import type { Task } from '../../modules/task/task';
import { newTask } from '../../modules/task/newTask';
import { redriveChange, removeChange } from '../../modules/task/outcome';
import type { FinishedState } from '../../constants/states';
import type { Opening } from '../support/stores';
import { claim, claimed, idsOf, listed, pause, QUEUE, reread, sample, samples, settlement, the } from './samples';

const MINUTE = 60_000;

/** The contract of bulk actions. */
export function bulk(opening: Opening): void {
  let database: Database;
  beforeEach(async () => {
    database = await opening.database();
  });
  describe('a count of what a filter lets through', () => countSuite(() => database));
  describe('a bulk action', () => changeSuite(() => database));
  describe('a bulk removal of old tasks', () => newestSuite(() => database));
  describe('a bulk redrive', () => redriveSuite(() => database));
}

/** Adds tasks and ends them in a state. */
async function ended({ tasks }: Database, count: number, state: FinishedState, given: Partial<Task> = {}): Promise<Task[]> {
  const { queue = QUEUE } = given;
  const batch = await claimed(tasks, count, { queues: [queue] }, given);
  await tasks.settle(batch.map((task) => settlement(task, { state, keepMs: MINUTE })));
  return batch;
}

/** Carries out all parts of an action. */
async function all({ bulk: port }: Database, request: Omit<BulkRequest, 'by' | 'after' | 'limit'>, limit = 10): Promise<BulkPart[]> {
  const parts: BulkPart[] = [];
  for (let after: string | null | undefined; after !== null; after = parts.at(-1)?.next) {
    parts.push(await port.change({ ...request, limit, by: randomUUID(), ...(after === undefined ? {} : { after }) }));
  }
  return parts;
}

const changedBy = (parts: readonly BulkPart[]): number => parts.reduce((total, { changed }) => total + changed, 0);

const queueOf = (fields: Partial<BulkFilter> = {}): BulkFilter => ({ queue: QUEUE, states: ['dead'], ...fields });

function countSuite(database: () => Database): void {
  it('is exact up to its bound, and says where there are more', async () => {
    await ended(database(), 12, 'dead');
    await ended(database(), 3, 'succeeded');
    await database().tasks.insert([...samples(4), ...samples(5, { queue: 'other' })]);
    const count = (fields: Partial<BulkFilter>, most = 12) => database().bulk.count(queueOf(fields), most);
    expect(await count({})).to.deep.equal({ count: 12, isExact: true });
    expect(await count({}, 11)).to.deep.equal({ count: 11, isExact: false });
    expect(await count({ states: ['waiting', 'running'] })).to.deep.equal({ count: 4, isExact: true });
    expect(await count({ states: ['dead', 'succeeded', 'waiting'] }, 100)).to.deep.equal({ count: 19, isExact: true });
    expect(await count({ states: ['cancelled'] })).to.deep.equal({ count: 0, isExact: true });
  });

  it('counts by name, tag, id, and time of end', async () => {
    const tagged = newTask(QUEUE, 'report', 1, { tags: ['eu', 'x'] });
    await database().tasks.insert([tagged]);
    const batch = await claim(database().tasks, {});
    await database().tasks.settle(batch.map((task) => settlement(task, { state: 'dead', keepMs: MINUTE })));
    const [other] = await ended(database(), 1, 'dead', { name: 'other' });
    const count = async (fields: Partial<BulkFilter>) => (await database().bulk.count(queueOf(fields), 100)).count;
    expect(await count({ name: 'report' })).to.equal(1);
    expect(await count({ tag: 'eu' })).to.equal(1);
    expect(await count({ tag: 'e' })).to.equal(0);
    expect(await count({ name: 'other', tag: 'eu' })).to.equal(0);
    expect(await count({ ids: [the(other).id, sample().id] })).to.equal(1);
    expect(await count({ ids: [the(other).id], states: ['waiting'] })).to.equal(0);
    expect(await count({ finishedBefore: new Date(0) })).to.equal(0);
    expect(await count({ finishedBefore: new Date(Date.now() + MINUTE) })).to.equal(2);
  });
}

function changeSuite(database: () => Database): void {
  it('removes the tasks of some states of one queue, in parts, and leaves all others', async () => {
    await ended(database(), 25, 'dead');
    await ended(database(), 7, 'cancelled');
    const kept = await ended(database(), 3, 'succeeded');
    const waiting = samples(4);
    await ended(database(), 2, 'dead', { queue: 'other' });
    await database().tasks.insert(waiting);
    const parts = await all(database(), { filter: queueOf({ states: ['dead', 'cancelled'] }), change: removeChange });
    expect(changedBy(parts)).to.equal(32);
    expect(Math.max(...parts.map(({ seen }) => seen))).to.equal(10);
    expect(idsOf(await listed(database().tasks, { queue: QUEUE, limit: 100 }))).to.have.members(idsOf([...kept, ...waiting]));
    expect(await listed(database().tasks, { queue: 'other', limit: 100 })).to.have.lengthOf(2);
  });

  it('removes waiting tasks of every priority and time, and what was added later stays', async () => {
    const before = [0, 3, 9].flatMap((priority) => [...samples(8, { priority }), ...samples(8, { priority, due: { delayMs: MINUTE } })]);
    await database().tasks.insert(before);
    await pause(20);
    const addedUntil = new Date(Date.now() - 5);
    await pause(20);
    const later = samples(3);
    await database().tasks.insert(later);
    expect(changedBy(await all(database(), { filter: queueOf({ states: ['waiting'], addedUntil }), change: removeChange }, 5))).to.equal(48);
    expect(idsOf(await listed(database().tasks, { queue: QUEUE, limit: 100 }))).to.have.members(idsOf(later));
  });

  it('removes suspects as well', async () => {
    const [task] = await claimed(database().tasks, 1);
    await database().tasks.settle([settlement(the(task), { state: 'waiting', delayMs: 0, suspect: true })]);
    await database().tasks.insert(samples(2));
    expect(changedBy(await all(database(), { filter: queueOf({ states: ['waiting'] }), change: removeChange }))).to.equal(3);
  });

  it('ends leases where it is for running tasks', async () => {
    const batch = await claimed(database().tasks, 12);
    expect(changedBy(await all(database(), { filter: queueOf({ states: ['running'] }), change: removeChange }, 5))).to.equal(12);
    const answers = await database().tasks.settle(batch.map((task) => settlement(task, { state: 'succeeded', keepMs: MINUTE })));
    expect(new Set(answers)).to.deep.equal(new Set(['lost']));
  });

  it('goes by name and tag, also where a part has none of them', async () => {
    const wanted = [newTask(QUEUE, 'report', 1, { tags: ['eu'] }), newTask(QUEUE, 'report', 1, { tags: ['us', 'eu'] })];
    await database().tasks.insert([the(wanted[0]), ...samples(15), the(wanted[1]), newTask(QUEUE, 'report', 1)]);
    const filter = queueOf({ states: ['waiting'], name: 'report', tag: 'eu' });
    expect(changedBy(await all(database(), { filter, change: removeChange }, 4))).to.equal(2);
    expect(await listed(database().tasks, { queue: QUEUE, limit: 100 })).to.have.lengthOf(16);
  });

  it('changes the tasks of the ids that the filter lets through', async () => {
    const batch = await ended(database(), 5, 'dead');
    const [elsewhere] = await ended(database(), 1, 'dead', { queue: 'other' });
    const ids = [...idsOf(batch.slice(0, 3)), the(elsewhere).id, sample().id];
    const [part, ...others] = await all(database(), { filter: queueOf({ ids }), change: redriveChange });
    expect(others).to.deep.equal([]);
    expect(part).to.deep.include({ changed: 3, clashed: 0, next: null });
    expect(await database().bulk.count(queueOf({ states: ['waiting'] }), 10)).to.deep.include({ count: 3 });
  });

  it('answers with nothing for a queue without tasks', async () => {
    const parts = await all(database(), {
      filter: queueOf({ states: ['waiting', 'running', 'dead', 'succeeded', 'cancelled'] }),
      change: removeChange,
    });
    expect(changedBy(parts)).to.equal(0);
  });
}

function newestSuite(database: () => Database): void {
  it('leaves the newest tasks of a state alone where it begins after them', async () => {
    const batch = await ended(database(), 12, 'dead');
    await ended(database(), 5, 'succeeded');
    await ended(database(), 5, 'dead', { queue: 'other' });
    const newest = idsOf(batch).sort().reverse().slice(0, 4);
    const after = (await database().bulk.placeAfter(QUEUE, 'dead', 4)) ?? '';
    const request = { filter: queueOf(), change: removeChange, by: randomUUID(), limit: 100 };
    expect(await database().bulk.change({ ...request, after })).to.deep.include({ changed: 8, next: null });
    expect(idsOf(await listed(database().tasks, { queue: QUEUE, states: ['dead'], limit: 100 }))).to.deep.equal(newest);
  });

  it('has no place after the newest where there are no more', async () => {
    await ended(database(), 3, 'dead');
    expect(await database().bulk.placeAfter(QUEUE, 'dead', 3)).to.equal(null);
    expect(await database().bulk.placeAfter(QUEUE, 'dead', 2)).not.to.equal(null);
    expect(await database().bulk.placeAfter(QUEUE, 'cancelled', 2)).to.equal(null);
  });

  it('begins with the first task where none is to stay', async () => {
    await ended(database(), 3, 'dead');
    const after = (await database().bulk.placeAfter(QUEUE, 'dead', 0)) ?? '';
    expect(await database().bulk.change({ filter: queueOf(), change: removeChange, by: randomUUID(), limit: 100, after })).to.deep.include({
      changed: 3,
    });
  });
}

function redriveSuite(database: () => Database): void {
  it('lets dead tasks be claimed again, without their failures', async () => {
    await ended(database(), 12, 'dead');
    expect(changedBy(await all(database(), { filter: queueOf(), change: redriveChange }))).to.equal(12);
    const again = await claim(database().tasks);
    expect(again).to.have.lengthOf(12);
    expect(again[0]).to.deep.include({ failures: 0, attempt: 2, finishedAt: null });
  });

  it('leaves dead a task whose unique key is taken, and redrives all others', async () => {
    const keyed = (key: string) => ended(database(), 1, 'dead', { uniqueKey: key });
    const taken = [...(await keyed('a')), ...(await keyed('b'))];
    await ended(database(), 20, 'dead');
    const twins = [...(await keyed('c')), ...(await keyed('c'))];
    await database().tasks.insert([sample({ uniqueKey: 'a' }), sample({ uniqueKey: 'b' })]);
    const parts = await all(database(), { filter: queueOf(), change: redriveChange }, 100);
    expect(changedBy(parts)).to.equal(21);
    expect(parts.reduce((total, { clashed }) => total + clashed, 0)).to.equal(3);
    const states = await Promise.all([...taken, ...twins].map(async (task) => (await reread(database().tasks, task)).state));
    expect(states.slice(0, 2)).to.deep.equal(['dead', 'dead']);
    expect(states.slice(2)).to.have.members(['dead', 'waiting']);
  });
}
