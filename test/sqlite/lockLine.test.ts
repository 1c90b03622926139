import { existsSync } from 'node:fs';
import { expect } from 'chai';
import { loadSqlite } from '../../modules/sqlite/sqliteDriver';
import type { AdderOptions } from '../fixtures/adder';
import { startFixture } from '../fixtures/children';
import { eventually } from '../support/eventually';
import { forSqlite } from '../support/stores';

const PROCESSES = 4;
const ADDS = 200;

/** Has several processes add at the same time. Returns who added each task, in the order of the commits. */
async function commitsOf(url: string, path: string): Promise<number[]> {
  const optionsOf = (by: number): AdderOptions => ({ url, by, count: ADDS });
  const adders = Array.from({ length: PROCESSES }, (_, by) => startFixture('adder', optionsOf(by)));
  for (const adder of adders) await eventually('an adder is up', () => adder.out.includes('up'));
  for (const adder of adders) adder.process.stdin.write('go\n');
  for (const adder of adders) expect((await adder.ended).code, adder.err).to.equal(0);
  const database = new (loadSqlite())(path);
  const rows: unknown = database.prepare('SELECT payload FROM holdfast_tasks ORDER BY seq').all();
  database.close();
  return (rows as { readonly payload: string }[]).map(({ payload }) => Number(payload));
}

/** Returns the most commits of others between two of one process, up to the end of the first that has added all. */
function longestWaitIn(commits: readonly number[]): number {
  const last = Array.from({ length: PROCESSES }, (_, by) => commits.lastIndexOf(by));
  const until = commits.slice(0, Math.min(...last) + 1);
  const waits = last.flatMap((_, by) => {
    const places = until.flatMap((each, place) => (each === by ? [place] : []));
    return [-1, ...places].map((place, index) => (places[index] ?? until.length) - place - 1);
  });
  return Math.max(...waits);
}

forSqlite('The line for the lock of a file', (opening) => {
  it('lets no process wait for more commits of others than a few turns have', async () => {
    const store = await opening.open();
    const commits = await commitsOf(opening.url, opening.path);
    await store.close();
    expect(commits).to.have.lengthOf(PROCESSES * ADDS);
    // Four turns had 28 to 50 commits. Without a line, one process waited for 126 and 182.
    expect(longestWaitIn(commits)).to.be.below(ADDS / 2);
    expect(existsSync(`${opening.path}-line`)).to.equal(false);
  });
});
