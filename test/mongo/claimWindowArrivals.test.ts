import { expect } from 'chai';
import type { TaskDocument } from '../../modules/mongo/taskFields';
import { NOW_MS, taskAt, tasksFrom, windowOn, windowParts } from './windowParts';

type Parts = ReturnType<typeof windowParts>;

/** The states of a window when a task arrives. */
const STATES: readonly (readonly [string, () => Promise<Parts>])[] = [
  ['where all was claimed', async () => claimSome(windowParts(...tasksFrom(20, 4, 1_000)), 3)],
  ['in the middle of a backlog', async () => claimSome(windowParts(...tasksFrom(5_000, 4, 1_000)), 5)],
  ['while its finds reach ahead', async () => claimSome(windowParts(...tasksFrom(5_000, 4, 1_000)), 9)],
  ['while claims of others are in the way', async () => missing(await claimSome(windowParts(...tasksFrom(5_000, 4, 1_000)), 5))],
];

async function claimSome(parts: Parts, claims: number): Promise<Parts> {
  for (let n = 0; n < claims; n += 1) await parts.claim();
  return parts;
}

function missing(parts: Parts): Parts {
  for (let n = 0; n < 4; n += 1) parts.window.note('mail', 10, 2);
  return parts;
}

/** Claims at intervals until it wins a task. Returns the milliseconds until then. */
async function claimedAfter({ clock, claim, window }: Parts, task: TaskDocument, everyMs: number, isMissing = false): Promise<number> {
  for (let passedMs = 0; passedMs < 60_000; passedMs += everyMs) {
    if (isMissing) window.note('mail', 10, 2);
    if ((await claim()).includes(task)) return passedMs;
    await clock.advance(everyMs);
  }
  return Infinity;
}

describe('A task that comes in below where a ClaimWindow is', () => {
  for (const [title, begin] of STATES) {
    for (const dueMs of [10, NOW_MS - 20_000, NOW_MS]) {
      it(`is in the next claim, ${title}, if the window is told of it: due at ${dueMs}`, async () => {
        const parts = await begin();
        const task = taskAt(1, dueMs);
        parts.pile.add(task);
        parts.window.cameIn(task);
        expect((await parts.claim())[0]).to.equal(task);
      });
    }

    it(`is in the next claim, ${title}, if the window is told that something waits again since then`, async () => {
      const parts = await begin();
      const task = taskAt(1, 30_000);
      parts.pile.add(task);
      parts.window.waitAgain(task.availableAt.getTime());
      expect((await parts.claim())[0]).to.equal(task);
    });

    it(`is claimed soon, ${title}, if it was written a little late and nobody tells`, async () => {
      const parts = await begin();
      const task = taskAt(1, NOW_MS - 50);
      parts.pile.add(task);
      expect(await claimedAfter(parts, task, 5)).to.be.at.most(200);
    });

    it(`is claimed in the end, ${title}, if it is due since long and nobody tells`, async () => {
      const parts = await begin();
      const task = taskAt(1, 10);
      parts.pile.add(task);
      expect(await claimedAfter(parts, task, 1_000)).to.be.below(Infinity);
    });
  }

  it('is claimed in the end while each claim misses, and while looks take long', async () => {
    for (const takesMs of [0, 50, 1_000]) {
      const parts = await claimSome(windowParts(...tasksFrom(5_000, 4, 1_000)), 5);
      parts.pile.takesMs = takesMs;
      const task = taskAt(1, 10);
      parts.pile.add(task);
      expect(await claimedAfter(parts, task, 500, true), `${takesMs} ms`).to.be.below(Infinity);
    }
  });

  it('is in the next claim after one that was under way when the window was told', async () => {
    const parts = await claimSome(windowParts(...tasksFrom(5_000, 4, 1_000)), 9);
    const task = taskAt(1, 30_000);
    const claiming = parts.claim();
    parts.pile.add(task);
    parts.window.cameIn(task);
    const first = await claiming;
    expect([first[0], (await parts.claim())[0]]).to.include(task);
  });

  it('is in the next claim after a pause, if nobody tells', async () => {
    const parts = await claimSome(windowParts(...tasksFrom(5_000, 4, 1_000)), 9);
    await parts.clock.advance(1_000);
    const task = taskAt(1, NOW_MS + 1_000);
    parts.pile.add(task);
    expect((await parts.claim())[0]).to.equal(task);
  });

  it('is in a claim that has room for it, if it was written a little late and nobody tells', async () => {
    const parts = await claimSome(windowParts(...tasksFrom(25, 4, NOW_MS - 30)), 2);
    const task = taskAt(4, NOW_MS - 50);
    parts.pile.add(task);
    expect(await parts.claim()).to.include(task);
  });

  it('is of no interest where it is of another queue', async () => {
    const parts = await claimSome(windowParts(...tasksFrom(5_000, 4, 1_000)), 5);
    const before = parts.pile.walked;
    parts.window.cameIn(taskAt(1, 10, { queue: 'billing' }));
    await parts.claim();
    expect(parts.pile.walked - before).to.be.below(100);
  });
});

describe('ClaimWindows of several processes', () => {
  /** In each round every window finds before any claims, so that they conflict as much as possible. */
  async function race(count: number, tasks: readonly TaskDocument[], rounds = Infinity) {
    const { clock, pile } = windowParts(...tasks);
    const windows = Array.from({ length: count }, (_, index) => windowOn(pile, index + 1));
    const handed: TaskDocument[] = [];
    let tried = 0;
    for (let round = 0; round < rounds; round += 1) {
      const finds = await Promise.all(windows.map(({ find }) => find()));
      if (finds.every((found) => found.length === 0)) break;
      for (const [index, found] of finds.entries()) {
        const won = pile.claim(found);
        windows[index]?.window.note('mail', found.length, won.length);
        handed.push(...won);
        tried += found.length;
      }
      await clock.advance(2);
    }
    return { handed, tried, windows, pile };
  }

  it('hand out each task once', async () => {
    const tasks = [...tasksFrom(700, 3, 1_000), ...tasksFrom(700, 6, 1_000)];
    const { handed, pile } = await race(4, tasks);
    expect([new Set(handed).size, handed.length, pile.waiting.length]).to.deep.equal([1_400, 1_400, 0]);
  });

  it('keep out of the way of each other after a few misses', async () => {
    const { handed, tried } = await race(4, tasksFrom(5_000, 3, 1_000), 60);
    // It would be a quarter if all windows stayed at the head.
    expect(handed.length / tried).to.be.above(0.6);
  });

  it('go through the priorities in order nevertheless', async () => {
    const { handed } = await race(4, [...tasksFrom(700, 3, 5_000), ...tasksFrom(700, 6, 1_000)]);
    const last = handed.findLastIndex(({ priority }) => priority === 3);
    expect(handed.slice(0, last).filter(({ priority }) => priority === 6).length).to.be.below(200);
  });

  it('go in order again where one is left alone', async () => {
    const { windows, pile, handed } = await race(4, tasksFrom(3_000, 3, 1_000), 30);
    expect(handed.length).to.be.above(500);
    const [alone] = windows;
    for (let claims = 0; claims < 60; claims += 1) await alone?.claim();
    const [first] = pile.waiting;
    expect(await alone?.find(1)).to.deep.equal([first]);
  });
});
