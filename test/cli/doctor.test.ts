import { expect } from 'chai';
import { Broker } from '../../classes/broker/broker';
import { Queue } from '../../classes/queue/queue';
import { Worker } from '../../classes/worker/worker';
import type { Finding } from '../../modules/ports/examination';
import { loadDriver } from '../../modules/sqlite/sqliteDriver';
import { Proxy } from '../failover/proxy';
import { holdfast } from '../fixtures/commandLine';
import { forEachStore, forMongo, forSqlite } from '../support/stores';

/** Time that the proxy holds each request and each answer. */
const ONE_WAY_MS = 40;

const findings = (out: string): Map<string, Finding> => new Map((JSON.parse(out) as Finding[]).map((one) => [one.check, one]));

forEachStore('holdfast', (opening) => {
  const run = (...words: string[]) => holdfast([...words, '-o', 'json'], { env: { HOLDFAST_URL: opening.url } });

  it('doctor finds that nobody serves what is due, and ends with 1; and nothing wrong with a store that is served', async () => {
    const store = await opening.open();
    const queue = new Queue(store, 'mail');
    await queue.add('welcome', null);
    const alone = await run('doctor');
    expect([alone.code, alone.err]).to.deep.equal([1, '']);
    expect(findings(alone.out).get('processes')).to.deep.include({ level: 'bad' });
    const worker = new Worker(store, { queues: ['mail'], handlers: { welcome: () => 1 } });
    await worker.start();
    const served = await run('doctor');
    const found = findings(served.out);
    expect([...found.values()].filter(({ level }) => level === 'bad')).to.deep.equal([]);
    expect(served.code).to.equal(0);
    expect([...found.keys()]).to.include.members(['schema', 'indexes', 'durability', 'round trip', 'clock', 'claim', 'processes', 'memory']);
    await worker.stop();
  });

  it('doctor takes no fault at messages that no process of the store receives', async () => {
    const store = await opening.open();
    const broker = new Broker(store);
    await broker.createQueue('orders.eu');
    await broker.send('orders.eu', { body: 1 });
    await broker.close();
    const served = findings((await run('doctor')).out).get('processes');
    expect(served?.text).to.not.include('orders.eu');
    expect(served?.level).to.equal('ok');
    await new Queue(store, 'mail').add('welcome', null);
    expect(findings((await run('doctor')).out).get('processes')?.text).to.match(/nobody takes, in mail$/);
  });

  it('db check and db migrate say which version the schema has', async () => {
    await (await opening.open()).close();
    expect((await run('db', 'check')).code).to.equal(0);
    const { code, out } = await run('db', 'migrate');
    const { from, to } = JSON.parse(out) as { from: number; to: number };
    expect([code, from]).to.deep.equal([0, to]);
    expect(JSON.parse((await run('db', 'prune')).out)).to.deep.equal({ pruned: 0 });
  });
});

forSqlite('holdfast', (opening) => {
  it('db migrate makes a store where there is none, and db check finds a missing index', async () => {
    const run = (...words: string[]) => holdfast([...words, '-o', 'json'], { env: { HOLDFAST_URL: opening.url } });
    expect((await run('db', 'check')).code).to.equal(69);
    expect(JSON.parse((await run('db', 'migrate')).out)).to.deep.include({ from: 0 });
    const { DatabaseSync } = loadDriver();
    const database = new DatabaseSync(opening.path);
    database.exec('DROP INDEX holdfast_tasks_claim');
    database.close();
    const { code, out } = await run('db', 'check');
    expect(code).to.equal(1);
    expect(findings(out).get('indexes')).to.deep.include({ level: 'bad' });
    expect(findings(out).get('indexes')?.text).to.include('holdfast_tasks_claim');
  });
});

forMongo('holdfast', (opening) => {
  it('doctor tells how long the server takes, and as the bound of its clock half of that', async () => {
    await (await opening.open()).close();
    const { port } = new URL(opening.url);
    const proxy = await Proxy.to(Number(port));
    proxy.slowBy(ONE_WAY_MS);
    const { pathname } = new URL(opening.url);
    const { out } = await holdfast(['doctor', '-o', 'json'], { env: { HOLDFAST_URL: proxy.uri(pathname.slice(1)) } });
    await proxy.close();
    const [, tripMs] = /answers in (\d+) ms/.exec(findings(out).get('round trip')?.text ?? '') ?? [];
    const [, boundMs] = /± (\d+) ms/.exec(findings(out).get('clock')?.text ?? '') ?? [];
    // A timer may end a millisecond early.
    expect(Number(tripMs)).to.be.at.least(2 * ONE_WAY_MS - 2);
    expect(Number(boundMs)).to.be.at.least(ONE_WAY_MS - 1);
  });

  it('doctor tells a dropped index, which opening the store would make again', async () => {
    const run = (...words: string[]) => holdfast([...words, '-o', 'json'], { env: { HOLDFAST_URL: opening.url } });
    await (await opening.open()).close();
    await opening.db().collection('holdfast_tasks').dropIndex('holdfast_claim');
    const { code, out } = await run('doctor');
    expect(code).to.equal(1);
    expect(findings(out).get('indexes')?.text).to.include('holdfast_tasks.holdfast_claim');
    expect((await run('db', 'check')).code).to.equal(0);
  });
});
