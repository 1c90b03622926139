import { expect } from 'chai';
import type { Schedule } from '../../modules/schedule/schedule';
import { chunksOf } from '../../modules/values/chunksOf';
import { forEachStore, forReference } from '../support/stores';
import type { Opening } from '../support/stores';

const MANY = 10_000;

const dueAt = (id: string, wakeMs: number): Schedule => ({
  id,
  seed: id,
  rev: 0,
  declared: false,
  plan: {
    queue: 'q',
    name: 'q',
    payload: 'null',
    options: {},
    timing: { kind: 'every', everyMs: 1_000, anchorMs: 0, bounds: { startMs: null, endMs: null } },
    jitterMs: 0,
    overlap: 'allow',
    misfire: 'skip',
    misfireLimit: 1,
    misfireAfterMs: 1_000,
  },
  paused: false,
  nextMs: wakeMs,
  pending: [],
  wakeMs,
  firedMs: null,
  lastMs: null,
  lastTaskId: null,
  lastOutcome: null,
});

function dueElsewhere(opening: Opening): void {
  const openIn = (namespace?: string) => opening.open({ durability: 'relaxed', ...(namespace === undefined ? {} : { namespace }) });

  it('do not keep mine from being due, however many of them are due earlier', async () => {
    const [theirs, mine, unnamed] = [await openIn('other'), await openIn('mine'), await openIn()];
    for (const chunk of chunksOf([...Array(MANY).keys()], 1_000)) {
      await Promise.all(chunk.map((index) => theirs.parts.schedules.put(dueAt(`s${index}`, 1_000 + index))));
    }
    for (const { schedules } of [mine.parts, unnamed.parts]) {
      await schedules.put(dueAt('s', 5_000_000));
      expect((await schedules.due([], 10)).schedules.map(({ id }) => id)).to.deep.equal(['s']);
      expect((await schedules.list()).map(({ id }) => id)).to.deep.equal(['s']);
    }
  });

  it('do not decide when mine are looked at next', async () => {
    const [theirs, mine] = [await openIn('other'), await openIn('mine')];
    const wakeMs = Date.now() + 100_000;
    await theirs.parts.schedules.put(dueAt('s', wakeMs));
    await mine.parts.schedules.put(dueAt('s', wakeMs + 100_000));
    expect((await mine.parts.schedules.due([], 10)).nextWakeMs).to.equal(wakeMs + 100_000);
  });
}

forEachStore('Schedules of another namespace', dueElsewhere);
forReference('Schedules of another namespace', dueElsewhere);
