import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { Queue } from '../../classes/queue/queue';
import { Scheduler } from '../../classes/schedule/scheduler';
import type { Store } from '../../classes/store/store';
import { occurrenceId } from '../../modules/schedule/schedule';
import type { Schedule } from '../../modules/schedule/schedule';
import { endChildren, startFixture } from '../fixtures/children';
import type { Child } from '../fixtures/children';
import { eventually } from '../support/eventually';
import { forEachStore } from '../support/stores';

const SECOND = 1_000;
const SCHEDULES = 100;
const OCCURRENCES = 8;
/** One process lives, so that none is missed, however slow the machine is. */
const LIVING = 1;
const KILLED = 2;
const KILLS = 8;
const TEST_MS = 180_000;

forEachStore('Schedules under kills', (opening) => {
  afterEach(endChildren);

  /** Stores schedules of every second that begin together. Returns the ids of all tasks that they are to add. */
  const storeMany = async (store: Store, from: number): Promise<string[]> => {
    const scheduler = new Scheduler(store);
    const bounds = { startAt: new Date(from), endAt: new Date(from + (OCCURRENCES - 1) * SECOND) };
    const names = Array.from({ length: SCHEDULES }, (_, n) => `s${n}`);
    await Promise.all(names.map((name) => scheduler.upsert(name, { queue: 'tick', cron: '* * * * * *', misfire: 'skip', ...bounds })));
    const seeds = await Promise.all(names.map(async (name) => ((await store.parts.schedules.find(name)) as Schedule).seed));
    const times = Array.from({ length: OCCURRENCES }, (_, n) => from + n * SECOND);
    return seeds.flatMap((seed) => times.map((at) => occurrenceId(seed, at))).sort();
  };

  const addedIn = async (queue: Queue): Promise<string[]> => {
    const ids: string[] = [];
    for (let after: string | null | undefined; after !== null;) {
      const page = await queue.list({ limit: 1_000, ...(after === undefined ? {} : { after }) });
      ids.push(...page.tasks.map(({ id }) => id));
      after = page.next;
    }
    return ids.sort();
  };

  it(`lose and double nothing, and skip nothing as missed: ${SCHEDULES} of every second, a kill a second`, async function () {
    this.timeout(TEST_MS);
    const folder = mkdtempSync(join(tmpdir(), 'holdfast-kills-'));
    const store = await opening.open();
    const start = (): Child => startFixture('scheduleWorker', { url: opening.url, file: join(folder, 'runs') });
    const children = Array.from({ length: LIVING + KILLED }, start);
    await eventually('all are ready', () => children.every(({ out }) => out.includes('ready')));
    const wanted = await storeMany(store, Math.ceil(Date.now() / SECOND) * SECOND + 2 * SECOND);
    for (let kills = 0; kills < KILLS; kills += 1) {
      await new Promise((resolve) => setTimeout(resolve, SECOND));
      const place = LIVING + (kills % KILLED);
      children[place]?.kill('SIGKILL');
      children[place] = start();
    }
    const queue = new Queue(store, 'tick');
    const isOver = async (): Promise<boolean> =>
      (await store.parts.schedules.list(1_000)).every(({ nextMs, pending }) => nextMs === null && pending.length === 0);
    await eventually('no occurrence is left', isOver, TEST_MS / 2);
    expect(await addedIn(queue)).to.deep.equal(wanted);
    // Whoever still runs writes into it.
    await endChildren();
    rmSync(folder, { recursive: true, force: true });
  });
});
