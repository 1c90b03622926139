import { expect } from 'chai';
import Fastify from 'fastify';
import { ACTIONS } from '../../constants/serverLimits';
import type { Action } from '../../constants/serverLimits';
import { brokerPlugin, newToken, startServer } from '../../classes/server/server';
import type { TokenArguments } from '../../classes/server/server';
import { refusalOf } from '../support/eventually';
import { forSqlite } from '../support/stores';
import { Servers } from './client';
import type { Answer, Call, Client } from './client';

/** Who may call each route. A route that is missing here fails the test. */
const RULES: Readonly<Record<string, 'everybody' | 'known' | 'signed' | Action>> = {
  'GET /livez': 'everybody',
  'GET /readyz': 'everybody',
  'GET /': 'known',
  'GET /plain': 'read',
  'POST /plain/queues/:queue/send': 'produce',
  'POST /plain/queues/:queue/redrive': 'admin',
  'POST /plain/queues/:queue/purge': 'admin',
  'GET /assets/*': 'known',
  'GET /docs': 'known',
  'GET /docs/json': 'known',
  'GET /docs/yaml': 'known',
  'GET /docs/static/index.html': 'known',
  'GET /docs/static/swagger-initializer.js': 'known',
  'GET /docs/static/*': 'known',
  'GET /v1/queues': 'read',
  'PUT /v1/queues/:queue': 'admin',
  'PATCH /v1/queues/:queue': 'admin',
  'GET /v1/queues/:queue': 'read',
  'DELETE /v1/queues/:queue': 'admin',
  'GET /v1/queues/:queue/stats': 'read',
  'POST /v1/queues/:queue/purge': 'admin',
  'POST /v1/queues/:queue/pause': 'admin',
  'POST /v1/queues/:queue/resume': 'admin',
  'POST /v1/queues/:queue/messages': 'produce',
  'GET /v1/queues/:queue/messages': 'read',
  'POST /v1/queues/:queue/receive': 'consume',
  'POST /v1/queues/:queue/ack': 'consume',
  'POST /v1/queues/:queue/extend': 'consume',
  'POST /v1/queues/:queue/release': 'consume',
  'POST /v1/queues/:queue/dead-letter': 'consume',
  'GET /v1/queues/:queue/dead-letters': 'read',
  'POST /v1/queues/:queue/dead-letters/redrive': 'admin',
  'POST /v1/queues/:queue/dead-letters/purge': 'admin',
  'GET /v1/admin/session': 'known',
  'GET /v1/admin/overview': 'read',
  'GET /v1/admin/queues': 'read',
  'GET /v1/admin/queues/:queue': 'read',
  'POST /v1/admin/queues/:queue/pause': 'admin',
  'POST /v1/admin/queues/:queue/resume': 'admin',
  'POST /v1/admin/queues/:queue/purge': 'admin',
  'POST /v1/admin/queues/:queue/redrive': 'admin',
  'GET /v1/admin/tasks': 'read',
  'GET /v1/admin/tasks/count': 'read',
  'GET /v1/admin/tasks/suggest': 'read',
  'GET /v1/admin/batches': 'read',
  'GET /v1/admin/batches/:id': 'read',
  'POST /v1/admin/batches': 'admin',
  'POST /v1/admin/batches/:id/stop': 'admin',
  'GET /v1/admin/stream': 'read',
  'GET /v1/admin/tasks/:id': 'read',
  'GET /v1/admin/queues/:queue/tasks/:id': 'read',
  'POST /v1/admin/queues/:queue/tasks': 'admin',
  'POST /v1/admin/queues/:queue/tasks/:id/retry': 'admin',
  'POST /v1/admin/queues/:queue/tasks/:id/run-now': 'admin',
  'POST /v1/admin/queues/:queue/tasks/:id/cancel': 'admin',
  'POST /v1/admin/queues/:queue/tasks/:id/remove': 'admin',
  'POST /v1/admin/queues/:queue/tasks/:id/redrive': 'admin',
  'POST /v1/admin/queues/:queue/tasks/:id/copy': 'admin',
  'GET /v1/admin/processes': 'read',
  'POST /v1/admin/processes/:id/drain': 'admin',
  'GET /v1/admin/failures': 'read',
  'GET /v1/admin/failures/:group': 'read',
  'GET /v1/admin/schedules': 'read',
  'GET /v1/admin/schedules/:id/next': 'read',
  'PUT /v1/admin/schedules/:id': 'admin',
  'POST /v1/admin/schedules/:id/run-now': 'admin',
  'POST /v1/admin/schedules/:id/pause': 'admin',
  'POST /v1/admin/schedules/:id/resume': 'admin',
  'DELETE /v1/admin/schedules/:id': 'admin',
  'GET /v1/admin/statistics': 'read',
  'POST /': 'signed',
  'POST /:account(^\\d{12}$)/:queue': 'signed',
};

/** Routes of all queues at once: a token that is for some of them is refused. */
const OF_ALL: ReadonlySet<string> = new Set(['POST /v1/admin/processes/:id/drain', 'GET /v1/admin/statistics']);

const tokens = Object.fromEntries([...ACTIONS, 'other', 'all'].map((name) => [name, newToken()]));
const hashOf = (name: string): string => tokens[name]?.hash ?? '';
const entries: readonly TokenArguments[] = [
  ...ACTIONS.map((action) => ({ name: action, hash: hashOf(action), actions: [action], queues: 'shop.' })),
  { name: 'other', hash: hashOf('other'), queues: 'other.' },
  { name: 'all', hash: hashOf('all') },
];

const bearer = (name: string): Call => ({ headers: { authorization: `Bearer ${tokens[name]?.token ?? ''}` } });

const callOf = (client: Client, route: string, call: Call): Promise<Answer> => {
  const [method = '', path = ''] = route.split(' ');
  if (path.endsWith('/stream')) return client.beginning(path, call);
  return client.call(method, path.replace(':queue', 'shop.orders').replace('*', 'index.css'), call);
};

const isRefused = ({ status, body }: Answer): boolean =>
  [401, 403].includes(status) && ['token_missing', 'token_unknown', 'not_allowed'].includes(body['code'] ?? '');

forSqlite('Access to the broker', (opening) => {
  const servers = new Servers(opening);
  afterEach(() => servers.close());

  it('has a rule in this test for each route', async () => {
    const app = Fastify();
    const routes: string[] = [];
    app.addHook('onRoute', ({ method, url }) => void routes.push(...[method].flat().map((each) => `${each} ${url}`)));
    await app.register(brokerPlugin, { store: await opening.open() });
    await app.close();
    // The page has files where it is built.
    const isListed = (route: string): boolean => !route.startsWith('HEAD ') && route !== 'GET /assets/*';
    expect([...new Set(routes.filter(isListed))]).to.have.members(Object.keys(RULES).filter(isListed));
  });

  for (const [route, rule] of Object.entries(RULES)) {
    // Requests of SQS are checked by what they sign: see test/sqs.
    if (rule === 'signed') continue;
    it(`${route} is for ${rule}`, async () => {
      const client = await servers.start({ tokens: entries });
      const others = ACTIONS.filter((action) => action !== rule);
      const strangers: [string, Call][] = [
        ['no token', {}],
        ['an unknown token', { headers: { authorization: `Bearer ${newToken().token}` } }],
        ['a token in the query', { headers: {} }],
        ['the hash', { headers: { authorization: `Bearer ${hashOf('admin')}` } }],
      ];
      const known: [string, Call][] = others.map((action) => [action, bearer(action)]);
      for (const [who, call] of strangers) expect(isRefused(await callOf(client, route, call)), who).to.equal(rule !== 'everybody');
      for (const [who, call] of known) expect(isRefused(await callOf(client, route, call)), who).to.equal(rule !== 'everybody' && rule !== 'known');
      if (rule === 'everybody' || rule === 'known') return;
      expect(isRefused(await callOf(client, route, bearer(rule))), rule).to.equal(OF_ALL.has(route));
      expect(isRefused(await callOf(client, route, bearer('all'))), 'a token for all').to.equal(false);
      // The page and the list show what the token is for; all other routes name a queue.
      if (route.includes(':queue')) expect(isRefused(await callOf(client, route, bearer('other'))), 'a token for other queues').to.equal(true);
    });
  }

  it('lists and shows a token the queues that it is for, and no others', async () => {
    const client = await servers.start({ tokens: entries, queues: [{ name: 'shop.orders' }, { name: 'mail' }] });
    const list = await client.get('/v1/queues', bearer('read'));
    expect((list.body['queues'] as unknown as { name: string }[]).map(({ name }) => name)).to.deep.equal(['shop.orders']);
    expect((await client.get('/v1/queues?prefix=mail', bearer('read'))).status).to.equal(403);
    const page = await client.get('/plain/', bearer('read'));
    expect(page.text).to.include('shop.orders').and.not.include('mail');
    expect((await client.get('/plain/?queue=mail', bearer('read'))).status).to.equal(403);
  });

  it('gives a token no way to another queue by a dead-letter queue', async () => {
    const client = await servers.start({
      tokens: entries,
      queues: [{ name: 'shop.orders', attributes: { deadLetterQueue: 'mail' } }, { name: 'mail' }],
    });
    const admin = bearer('admin');
    expect((await client.call('PUT', '/v1/queues/shop.new', { ...admin, json: { attributes: { deadLetterQueue: 'mail' } } })).status).to.equal(403);
    expect((await client.call('PATCH', '/v1/queues/shop.orders', { ...admin, json: { attributes: { deadLetterQueue: 'mail' } } })).status).to.equal(
      403,
    );
    expect((await client.get('/v1/queues/shop.orders/dead-letters', bearer('read'))).status).to.equal(403);
    expect((await client.call('POST', '/v1/queues/shop.orders/dead-letters/purge', admin)).status).to.equal(403);
    expect((await client.get('/plain/?queue=shop.orders&state=dead', bearer('read'))).status).to.equal(403);
  });

  it('takes a token as the password of a browser, and asks for one on the page', async () => {
    const client = await servers.start({ tokens: entries });
    const asked = await client.get('/');
    expect([asked.status, asked.headers['www-authenticate']]).to.deep.equal([401, 'Basic realm="holdfast", charset="UTF-8"']);
    const basic = Buffer.from(`me:${tokens['read']?.token}`).toString('base64');
    expect((await client.get('/', { headers: { authorization: `Basic ${basic}` } })).status).to.equal(200);
  });

  it('keeps no token, only its hash', () => {
    const { token, hash } = newToken();
    expect(Buffer.from(token.slice('hft_'.length), 'base64url')).to.have.length(32);
    expect(hash).to.match(/^[0-9a-f]{64}$/);
    expect(JSON.stringify(entries)).to.not.include(tokens['admin']?.token);
  });

  it('refuses to listen where other machines reach it without a token', async () => {
    const store = await opening.open();
    for (const host of ['0.0.0.0', '::', '192.0.2.1', 'example.org']) {
      expect(await refusalOf(() => startServer({ store, port: 0, host }))).to.include({ code: 'HOLDFAST_SERVER_OPEN' });
    }
    const open = await startServer({ store, port: 0, host: '0.0.0.0', insecureNoAuth: true });
    await open.close();
    const guarded = await startServer({ store, port: 0, host: '0.0.0.0', tokens: entries });
    await guarded.close();
  });

  it('answers to addresses, to localhost and to the names that are listed', async () => {
    const client = await servers.start({ allowedHosts: ['broker.test'] });
    const statusFor = async (host: string): Promise<number> => (await client.get('/v1/queues', { headers: { host } })).status;
    for (const host of ['127.0.0.1:9324', 'localhost', '[::1]:80', '10.1.2.3', 'broker.test:80', 'BROKER.test'])
      expect(await statusFor(host), host).to.equal(200);
    for (const host of ['evil.example', 'broker.test.evil.example', '127.0.0.1.evil.example', 'localhost.evil.example', 'x[::1]']) {
      expect(await statusFor(host), host).to.equal(421);
    }
  });

  it('takes no write from a page of another origin', async () => {
    const client = await servers.start();
    const statusWith = async (headers: Record<string, string>): Promise<number> => (await client.call('PUT', '/v1/queues/a', { headers })).status;
    const { host } = new URL(client.url);
    for (const headers of [{}, { origin: client.url }, { origin: client.url, 'sec-fetch-site': 'same-origin' }, { 'sec-fetch-site': 'none' }]) {
      expect(await statusWith(headers), JSON.stringify(headers)).to.be.lessThan(300);
    }
    for (const headers of [
      { origin: 'null' },
      { origin: 'http://evil.example' },
      { origin: `http://${host}0` },
      { 'sec-fetch-site': 'cross-site' },
      { 'sec-fetch-site': 'same-site' },
      { origin: client.url, 'sec-fetch-site': 'cross-site' },
    ]) {
      expect(await statusWith(headers), JSON.stringify(headers)).to.equal(403);
    }
  });
});
