import { existsSync } from 'node:fs';
import { expect } from 'chai';
import { LockLine } from '../../classes/sqlite/lockLine';
import { loadSqlite } from '../../modules/sqlite/sqliteDriver';
import type { AdderOptions } from '../fixtures/adder';
import { startFixture } from '../fixtures/children';
import { eventually } from '../support/eventually';
import { FakeClock } from '../support/fakeClock';
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

forSqlite('The line for the lock of a file', (opening) => {
  it('lets every process add, and leaves nothing behind', async () => {
    const store = await opening.open();
    const commits = await commitsOf(opening.url, opening.path);
    await store.close();
    expect(Array.from({ length: PROCESSES }, (_, by) => commits.filter((each) => each === by).length)).to.deep.equal(Array(PROCESSES).fill(ADDS));
    expect(existsSync(`${opening.path}-line`)).to.equal(false);
  });

  it('gives turns in the order in which processes came, and who had one goes to its end', async () => {
    const clock = new FakeClock();
    const [first, second, third] = [0, 1, 2].map(() => new LockLine(opening.path, clock)) as [LockLine, LockLine, LockLine];
    const lines = [first, second, third];
    // The lock was given to another process, so that each takes a ticket.
    for (const line of lines) line.noteRefused(0);
    const whose = (): number[] => lines.flatMap((line, at) => (line.waitMs() === 0 ? [at] : []));
    for (const turn of [0, 1, 2, 0, 1]) {
      expect(whose(), 'one has the turn').to.deep.equal([turn]);
      lines[turn]?.noteGiven();
      await clock.advance(20);
      expect(lines[turn]?.waitMs(), 'its turn is over').to.be.above(0);
    }
    for (const line of lines) line.close();
    expect(existsSync(`${opening.path}-line`)).to.equal(false);
  });
});
