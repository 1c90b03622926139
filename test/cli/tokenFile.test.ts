import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { startServer } from '../../classes/server/brokerServer';
import type { BrokerServer } from '../../classes/server/brokerServer';
import { newToken } from '../../modules/server/tokens';
import { holdfast } from '../fixtures/commandLine';
import { forSqlite } from '../support/stores';

forSqlite('The token of a command on a server', (opening) => {
  const { token, hash } = newToken();
  let folder: string;
  let server: BrokerServer;
  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'holdfast-token-'));
    server = await startServer({ store: await opening.open(), port: 0, tokens: [{ name: 'one', hash, actions: ['read'], queues: '' }] });
  });
  afterEach(async () => {
    await server.close();
    rmSync(folder, { recursive: true, force: true });
  });

  const file = (name: string, content: string): string => {
    writeFileSync(join(folder, name), content);
    return join(folder, name);
  };

  const run = (words: readonly string[], env: NodeJS.ProcessEnv = {}) => holdfast(words, { env: { HOLDFAST_SERVER: server.url, ...env } });

  it('is read from a file that a flag or a variable names', async () => {
    const good = file('good', `${token}\n`);
    for (const command of [['queue', 'list'], ['stats'], ['queues'], ['top']]) {
      expect((await run([...command, '--token-file', good])).code).to.equal(0);
    }
    expect((await run(['queue', 'list'], { HOLDFAST_TOKEN_FILE: good })).code).to.equal(0);
    expect((await run(['queue', 'list'])).code).to.equal(77);
  });

  it('comes from the flag before the variable of the token, and from that before the variable of a file', async () => {
    const [good, bad] = [file('good', token), file('bad', newToken().token)];
    expect((await run(['queue', 'list', '--token-file', good], { HOLDFAST_TOKEN: 'hft_other', HOLDFAST_TOKEN_FILE: bad })).code).to.equal(0);
    expect((await run(['queue', 'list', '--token-file', bad], { HOLDFAST_TOKEN: token })).code).to.equal(77);
    expect((await run(['queue', 'list'], { HOLDFAST_TOKEN: token, HOLDFAST_TOKEN_FILE: bad })).code).to.equal(0);
  });

  it('is not looked for where a store is named', async () => {
    expect((await run(['queue', 'list', '--url', opening.url], { HOLDFAST_TOKEN_FILE: join(folder, 'none') })).code).to.equal(0);
  });

  it('is refused with a sentence, and without the text of the file, where it is none', async () => {
    const wrong: readonly (readonly [words: readonly string[], env: NodeJS.ProcessEnv, said: RegExp])[] = [
      [['--token-file', join(folder, 'none')], {}, /--token-file must be a file that can be read, got .*none, ENOENT/],
      [['--token-file', file('two', 'geheim one\ngeheim two')], {}, /--token-file must be a file that holds a token and nothing else/],
      [[], { HOLDFAST_TOKEN_FILE: file('empty', '\n') }, /HOLDFAST_TOKEN_FILE must be a file that holds a token/],
      [[], { HOLDFAST_TOKEN: 'geheim\n' }, /HOLDFAST_TOKEN must be a token, without blanks/],
    ];
    for (const [words, env, said] of wrong) {
      const { code, out, err } = await run(['queue', 'list', ...words], env);
      expect([code, out]).to.deep.equal([2, '']);
      expect(err).to.match(said).and.to.not.include('geheim');
    }
  });
});
