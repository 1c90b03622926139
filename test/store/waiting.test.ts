import { once } from 'node:events';
import { rmSync, writeFileSync } from 'node:fs';
import net from 'node:net';
import type { AddressInfo } from 'node:net';
import { dirname, join } from 'node:path';
import { inspect } from 'node:util';
import { expect } from 'chai';
import { openStore } from '../../classes/store/openStore';
import { HoldfastError } from '../../modules/errors/holdfastError';
import { endChildren, runToEnd, startNode } from '../fixtures/children';
import { refusalOf } from '../support/eventually';
import { forMongo, forSqlite } from '../support/stores';

const NOWHERE = 'mongodb://127.0.0.1:1/none';

forSqlite('Opening with waitMs', (opening) => {
  it('waits until the file can be opened, and no longer than that', async () => {
    const folder = join(opening.folder, 'volume');
    writeFileSync(folder, '');
    setTimeout(() => rmSync(folder), 200);
    const store = await openStore({ url: `sqlite:${join(folder, 'tasks.db')}`, waitMs: 20_000 });
    await store.close();
  });

  it('is refused as ever once the time is over', async () => {
    const folder = join(opening.folder, 'volume');
    writeFileSync(folder, '');
    expect(await refusalOf(() => openStore({ url: `sqlite:${join(folder, 'tasks.db')}`, waitMs: 100 }))).to.include({
      code: 'HOLDFAST_FILE_UNUSABLE',
    });
  });

  it('does not wait where waiting cannot help', async () => {
    expect(await refusalOf(() => openStore({ url: 'postgres://x', waitMs: 3_600_000 }))).to.include({ code: 'HOLDFAST_URL_INVALID' });
  });
});

forMongo('Opening with waitMs', (opening) => {
  it('waits for a server that is not there yet', async () => {
    const server = new URL(opening.url.replace(/^mongodb:\/\/([^/,]+)[^/]*/, 'http://$1'));
    const forward = net.createServer((socket) => {
      const to = net.connect(Number(server.port), server.hostname);
      socket.pipe(to).pipe(socket);
      for (const end of [socket, to]) end.on('error', () => undefined);
    });
    forward.listen(0, '127.0.0.1');
    await once(forward, 'listening');
    const { port } = forward.address() as AddressInfo;
    await new Promise((resolve) => forward.close(resolve));
    setTimeout(() => forward.listen(port, '127.0.0.1'), 300);
    const url = `mongodb://127.0.0.1:${port}${server.pathname}?directConnection=true`;
    const store = await openStore({ url, waitMs: 30_000, callTimeoutMs: 500 });
    await store.close();
    forward.close();
  });
});

describe('A refusal that nobody catches', () => {
  afterEach(endChildren);

  it('is printed in five lines: what is wrong, why, and where', async () => {
    const script = `require(${JSON.stringify(dirname(dirname(__dirname)))}).openStore({ url: '${NOWHERE}', callTimeoutMs: 200 });`;
    const child = startNode('-e', [script]);
    expect((await child.ended).code).to.equal(1);
    const error = child.err.slice(child.err.indexOf('HoldfastError: '), child.err.indexOf('\n\nNode.js'));
    expect(error).to.match(/^HoldfastError: The store cannot be reached: mongodb:\/\/127\.0\.0\.1:1\/none: /);
    expect(error).to.include('ECONNREFUSED').and.to.include('(HOLDFAST_STORE_UNREACHABLE)');
    expect(error.trim().split('\n')).to.have.length.at.most(5);
  });

  it('hides a secret of its cause, and keeps the cause for the program', () => {
    const cause = new Error('no route to mongodb://user:hunter2@host/x');
    const error = new HoldfastError('HOLDFAST_STORE_UNREACHABLE', { cause });
    expect(inspect(error)).not.to.include('hunter2');
    expect(error.cause).to.equal(cause);
  });
});

forSqlite('npx holdfast seed on a full disk', (opening) => {
  afterEach(endChildren);

  it('says what it added before it ended', async function () {
    if (process.platform === 'win32') {
      process.stdout.write('a full disk skipped: Windows has no ulimit\n');
      return this.skip();
    }
    await (await opening.open()).close();
    // A limit on the size of files refuses a write as a full disk does. What measures coverage writes files as well, and stays away.
    const limited = `unset NODE_OPTIONS; ulimit -f 2000; exec "$0" "$@"`;
    const child = startNode('-e', [
      `require('node:child_process').spawnSync('bash', ['-c', ${JSON.stringify(limited)}, process.execPath, ...process.argv.slice(1)], { stdio: 'inherit' })`,
      join(dirname(dirname(dirname(__dirname))), 'index.js'),
      'seed',
      '--count=100000',
      '--kinds=slow',
      `--url=${opening.url}`,
    ]);
    await child.ended;
    const [, added] = /^Added (\d+) of 100000 tasks to the queue demo, then the store failed\n/.exec(child.err) ?? [];
    expect(Number(added), child.err).to.be.above(0);
    expect(child.err).to.include('(HOLDFAST_FILE_UNUSABLE)');
    const { out } = await runToEnd(['stats', '--json', '--url', opening.url]);
    expect((JSON.parse(out) as { total: { waiting: number } }).total.waiting).to.equal(Number(added));
  });
});
