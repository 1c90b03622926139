import { expect } from 'chai';
import { guardedAgent } from '../../classes/http/guardedAgent';
import { httpPeers } from '../../classes/http/httpPeers';
import { httpClient } from '../../classes/http/http';
import type { HttpClient, HttpError, HttpOptions } from '../../classes/http/http';
import { retryOf } from '../../modules/task/handlerErrors';
import { refusalOf } from '../support/eventually';
import { answer, json, WebServer } from './webServer';

type Lookup = NonNullable<HttpOptions['lookup']>;

/** A name service that knows some names, of which one may change its mind. */
const names =
  (known: Readonly<Record<string, string | string[]>>): Lookup =>
  (name, _options, done) => {
    const addresses = [known[name] ?? []].flat();
    done(
      addresses.length > 0 ? null : new Error('unknown'),
      addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 })),
    );
  };

describe('The guard against addresses that are not public', () => {
  const clients: HttpClient[] = [];
  let server: WebServer;
  let other: WebServer;

  beforeEach(async () => {
    server = await WebServer.start(json('inside'));
    other = await WebServer.start(json('there'));
  });

  afterEach(async () => {
    for (const client of clients.splice(0)) await client.close();
    await server.close();
    await other.close();
  });

  const open = (options: Partial<HttpOptions> = {}): HttpClient => {
    const client = httpClient(options);
    clients.push(client);
    return client;
  };

  const refused = async (client: HttpClient, url: string): Promise<HttpError> => {
    const error = (await refusalOf(() => client.request({ url }))) as HttpError;
    expect([error.code, retryOf(error)], url).to.deep.equal(['HOLDFAST_ADDRESS_REFUSED', 'never']);
    expect(server.seen).to.have.length(0);
    return error;
  };

  for (const host of [
    '127.0.0.1',
    '2130706433',
    '0x7f.1',
    '0177.0.0.1',
    '127.1',
    '0.0.0.0',
    '0',
    '[::1]',
    '[::]',
    '[::ffff:127.0.0.1]',
    '[64:ff9b::7f00:1]',
  ])
    it(`refuses http://${host}/`, async () => void (await refused(open(), `http://${host}:${server.port}/`)));

  for (const host of ['169.254.169.254', '10.0.0.1', '192.168.0.1', '100.64.0.1', '[fe80::1]', '[fd00::1]'])
    it(`refuses http://${host}/, and connects to nobody`, async () => void (await refused(open(), `http://${host}/latest/meta-data`)));

  it('refuses a name that resolves to such an address, in every form', async () => {
    for (const address of ['127.0.0.1', '::1', '::ffff:127.0.0.1', '64:ff9b::7f00:1', '169.254.169.254', 'fd00::1', '100.64.0.1', '0.0.0.0']) {
      const error = await refused(open({ lookup: names({ 'inside.test': address }) }), `http://inside.test:${server.port}/`);
      expect(error.message).to.include('inside.test').and.not.include(address);
    }
  });

  it('refuses a name one of whose addresses is not public', async () => {
    await refused(open({ lookup: names({ 'mixed.test': ['8.8.8.8', '127.0.0.1'] }) }), `http://mixed.test:${server.port}/`);
  });

  it('refuses localhost as the system resolves it', async () => {
    await refused(open(), `http://localhost:${server.port}/`);
  });

  it('looks at the address of each connection, and not at that of an earlier look-up', async () => {
    let looks = 0;
    const lookup: Lookup = (_name, _options, done) => done(null, [{ address: (looks += 1) > 1 ? '127.0.0.1' : '203.0.113.1', family: 4 }]);
    const client = open({ lookup });
    await refused(client, `http://rebound.test:${server.port}/`);
    await refused(client, `http://rebound.test:${server.port}/`);
    expect(looks).to.equal(2);
  });

  it('looks at the other end of a connection before it sends anything', async () => {
    const peers = httpPeers();
    let looks = 0;
    const deceived = { ...peers.ipaddr, process: (address: string) => peers.ipaddr.process((looks += 1) === 1 ? '8.8.8.8' : address) };
    const lookup = names({ 'inside.test': '127.0.0.1' });
    const agent = guardedAgent({ ...peers, ipaddr: deceived }, { allowedHosts: [], timeoutMs: 1_000, lookup });
    const origin = `http://inside.test:${server.port}`;
    expect((await refusalOf(() => agent.request({ origin, path: '/', method: 'GET' }))).code).to.equal('HOLDFAST_ADDRESS_REFUSED');
    expect([looks, server.seen.length]).to.deep.equal([2, 0]);
    await agent.close();
  });

  it('lets a host pass that is allowed by name, and no other name of the same address', async () => {
    const client = open({ allowedHosts: ['Inside.test', '[::1]'], lookup: names({ 'inside.test': '127.0.0.1', 'other.test': '127.0.0.1' }) });
    expect((await client.request({ url: `http://INSIDE.test:${server.port}/` })).body).to.equal('inside');
    expect(await client.request({ url: `http://inside.test.:${server.port}/` }).catch(({ message }: Error) => message)).to.match(/./);
    server.seen.length = 0;
    await refused(client, `http://other.test:${server.port}/`);
    await refused(client, `http://127.0.0.1:${server.port}/`);
  });

  it('knows an allowed host however it is written, and wants no port', async () => {
    for (const host of ['LOCALHOST', 'localhost.', '127.0.0.1', '2130706433']) {
      const name = /^\d/.test(host) ? '127.0.0.1' : 'localhost';
      expect((await open({ allowedHosts: [host] }).request({ url: server.url('/', name) })).body, host).to.equal('inside');
    }
    expect(
      await open({ allowedHosts: ['0:0::1'], timeoutMs: 500 })
        .request({ url: 'http://[::1]:1/' })
        .catch(({ code }) => code as string),
    ).to.equal('HOLDFAST_REQUEST_FAILED');
    for (const host of ['localhost:3000', '[::1]:3000', 'http://localhost', 'a b', 'user@localhost', 'localhost/x', ''])
      expect((await refusalOf(() => open({ allowedHosts: [host] }))).code, host).to.equal('HOLDFAST_OPTION_INVALID');
  });

  it('follows no redirect unless allowed', async () => {
    server.reply = answer(302, { location: '/else' });
    const error = (await refusalOf(() => open({ allowedHosts: ['127.0.0.1'] }).request({ url: server.url() }))) as HttpError;
    expect([error.code, retryOf(error), server.seen.length]).to.deep.equal(['HOLDFAST_REQUEST_REFUSED', 'never', 1]);
  });

  it('refuses a redirect to such an address, by name and by number', async () => {
    const client = open({ redirects: 3, allowedHosts: ['entry.test'], lookup: names({ 'entry.test': '127.0.0.1', 'inside.test': '127.0.0.1' }) });
    for (const location of [server.url('/inside'), `http://inside.test:${server.port}/`, `http://[::ffff:7f00:1]:${server.port}/`, '//2130706433/']) {
      server.reply = (response, { path }) => (path === '/' ? response.writeHead(307, { location }).end() : response.end('inside'));
      const error = (await refusalOf(() => client.request({ url: server.url('/', 'entry.test') }))) as HttpError;
      expect([error.code, retryOf(error)], location).to.deep.equal(['HOLDFAST_ADDRESS_REFUSED', 'never']);
    }
    expect(server.seen.map(({ path }) => path)).to.deep.equal(['/', '/', '/', '/']);
  });

  it('follows allowed redirects to their number, and shows no secret to another origin', async () => {
    server.reply = (response, { path }) => response.writeHead(307, { location: path === '/' ? '/next' : other.url('/end') }).end();
    const options = { allowedHosts: ['127.0.0.1'], originHeaders: { [server.url('')]: { 'x-api-key': 'k' } } };
    const request = { url: server.url(), body: { a: 1 }, headers: { authorization: 'Bearer x', cookie: 'a=b' } };
    expect((await open({ ...options, redirects: 2 }).request(request)).body).to.equal('there');
    expect(server.seen.map(({ path, headers }) => [path, headers.authorization, headers['x-api-key']])).to.deep.equal([
      ['/', 'Bearer x', 'k'],
      ['/next', 'Bearer x', 'k'],
    ]);
    const [end] = other.seen;
    expect([end?.method, end?.body, end?.headers.authorization, end?.headers.cookie, end?.headers['x-api-key']]).to.deep.equal([
      'POST',
      '{"a":1}',
      undefined,
      undefined,
      undefined,
    ]);
    expect(((await refusalOf(() => open({ ...options, redirects: 1 }).request(request))) as HttpError).code).to.equal('HOLDFAST_REQUEST_REFUSED');
  });

  it('makes a GET of a POST that was answered by 303, without its body', async () => {
    server.reply = (response, { path }) => (path === '/' ? response.writeHead(303, { location: '/made' }).end() : response.end('made'));
    await open({ allowedHosts: ['127.0.0.1'], redirects: 1 }).request({ url: server.url(), body: { a: 1 } });
    expect(server.seen.map(({ method, body, headers }) => [method, body, headers['content-type']])).to.deep.equal([
      ['POST', '{"a":1}', 'application/json'],
      ['GET', '', undefined],
    ]);
  });
});
