import { expect } from 'chai';
import type { Schedule } from '../../modules/schedule/schedule';
import type { Store } from '../../classes/store/store';
import { chunksOf } from '../../modules/values/chunksOf';
import { dueSchedule } from '../support/dueSchedule';
import { eventually } from '../support/eventually';
import { forEachStore, forReference } from '../support/stores';
import type { Opening } from '../support/stores';

const HOUR = 3_600_000;

const idsOf = (schedules: readonly Schedule[]): string[] => schedules.map(({ id }) => id).sort();

async function putAll(store: Store, schedules: readonly Schedule[]): Promise<void> {
  for (const chunk of chunksOf(schedules, 500)) await Promise.all(chunk.map((schedule) => store.parts.schedules.put(schedule)));
}

const dueOnes = (count: number, rest: Partial<Schedule> = {}): Schedule[] =>
  Array.from({ length: count }, (_, n) => dueSchedule(`s${n}`, 1_000 + n, rest));

function claims(opening: Opening): void {
  it('are shared by no two processes, and take all', async () => {
    const stores = [await opening.open(), await opening.open(), await opening.open()];
    await putAll(stores[0] as Store, dueOnes(100));
    const claimed: string[] = [];
    const claimAll = async ({ parts }: Store): Promise<void> => {
      for (let isMore = true; isMore;) {
        const part = await parts.schedules.claimDue({ declared: [], limit: 10, holdMs: HOUR });
        claimed.push(...part.schedules.map(({ id }) => id));
        isMore = part.isMoreDue;
      }
    };
    await Promise.all(stores.map(claimAll));
    expect(claimed).to.have.length(100);
    expect(new Set(claimed).size).to.equal(100);
  });

  it('end with the hold, and whoever held a schedule before can write it no more', async () => {
    const [one, other] = [await opening.open(), await opening.open()];
    await putAll(one, dueOnes(1));
    const [held] = (await one.parts.schedules.claimDue({ declared: [], limit: 10, holdMs: 50 })).schedules as [Schedule];
    expect(held.rev).to.equal(2);
    const again = await eventually('another claims it', async () => {
      const { schedules } = await other.parts.schedules.claimDue({ declared: [], limit: 10, holdMs: HOUR });
      return schedules[0];
    });
    expect(again.rev).to.equal(3);
    expect(await one.parts.schedules.put(held)).to.equal(false);
    expect(await other.parts.schedules.put(again)).to.equal(true);
  });

  it('take of the schedules that code declares only those of this process, however many others are due for longer', async () => {
    const store = await opening.open();
    await putAll(store, dueOnes(2_000, { declared: true }));
    await putAll(store, [dueSchedule('mine', 5_000_000, { declared: true }), dueSchedule('free', 6_000_000)]);
    await putAll(store, [dueSchedule('later', Date.now() + HOUR, { declared: true })]);
    const part = await store.parts.schedules.claimDue({ declared: ['mine', 'later', 'none'], limit: 10, holdMs: 2 * HOUR });
    expect(idsOf(part.schedules)).to.deep.equal(['free', 'mine']);
    expect(part.isMoreDue).to.equal(false);
    const next = await store.parts.schedules.claimDue({ declared: ['mine', 'later'], limit: 10, holdMs: HOUR });
    expect(next.schedules).to.deep.equal([]);
    expect(next.nextWakeMs).to.be.within(Date.now(), Date.now() + HOUR);
  });

  it('show what is left beyond the limit', async () => {
    const { schedules } = (await opening.open()).parts;
    await Promise.all(dueOnes(15).map((schedule) => schedules.put(schedule)));
    const first = await schedules.claimDue({ declared: [], limit: 10, holdMs: HOUR });
    expect([first.schedules.length, first.isMoreDue]).to.deep.equal([10, true]);
    const second = await schedules.claimDue({ declared: [], limit: 10, holdMs: HOUR });
    expect([second.schedules.length, second.isMoreDue]).to.deep.equal([5, false]);
    expect(second.nextWakeMs).to.be.above(second.nowMs);
  });

  it('are answered each when many are written at once, and some of them had changed', async () => {
    const { schedules } = (await opening.open()).parts;
    const many = dueOnes(300);
    await Promise.all(many.map((schedule) => schedules.put(schedule)));
    const changed = await Promise.all(many.map((schedule, n) => (n % 3 === 0 ? schedules.put({ ...schedule, rev: 1 }) : Promise.resolve(false))));
    const answers = await Promise.all(many.map((schedule, n) => schedules.put({ ...schedule, rev: 1, lastMs: n })));
    expect(answers).to.deep.equal(changed.map((isChanged) => !isChanged));
    expect((await schedules.find('s1'))?.lastMs).to.equal(1);
    expect((await schedules.find('s3'))?.lastMs).to.equal(null);
  });
}

function attendance(opening: Opening): void {
  const ATTENTIVE = { everyMs: 0, absentMs: HOUR };

  it('is none at first: all before the first look is an absence', async () => {
    const { schedules } = (await opening.open()).parts;
    expect(await schedules.attendance('')).to.deep.equal({ lookedMs: null, away: null });
    const [first] = await schedules.attend([''], ATTENTIVE);
    expect(first?.away?.fromMs).to.equal(0);
    expect(first?.away?.toMs).to.equal(first?.lookedMs);
    expect(await schedules.attendance('')).to.deep.equal(first);
  });

  it('of one process is known to all of its namespace, for each declared schedule by itself', async () => {
    const [one, same, other] = [await opening.open(), await opening.open(), await opening.open({ namespace: 'other' })];
    const [all, s] = await one.parts.schedules.attend(['', 's'], ATTENTIVE);
    expect(await same.parts.schedules.attendance('')).to.deep.equal(all);
    expect(await same.parts.schedules.attendance('s')).to.deep.equal(s);
    expect((await same.parts.schedules.attendance('t')).lookedMs).to.equal(null);
    expect((await other.parts.schedules.attendance('')).lookedMs).to.equal(null);
  });

  it('is written no more often than is asked for', async () => {
    const { schedules } = (await opening.open()).parts;
    const first = await schedules.attend([''], ATTENTIVE);
    await new Promise((resolve) => setTimeout(resolve, 30));
    expect(await schedules.attend([''], { everyMs: HOUR, absentMs: HOUR })).to.deep.equal(first);
    const [later] = await schedules.attend([''], ATTENTIVE);
    expect(later?.lookedMs).to.be.above(first[0]?.lookedMs ?? Infinity);
    expect(later?.away, 'the last absence stays').to.deep.equal(first[0]?.away);
  });

  it('tells of an absence from the last look to the next, whoever asks afterwards', async () => {
    const [one, other] = [await opening.open(), await opening.open()];
    const [before] = await one.parts.schedules.attend([''], ATTENTIVE);
    await new Promise((resolve) => setTimeout(resolve, 60));
    const [after] = await one.parts.schedules.attend([''], { everyMs: 0, absentMs: 40 });
    expect(after?.away).to.deep.equal({ fromMs: before?.lookedMs, toMs: after?.lookedMs });
    const [asked] = await other.parts.schedules.attend([''], ATTENTIVE);
    expect(asked?.away).to.deep.equal(after?.away);
  });

  it('begins once if many look for the first time', async () => {
    const stores = await Promise.all([1, 2, 3, 4].map(() => opening.open()));
    const looks = await Promise.all(stores.map(({ parts }) => parts.schedules.attend(['', 's'], { everyMs: HOUR, absentMs: HOUR })));
    for (const look of looks) expect(look).to.deep.equal(looks[0]);
  });
}

forEachStore('Claims of due schedules', claims);
forReference('Claims of due schedules', claims);
forEachStore('The attendance of processes', attendance);
forReference('The attendance of processes', attendance);
