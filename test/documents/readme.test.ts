import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { endChildren, endOf } from '../fixtures/children';
import { forMongo } from '../support/stores';
import { pageAt, startModule } from './pageProgram';

const [, first = ''] = /^```ts\n(.*?)^```$/ms.exec(pageAt('README.md')) ?? [];

/** The first program of the README, with a line after the others of the transaction that makes it fail. */
const failing = first.replace(/^(.*\{ session \}\);)\n\}\);$/m, "$1\n  throw new Error('no');\n}).catch(() => undefined);");

forMongo('The first program of the README', (opening) => {
  let folder: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'holdfast-readme-'));
  });

  afterEach(async () => {
    await endChildren();
    rmSync(folder, { recursive: true });
  });

  async function run(code: string): Promise<string> {
    const child = startModule({ folder, code, env: { MONGODB_URI: opening.url }, packages: ['mongoose'] });
    expect([await endOf(child), child.err]).to.deep.equal([{ code: 0, signal: null }, '']);
    return child.out.trim();
  }

  it('commits a document and its task together, and its worker does the task', async () => {
    expect(await run(first)).to.equal('mail about: When does it end?');
    expect(await opening.db().collection('messages').countDocuments()).to.equal(1);
  });

  it('leaves neither document nor task where its transaction fails', async () => {
    expect(failing).to.not.equal(first);
    expect(await run(failing)).to.equal('');
    expect(await opening.db().collection('messages').countDocuments()).to.equal(0);
  });
});
