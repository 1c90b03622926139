import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { openStore } from '../../classes/store/openStore';
import { Queue } from '../../classes/queue/queue';
import { loadSqlite } from '../../modules/sqlite/sqliteDriver';
import { allOf } from '../failover/load';
import { endChildren, endOf, runToEnd, startFixture } from '../fixtures/children';
import type { CommitsLine } from '../fixtures/commits';
import { eventually } from '../support/eventually';
import { forSqlite } from '../support/stores';

/** Number of tasks that another process has added before the backup, and number that it adds while or after it is written. */
const BEFORE = 200;
const MEANWHILE = 50;

forSqlite('holdfast backup', (opening) => {
  afterEach(endChildren);

  const at = (name: string): string => join(opening.folder, name);

  const run = (...given: string[]) => runToEnd(['backup', ...given], { cwd: opening.folder, env: { HOLDFAST_URL: opening.url } });

  const make = async (payload: object): Promise<void> => {
    const store = await opening.open();
    await new Queue(store, 'mail').add('welcome', payload);
    await store.close();
  };

  /** Returns the numbers of the tasks that the other process was told to be stored. */
  const accepted = (): number[] => {
    const lines = existsSync(at('lines')) ? readFileSync(at('lines'), 'utf8').split('\n').slice(0, -1) : [];
    return lines.map((line) => JSON.parse(line) as CommitsLine).flatMap((line) => (line.kind === 'accepted' ? [line.n] : []));
  };

  it('written while another process adds and runs tasks is a store with every task acknowledged before it began', async () => {
    const other = startFixture('commits', { url: opening.url, file: at('lines'), from: 0, leaseMs: 30_000 });
    await eventually('tasks are there', () => accepted().length >= BEFORE);
    const before = accepted();
    const { code, out, err } = await run('copy.db');
    expect([code, err]).to.deep.equal([0, '']);
    expect(out).to.match(/^Wrote \d+ bytes to copy\.db\n$/);
    const written = accepted().length;
    await eventually('the other process goes on', () => accepted().length >= written + MEANWHILE);
    other.kill('SIGKILL');
    await endOf(other);
    expect(readdirSync(opening.folder).filter((name) => name.startsWith('copy.db'))).to.deep.equal(['copy.db']);
    expect(integrityOf(at('copy.db'))).to.equal('ok');
    const store = await openStore(`sqlite:${at('copy.db')}`);
    try {
      const kept = new Set((await allOf(new Queue(store, 'load'))).map(({ payload }) => (payload as { n: number }).n));
      expect(before.filter((n) => !kept.has(n))).to.deep.equal([]);
    } finally {
      await store.close();
    }
  });

  it('is of a store with another prefix, too, if the prefix is named', async () => {
    const store = await opening.open({ prefix: 'jobs_' });
    const { id } = await new Queue(store, 'mail').add('welcome', {});
    expect((await run('copy.db', '--prefix', 'jobs_')).code).to.equal(0);
    const copy = await openStore({ url: `sqlite:${at('copy.db')}`, prefix: 'jobs_' });
    try {
      expect(await new Queue(copy, 'mail').get(id)).to.deep.include({ state: 'waiting' });
    } finally {
      await copy.close();
    }
  });

  it('is refused with 2 over a file that exists, which keeps what it has', async () => {
    await make({});
    writeFileSync(at('copy.db'), 'the old one');
    const { code, out, err } = await run('copy.db');
    expect([code, out]).to.deep.equal([2, '']);
    expect(err).to.match(/^A backup is not written over a file that exists: copy\.db\. .*HOLDFAST_BACKUP_EXISTS\)$/m);
    expect(readFileSync(at('copy.db'), 'utf8')).to.equal('the old one');
  });

  it('is refused with 2 for a store on MongoDB, which is not asked', async () => {
    const { code, out, err } = await run('copy.db', '--url', 'mongodb://127.0.0.1:1/tasks');
    expect([code, out]).to.deep.equal([2, '']);
    expect(err).to.match(/mongodump.*HOLDFAST_BACKUP_OF_MONGODB\)$/m);
    expect(readdirSync(opening.folder)).to.deep.equal([]);
  });

  it('is refused with 69 where no file is, and makes none', async () => {
    const { code, out, err } = await run('copy.db', '--url', 'sqlite:./none/tasks.db');
    expect([code, out]).to.deep.equal([69, '']);
    expect(err).to.match(/: \.\/none\/tasks\.db: there is no such file\. .*HOLDFAST_FILE_UNUSABLE\)$/m);
    expect(readdirSync(opening.folder)).to.deep.equal([]);
  });

  it('is refused with 69 where the file is that of another application, or none of SQLite', async () => {
    const Driver = loadSqlite();
    const others = new Driver(at('others.db'));
    others.exec('CREATE TABLE orders (id INTEGER)');
    others.close();
    writeFileSync(at('text'), 'not a database, but longer than the head of one. '.repeat(10));
    for (const [name, code] of [
      ['others.db', 'HOLDFAST_STORE_MISSING'],
      ['text', 'HOLDFAST_FILE_UNUSABLE'],
    ] as const) {
      const refused = await run('copy.db', '--url', `sqlite:./${name}`);
      expect([refused.code, refused.out]).to.deep.equal([69, '']);
      expect(refused.err).to.match(new RegExp(`\\./${name.replace('.', '\\.')}.*\\(${code}\\)$`, 'm'));
    }
    expect(readdirSync(opening.folder).sort()).to.deep.equal(['others.db', 'text']);
  });

  it('is refused with 69 where the new file cannot be written, and leaves nothing behind', async () => {
    await make({});
    const others = (): string[] => readdirSync(opening.folder).filter((name) => !name.startsWith('tasks.db'));
    const { code, out, err } = await run('none/copy.db');
    expect([code, out]).to.deep.equal([69, '']);
    expect(err).to.match(/: none\/copy\.db: .*HOLDFAST_FILE_UNUSABLE\)$/m);
    expect(others()).to.deep.equal([]);
  });
});

/** Asks SQLite itself whether a file is whole. */
function integrityOf(path: string): unknown {
  const Driver = loadSqlite();
  const database = new Driver(path, { readOnly: true });
  try {
    return (database.prepare('PRAGMA integrity_check').get() as { integrity_check: string }).integrity_check;
  } finally {
    database.close();
  }
}
