import type { AddressInfo } from 'node:net';
import { createServer } from 'node:http';
import type { RequestListener, Server } from 'node:http';
import { expect } from 'chai';
import Fastify from 'fastify';
import { Queue } from '../../classes/queue/queue';
import { brokerHandler, brokerPlugin, newToken } from '../../classes/server/server';
import { refusalOf } from '../support/eventually';
import { forSqlite } from '../support/stores';
import { Client, Servers } from './client';

/** Express has no types here. */
type Express = { (): RequestListener & { use(...given: unknown[]): void } } & { json(): unknown };
const EXPRESS = 'express';

forSqlite('The admin API in a server of yours', (opening) => {
  const servers = new Servers(opening);
  const listening: Server[] = [];
  afterEach(async () => {
    await servers.close();
    await Promise.all(listening.splice(0).map((server) => new Promise((resolve) => server.close(resolve))));
  });

  async function listen(handler: RequestListener): Promise<Client> {
    const server = createServer(handler).listen(0, '127.0.0.1');
    listening.push(server);
    await new Promise((resolve) => server.once('listening', resolve));
    return new Client(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  }

  it('works in Express under a path, also behind its parser of bodies, and leads to the page with its slash', async () => {
    const store = await opening.open();
    const { handler, close } = await brokerHandler({ store, allowWrites: true });
    const { default: express } = (await import(EXPRESS)) as { readonly default: Express };
    const app = express();
    app.use(express.json());
    app.use('/ops', handler);
    const client = await listen(app);
    expect((await client.get('/ops')).headers['location']).to.equal('ops/');
    expect((await client.get('/ops/')).headers['content-type']).to.include('text/html');
    const added = await client.post('/ops/v1/admin/queues/a/tasks', { name: 'x', payload: { n: 1 } });
    expect([added.status, (await new Queue(store, 'a').get(String(added.body['id'])))?.payload]).to.deep.equal([201, { n: 1 }]);
    expect((await client.get('/ops/plain')).headers['location']).to.equal('plain/');
    await close();
  });

  it('works behind a base path that stays in the URL', async () => {
    const store = await opening.open();
    const { handler, close } = await brokerHandler({ store, basePath: '/a/ops/' });
    const client = await listen(handler);
    expect((await client.get('/a/ops')).headers['location']).to.equal('ops/');
    expect((await client.get('/a/ops/v1/admin/session')).body).to.deep.include({ canWrite: false, readOnly: true });
    expect((await client.get('/elsewhere')).status).to.equal(404);
    await close();
    expect(await refusalOf(() => brokerHandler({ store, basePath: 'ops' }))).to.include({
      code: 'HOLDFAST_OPTION_INVALID',
      field: 'server.basePath',
    });
  });

  it('asks authorize who calls, and shows and allows no more than that user may', async () => {
    const store = await opening.open();
    for (const name of ['mail', 'billing']) await new Queue(store, name).add('x', name);
    const app = Fastify();
    await app.register(brokerPlugin, {
      ...{ prefix: '/ops', store },
      authorize: ({ headers }) => {
        const { user } = headers;
        return typeof user === 'string' ? { user, may: (action, queue) => queue === 'mail' && (action === 'read' || user === 'ada') } : null;
      },
    });
    const client = new Client(await app.listen({ port: 0, host: '127.0.0.1' }));
    const as = (user: string) => ({ headers: { user } });
    expect([(await client.get('/ops/v1/admin/overview')).status, (await client.get('/ops/v1/admin/overview')).body['code']]).to.deep.equal([
      401,
      'login_needed',
    ]);
    expect((await client.get('/ops/v1/admin/session', as('bea'))).body).to.deep.include({ user: 'bea', canWrite: false });
    expect((await client.get('/ops/v1/admin/session', as('ada'))).body).to.deep.include({ user: 'ada', canWrite: true, readOnly: false });
    const { text } = await client.get('/ops/v1/admin/overview', as('bea'));
    expect(text).to.include('mail').and.not.include('billing');
    expect((await client.get('/ops/v1/admin/tasks', as('bea'))).text)
      .to.include('mail')
      .and.not.include('billing');
    expect((await client.get('/ops/v1/admin/queues/billing', as('ada'))).status).to.equal(403);
    expect((await client.post('/ops/v1/admin/queues/mail/pause', {}, as('bea'))).status).to.equal(403);
    expect((await client.post('/ops/v1/admin/queues/mail/pause', {}, as('ada'))).status).to.equal(200);
    const batch = await client.post('/ops/v1/admin/batches', { action: 'cancel', q: 'state:waiting', by: 'somebody else' }, as('ada'));
    expect(batch.body).to.deep.include({ by: 'ada', within: ['mail'] });
    await app.close();
  });

  it('is read-only unless writes are allowed, takes no write from another page, and no token in a URL', async () => {
    const client = await servers.start();
    await new Queue(client.store, 'a').add('x', 1);
    const refused = await client.post('/v1/admin/queues/a/pause');
    expect([refused.status, refused.body['code']]).to.deep.equal([403, 'writes_disabled']);
    const open = await servers.start({ allowWrites: true });
    const crossed = await open.post('/v1/admin/queues/a/pause', {}, { headers: { origin: 'http://evil.example' } });
    expect([crossed.status, crossed.body['code']]).to.deep.equal([403, 'cross_origin']);
    for (const query of ['token=a', 'access_token=a', `q=${newToken().token}`]) {
      const told = await open.get(`/v1/admin/overview?${query}`);
      expect([told.status, told.body['code']], query).to.deep.equal([400, 'token_in_url']);
    }
  });

  it('serves the page under a strict policy, and the plain one below it', async () => {
    const client = await servers.start();
    const { text, headers } = await client.get('/');
    expect(headers['content-security-policy']).to.include("default-src 'none'").and.not.include('unsafe');
    expect(text).to.not.match(/<script>|\son\w+=|\sstyle=/i);
    for (const [, asset = ''] of text.matchAll(/(?:src|href)="(assets\/[^"]+)"/g)) {
      const file = await client.get(`/${asset}`);
      expect([file.status, file.headers['cache-control']], asset).to.deep.equal([200, 'public, max-age=31536000, immutable']);
    }
    expect((await client.get('/assets/../../package.json')).status).to.equal(404);
    expect((await client.get('/plain/')).text).to.include('Holdfast broker');
  });

  it('shows the last picture with its age while the store is away, and says 503 to all else', async () => {
    const client = await servers.start();
    await new Queue(client.store, 'a').add('x', 1);
    await client.get('/v1/admin/overview');
    await client.store.close();
    const picture = await client.get('/v1/admin/overview');
    expect(picture.status).to.equal(200);
    const away = await client.get('/v1/admin/tasks');
    expect([away.status, away.body['code'], typeof away.body['ageSeconds']]).to.deep.equal([503, 'store_unavailable', 'number']);
  });

  it('ends its streams when it closes', async () => {
    const client = await servers.start();
    const ended = new Promise((resolve) => client.begin('GET', '/v1/admin/stream', {}, (response) => response.resume().once('end', resolve)));
    await new Promise((resolve) => setTimeout(resolve, 200));
    await client.server.close();
    await ended;
  });
});
