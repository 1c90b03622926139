import { join } from 'node:path';
import { expect } from 'chai';
import { endChildren, startNode } from '../fixtures/children';
import type { Ending } from '../fixtures/children';
import { forEachStore, forSqlite } from '../support/stores';
import type { Opening } from '../support/stores';

const EXAMPLE = join(__dirname, '../../examples/challenges');

const TEST_MS = 240_000;

/** A table of the demonstration: the number at the end of the line with this title. */
const numberAfter = (out: string, title: string): number =>
  Number(
    out
      .split('\n')
      .find((line) => line.includes(title))
      ?.match(/(\d+) +│\s*$/)?.[1],
  );

/** Runs the demonstration with few challenges. */
async function demonstrate({ url }: Opening, ...flags: readonly string[]): Promise<Ending & { readonly out: string }> {
  const small = ['--challenges', '24', '--discussions', '4', '--seconds', '7', '--workers', '2', '--url', url];
  const child = startNode(join(EXAMPLE, 'demo.js'), [...small, ...flags]);
  const ending = await child.ended;
  return { ...ending, out: child.out + child.err };
}

forEachStore('The challenges', (opening) => {
  afterEach(endChildren);

  it('are closed once, and everybody gets the mail, while the service fails and processes are killed', async function () {
    this.timeout(TEST_MS);
    const { code, out } = await demonstrate(opening, '--kill');
    expect(code, out).to.equal(0);
    expect([numberAfter(out, 'of them closed once'), numberAfter(out, 'cancelled')], out).to.deep.equal([23, 1]);
    expect(Math.min(numberAfter(out, 'workers killed'), numberAfter(out, 'mails accepted')), out).to.be.greaterThan(0);
  });
});

forSqlite('The challenges with workers that pass over errors', (opening) => {
  afterEach(endChildren);

  it('are found out by the checker', async function () {
    this.timeout(TEST_MS);
    // Mails fail by chance: among those of so few discussions as above there may be none.
    const { code, out } = await demonstrate(opening, '--broken', '--discussions', '20');
    expect(code, out).to.equal(1);
    expect(numberAfter(out, 'PEOPLE WITHOUT THEIR MAIL'), out).to.be.greaterThan(0);
  });
});

forSqlite('A producer of the challenges', (opening) => {
  afterEach(endChildren);

  const produce = async (name: string, env: Readonly<Record<string, string>>) => {
    const child = startNode(join(EXAMPLE, 'produce.js'), [name], { env: { HOLDFAST_URL: opening.url, ...env } });
    const { code } = await child.ended;
    return { code, err: child.err };
  };

  it('ends with another code than 0 when it could not do its work, and says why', async () => {
    const { code, err } = await produce('closeSubmissions', { CHALLENGES_URL: 'http://127.0.0.1:9' });
    expect(code).to.equal(1);
    expect(err).to.match(/closeSubmissions could not do its work: .*127\.0\.0\.1/);
  });

  it('has to be known', async () => {
    expect((await produce('closeAll', {})).code).to.equal(2);
  });
});
