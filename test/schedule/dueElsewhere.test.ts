import { expect } from 'chai';
import { chunksOf } from '../../modules/values/chunksOf';
import { dueSchedule } from '../support/dueSchedule';
import { forEachStore, forReference } from '../support/stores';
import type { Opening } from '../support/stores';

const MANY = 10_000;

function dueElsewhere(opening: Opening): void {
  const openIn = (namespace?: string) => opening.open({ durability: 'relaxed', ...(namespace === undefined ? {} : { namespace }) });

  it('do not keep mine from being due, however many of them are due earlier', async () => {
    const [theirs, mine, unnamed] = [await openIn('other'), await openIn('mine'), await openIn()];
    for (const chunk of chunksOf([...Array(MANY).keys()], 1_000)) {
      await Promise.all(chunk.map((index) => theirs.parts.schedules.put(dueSchedule(`s${index}`, 1_000 + index))));
    }
    for (const { schedules } of [mine.parts, unnamed.parts]) {
      await schedules.put(dueSchedule('s', 5_000_000));
      expect((await schedules.claimDue({ declared: [], limit: 10, holdMs: 1_000 })).schedules.map(({ id }) => id)).to.deep.equal(['s']);
      expect((await schedules.list(1_000)).map(({ id }) => id)).to.deep.equal(['s']);
    }
  });

  it('do not decide when mine are looked at next', async () => {
    const [theirs, mine] = [await openIn('other'), await openIn('mine')];
    const wakeMs = Date.now() + 100_000;
    await theirs.parts.schedules.put(dueSchedule('s', wakeMs));
    await mine.parts.schedules.put(dueSchedule('s', wakeMs + 100_000));
    expect((await mine.parts.schedules.claimDue({ declared: [], limit: 10, holdMs: 1_000 })).nextWakeMs).to.equal(wakeMs + 100_000);
  });
}

forEachStore('Schedules of another namespace', dueElsewhere);
forReference('Schedules of another namespace', dueElsewhere);
