import { expect } from 'chai';
import type { TaskDocument } from '../../modules/mongo/taskFields';
import { seededRandom } from '../support/samples';
import { inOrder, NOW_MS, partOf, shown, taskAt, tasksFrom, windowParts } from './windowParts';

/** Makes tasks of all priorities, due at random instants of the last half minute. */
function mixedTasks(count: number): TaskDocument[] {
  const random = seededRandom(7);
  return Array.from({ length: count }, () => taskAt(Math.floor(random() * 10), NOW_MS - Math.floor(random() * 30_000)));
}

describe('ClaimWindow', () => {
  it('finds what is due in a queue, best first, and no more than it is asked for', async () => {
    const tasks = [taskAt(3, 2_000), taskAt(0, 5_000), taskAt(3, 1_000), taskAt(0, 4_000)];
    const others = [taskAt(0, NOW_MS + 1), taskAt(0, 1_000, { queue: 'billing' })];
    for (const [limit, count] of [
      [3, 3],
      [4, 4],
      [10, 4],
    ] as const) {
      // prettier-ignore
      const { find } = windowParts(...tasks, ...others);
      expect(shown(await find(limit))).to.deep.equal(shown(inOrder(tasks).slice(0, count)));
    }
  });

  for (const [limit, betweenMs] of [
    [1, 1],
    [7, 1],
    [40, 30],
    [200, 500],
  ] as const) {
    // prettier-ignore
    it(`hands out all of a backlog in order, each task once, ${limit} at a time every ${betweenMs} ms`, async () => {
      const tasks = mixedTasks(700);
      const { claimAll } = windowParts(...tasks);
      expect(shown(await claimAll(limit, betweenMs))).to.deep.equal(shown(inOrder(tasks)));
    });
  }

  it('hands out what becomes due while it goes', async () => {
    const tasks = [...tasksFrom(300, 2, 1_000), ...tasksFrom(300, 1, NOW_MS), ...tasksFrom(300, 3, NOW_MS + 100)];
    const { clock, claimAll, claim } = windowParts(...tasks);
    const handed = await claimAll(10, 5);
    await clock.advance(1_000);
    for (let won = await claim(); won.length > 0; won = await claim()) handed.push(...won);
    expect(shown(inOrder(handed))).to.deep.equal(shown(inOrder(tasks)));
  });

  it('leaves out what it is told to, and finds it afterwards', async () => {
    const tasks = tasksFrom(30, 4, 1_000);
    const { find, pile, claimAll, clock } = windowParts(...tasks);
    const except = tasks.slice(0, 5).map(({ _id }) => _id);
    for (let n = 0; n < 3; n += 1) {
      const found = await find(5, { except });
      expect(shown(found)).to.deep.equal(shown(tasks.slice(5 + 5 * n, 10 + 5 * n)));
      pile.claim(found);
    }
    await clock.advance(30_000);
    expect(shown(await claimAll())).to.deep.equal(shown([...tasks.slice(0, 5), ...tasks.slice(20)]));
  });

  it('loses nothing where an answer cannot hold all that it asked for', async () => {
    const tasks = mixedTasks(200);
    const { pile, claimAll } = windowParts(...tasks);
    pile.fits = 3;
    expect(shown(await claimAll(100, 5))).to.deep.equal(shown(inOrder(tasks)));
  });

  it('finds again what was found beside a suspect and not claimed', async () => {
    const tasks = [taskAt(3, 4_000), taskAt(4, 5_000, { suspect: true }), taskAt(4, 6_000), taskAt(5, 7_000)];
    const { find, pile, clock } = windowParts(...tasks);
    for (let claims = 0; claims < 3; claims += 1) {
      await clock.advance(3_000);
      expect(shown(await find())).to.deep.equal(shown(tasks));
    }
    pile.claim(tasks.slice(0, 1));
    expect(shown(await find())).to.deep.equal(shown(tasks.slice(1)));
  });

  it('finds again what was found and not claimed, where it is told to forget', async () => {
    const { find, window } = windowParts(...tasksFrom(20, 3, 1_000));
    const found = await find();
    await find();
    window.forget('mail');
    expect(shown(await find())).to.deep.equal(shown(found));
  });

  it('knows where it is in each of many queues', async () => {
    const queues = Array.from({ length: 1_100 }, (_, n) => `queue ${n}`);
    const tasks = queues.flatMap((queue) => [taskAt(3, 1_000, { queue }), taskAt(3, 2_000, { queue })]);
    const { find, pile } = windowParts(...tasks);
    for (const round of [0, 1]) {
      for (const [n, queue] of queues.entries()) {
        const found = await find(1, { queue });
        expect(found).to.deep.equal([tasks[2 * n + round]]);
        pile.claim(found);
      }
    }
  });

  it('has a single task brought by a command, the best first, each once', async () => {
    const tasks = mixedTasks(100);
    const { window, pile, now } = windowParts(...tasks);
    const handed: TaskDocument[] = [];
    for (;;) {
      const bring = (filter: object, limit: number) => pile.findAtOnce(filter as Record<string, unknown>, { limit, skip: 0 });
      const task = await window.findOne({ queue: 'mail', except: [], leftMs: () => 2_000, ...now() }, bring, true);
      if (!task) break;
      handed.push(...pile.claim([task]));
    }
    expect(shown(handed)).to.deep.equal(shown(inOrder(tasks)));
  });

  it('goes back for what a command has passed over', async () => {
    const [passed, ...tasks] = tasksFrom(5, 3, 1_000) as [TaskDocument, ...TaskDocument[]];
    const { window, pile, now, find, clock } = windowParts(passed, ...tasks);
    for (let n = 0; n < 4; n += 1) {
      const bring = (filter: object, limit: number) => pile.findAtOnce({ ...filter, queue: 'mail', _id: { $nin: [passed._id] } }, { limit, skip: 0 });
      const task = await window.findOne({ queue: 'mail', except: [], leftMs: () => 2_000, ...now() }, bring, false);
      pile.claim(task ? [task] : []);
    }
    await clock.advance(30_000);
    expect(shown(await find())).to.deep.equal(shown([passed]));
  });

  it('tells of parts of a queue in which all lies that waits, also what is not due', async () => {
    const { window, pile, claim, clock } = windowParts(...mixedTasks(300), ...tasksFrom(20, 5, NOW_MS + 5_000));
    for (let claims = 0; claims < 40; claims += 1) {
      const parts = window.ranges('mail').map((range) => partOf(range as Record<string, unknown>));
      expect(shown(pile.waiting.filter((task) => !parts.some((isIn) => isIn(task))))).to.deep.equal([]);
      await claim();
      await clock.advance(7);
    }
  });
});

describe('The cost of ClaimWindow', () => {
  it('is few keys for each task of a long backlog, however many earlier claims have left dead', async () => {
    const tasks = [...tasksFrom(2_000, 2, 1_000), ...tasksFrom(2_000, 3, 10_000)];
    const { pile, claimAll } = windowParts(...tasks);
    expect(await claimAll(10, 10)).to.have.length(4_000);
    // It would be 200 for each task if every find started at the head.
    expect(pile.walked / tasks.length).to.be.below(10);
  });

  it('is few keys for each look where nothing waits', async () => {
    const { pile, claimAll, claim, clock } = windowParts(...tasksFrom(2_000, 2, 1_000));
    await claimAll(100);
    const before = pile.walked;
    for (let looks = 0; looks < 200; looks += 1) {
      await clock.advance(20);
      await claim();
    }
    expect((pile.walked - before) / 200).to.be.below(100);
  });

  it('is fewer finds than claims where one claim soon follows another, and one find where none does', async () => {
    const soon = windowParts(...tasksFrom(1_000, 2, 1_000));
    await soon.claimAll(10, 1);
    expect(soon.pile.finds).to.be.below(70);
    const rare = windowParts(...tasksFrom(100, 2, 1_000));
    await rare.claim();
    await rare.clock.advance(1_000);
    await rare.claim();
    const { walked } = rare.pile;
    expect(walked).to.be.below(100);
  });

  it('grows no further where looks at all that waits take long', async () => {
    const { pile, claim, clock } = windowParts();
    pile.takesMs = 100;
    let far = 0;
    for (let looks = 0; looks < 60; looks += 1) {
      pile.add(...tasksFrom(1, 9, 1_000));
      pile.claim(pile.waiting);
      const before = pile.walked;
      await claim();
      if (pile.walked > before) far += 1;
      await clock.advance(1_000);
    }
    expect(far).to.be.within(1, 10);
  });
});
