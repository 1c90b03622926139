import { createServer } from 'node:net';
import type { AddressInfo, Server, Socket } from 'node:net';
import { expect } from 'chai';
import { Queue } from '../../classes/queue/queue';
import { serverBackend } from '../../classes/cli/serverBackend';
import { ANSWER_LIMITS } from '../../classes/cli/serverCalls';
import type { AnswerLimits } from '../../classes/cli/serverCalls';
import { startServer } from '../../classes/server/brokerServer';
import type { BrokerServer } from '../../classes/server/brokerServer';
import type { Store } from '../../classes/store/store';
import type { Action } from '../../constants/serverLimits';
import type { Backend } from '../../modules/cli/backend';
import { exitCodeOf } from '../../modules/errors/exitCodeOf';
import { newToken } from '../../modules/server/tokens';
import { holdfast } from '../fixtures/commandLine';
import { refusalOf } from '../support/eventually';
import { isLongRun } from '../support/hooks';
import { forSqlite } from '../support/stores';

const NOBODY = '019a2b3c-4d5e-7f60-8a9b-0c1d2e3f4a5b';

/** Commands that are wrong, with the exit code of each. */
const WRONG: readonly (readonly [title: string, code: number, words: readonly string[], input?: string])[] = [
  ['an id that is none', 2, ['task', 'get', 'nope']],
  ['an id that is none, of an action', 2, ['task', 'cancel', 'nope']],
  ['a task that is not there', 3, ['task', 'get', NOBODY]],
  ['a task that is not there in a queue', 3, ['task', 'explain', NOBODY, '--queue', 'mail']],
  ['a pattern in place of the queue of a task', 2, ['task', 'get', NOBODY, '--queue', 'mail*']],
  ['a search that cannot be read', 2, ['task', 'list', 'queue:mail stat:dead']],
  ['a search of an action that cannot be read', 2, ['task', 'cancel', '--search', 'queue:mail stat:dead', '--yes']],
  ['a search that is too long', 2, ['task', 'list', 'x'.repeat(5_000)]],
  ['a place of a list that is none', 2, ['task', 'list', '--after', 'there']],
  ['an empty name', 2, ['task', 'add', 'mail', '']],
  ['a pattern in place of a queue', 2, ['task', 'add', 'mail*', 'welcome']],
  ['two times for one task', 2, ['task', 'add', 'mail', 'welcome', '--delay-ms', '5', '--run-at', '2030-01-01']],
  ['a deadline that has passed', 2, ['task', 'add', 'mail', 'welcome', '--deadline', '2020-01-01']],
  ['a payload that is too large', 2, ['task', 'add', 'mail', 'welcome', '-'], JSON.stringify('x'.repeat(1_200_000))],
  ['a group that is none', 3, ['failures', 'nope']],
  ['a group that is not there', 3, ['failures', '0f1e2d3c4b5a6978']],
  ['a process that is not there', 3, ['process', 'drain', 'nobody']],
  ['an empty id of a process', 2, ['process', 'drain', '']],
  ['a schedule that is not there', 3, ['schedule', 'pause', 'none']],
  ['the next times of a schedule that is not there', 3, ['schedule', 'next', 'none']],
  ['an interval that is too short', 2, ['schedule', 'add', 'x', '--queue', 'mail', '--every-ms', '5']],
  ['a schedule without a time', 2, ['schedule', 'add', 'x', '--queue', 'mail']],
  ['a schedule without a queue', 2, ['schedule', 'add', 'x', '--every-ms', '5000']],
  ['a cron expression that is none', 2, ['schedule', 'add', 'x', '--queue', 'mail', '--cron', 'daily']],
  ['a date that is none', 2, ['schedule', 'add', 'x', '--queue', 'mail', '--at', 'tomorrow']],
  ['a queue that the broker has not', 3, ['queues', 'none']],
  ['a name that no queue of the broker has', 2, ['queues', 'a b']],
];

/** Each costs the start of two processes, so a short run tries every third. */
const TRIED = isLongRun ? WRONG : WRONG.filter((_, place) => place % 3 === 0);

forSqlite('A fault of a command', (opening) => {
  let store: Store;
  let server: BrokerServer;
  beforeEach(async () => {
    store = await opening.open();
    server = await startServer({ store, port: 0, allowWrites: true });
  });
  afterEach(() => server.close());

  for (const [title, code, words, input] of TRIED) {
    it(`is told on a server as on a store: ${title}`, async () => {
      const given = input === undefined ? {} : { input };
      const ofStore = await holdfast(words, { env: { HOLDFAST_URL: opening.url }, ...given });
      const ofServer = await holdfast(words, { env: { HOLDFAST_SERVER: server.url }, ...given });
      expect(ofStore).to.include({ code, out: '' });
      expect(ofServer).to.deep.equal(ofStore);
      expect(ofServer.err.match(/HOLDFAST_/g)).to.have.length(1);
      expect(ofServer.err).to.not.match(/must match|\^\[|schema/);
    });
  }

  it('is told once where a task has moved on', async () => {
    const { id } = await new Queue(store, 'mail').add('welcome', null);
    await new Queue(store, 'mail').cancel(id);
    const withoutAge = (text: string): string => text.replace(/cancelled .* ago/, 'cancelled … ago');
    const ofStore = await holdfast(['task', 'cancel', id], { env: { HOLDFAST_URL: opening.url } });
    const ofServer = await holdfast(['task', 'cancel', id], { env: { HOLDFAST_SERVER: server.url } });
    expect([ofServer.code, withoutAge(ofServer.err)]).to.deep.equal([4, withoutAge(ofStore.err)]);
  });
});

forSqlite('A server that refuses a command', (opening) => {
  let store: Store;
  let server: BrokerServer | undefined;
  beforeEach(async () => (store = await opening.open()));
  afterEach(() => server?.close());

  /** Starts a server with one token, and runs a command with it. */
  const runWith = async (words: readonly string[], actions: readonly Action[], queues = '') => {
    const { token, hash } = newToken();
    server = await startServer({ store, port: 0, tokens: [{ name: 'one', hash, actions: [...actions], queues }] });
    return holdfast(words, { env: { HOLDFAST_SERVER: server.url, HOLDFAST_TOKEN: token } });
  };

  it('says that the right read is missing where a command looks', async () => {
    const { code, err } = await runWith(['queue', 'list'], ['produce']);
    expect(code).to.equal(77);
    expect(err).to.match(/expected the right read: The token does not allow the action read\. .*HOLDFAST_SERVER_REFUSED/);
    expect(err).to.not.include('admin');
  });

  it('says that the right admin is missing where a command changes something', async () => {
    const { code, err } = await runWith(['queue', 'pause', 'mail'], ['read']);
    expect(code).to.equal(77);
    expect(err).to.match(/expected the right admin: The token does not allow the action admin\. .*HOLDFAST_SERVER_REFUSED/);
  });

  it('says of which queues a token is', async () => {
    const { code, err } = await runWith(['queue', 'stats', 'reports'], ['read'], 'mail');
    expect(code).to.equal(77);
    expect(err).to.include('The token is for queues whose names begin with mail');
  });

  it('says which right a command needs that comes without a token, or with one that is not known', async () => {
    const { hash } = newToken();
    server = await startServer({ store, port: 0, tokens: [{ name: 'one', hash, actions: ['read'], queues: '' }] });
    for (const env of [{}, { HOLDFAST_TOKEN: 'hft_wrong' }]) {
      const { code, err } = await holdfast(['failures'], { env: { HOLDFAST_SERVER: server.url, ...env } });
      expect([code, err.includes('expected the right read: '), err.includes('admin')]).to.deep.equal([77, true, false]);
    }
  });

  it('says that it only shows, and how that is changed', async () => {
    server = await startServer({ store, port: 0 });
    const { code, err } = await holdfast(['queue', 'pause', 'mail'], { env: { HOLDFAST_SERVER: server.url } });
    expect([code, err.includes('--allow-writes')]).to.deep.equal([77, true]);
  });
});

forSqlite('A server that gives no answer', (opening) => {
  const ends: (() => unknown)[] = [];
  afterEach(async () => {
    for (const end of ends.splice(0)) await end();
  });

  const ask = async (server: string) => {
    const { code, out, err } = await holdfast(['queue', 'list', '--server', server]);
    return { code, out, err };
  };

  /** Listens on a port, and does something to each connection that has sent something. */
  const listen = async (answer: (socket: Socket) => unknown): Promise<string> => {
    const server: Server = createServer((socket) => socket.on('error', () => undefined).once('data', () => answer(socket)));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    ends.push(() => server.close());
    return `127.0.0.1:${(server.address() as AddressInfo).port}`;
  };

  /** Expects that the error names the address once, the cause, and nothing that only fetch says. */
  const expectTold = ({ code, out, err }: Awaited<ReturnType<typeof ask>>, address: string, cause: RegExp): void => {
    expect([code, out]).to.deep.equal([69, '']);
    expect(err)
      .to.match(cause)
      .and.to.match(/HOLDFAST_SERVER_UNREACHABLE/);
    expect(err.split(address)).to.have.length(2);
    expect(err).to.not.match(/fetch failed|terminated|\n./);
  };

  it('is told with its address and the cause: a port that fetch blocks', async () => {
    expectTold(await ask('http://127.0.0.1:6000'), 'http://127.0.0.1:6000', /: fetch connects to no such port/);
  });

  it('is told with its address and the cause: a name that does not resolve', async () => {
    expectTold(
      await ask('http://nowhere.invalid:9324'),
      'http://nowhere.invalid:9324',
      /: the name of the host (does not resolve|cannot be resolved now) \(E/,
    );
  });

  it('is told with its address and the cause: a port on which nothing listens', async () => {
    const address = `http://${await listen(() => undefined)}`;
    await ends.pop()?.();
    expectTold(await ask(address), address, /: nothing listens at this address \(ECONNREFUSED\)/);
  });

  it('is told with its address and the cause: no TLS where it is asked for, and TLS where it is not', async () => {
    const server = await startServer({ store: await opening.open(), port: 0 });
    ends.push(() => server.close());
    const secure = server.url.replace('http:', 'https:');
    expectTold(await ask(secure), secure, /: what answers there does not speak TLS; a server without it needs http:\/\/ \(/);
    const closing = `http://${await listen((socket) => socket.end())}`;
    expectTold(await ask(closing), closing, /: the connection was closed before the answer had come; a server with TLS needs https:\/\/ \(/);
  });

  it('is told with its address and the cause: another protocol, and an end in the middle of the answer', async () => {
    const other = `http://${await listen((socket) => socket.end('SSH-2.0-x\r\n'))}`;
    expectTold(await ask(other), other, /: what answers there does not speak HTTP \(/);
    const short = `http://${await listen((socket) => socket.end('HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{'))}`;
    expectTold(await ask(short), short, /: the connection was closed before the answer had come/);
  });

  const sockets: Socket[] = [];
  afterEach(() => {
    for (const socket of sockets.splice(0)) socket.destroy();
  });

  /** Asks a server that takes every request and answers none, and returns the error. */
  const askHanging = async (limits: Partial<AnswerLimits>, act: (backend: Backend) => Promise<unknown>) => {
    const address = `http://${await listen((socket) => sockets.push(socket))}`;
    const backend = serverBackend(address, undefined, { ...ANSWER_LIMITS, ...limits });
    return { address, error: await refusalOf(() => act(backend)) };
  };

  it('ends a look after its limit, with the code of a server that cannot be reached', async () => {
    const notes: string[] = [];
    for (const look of [(backend: Backend) => backend.queues(), (backend: Backend) => backend.brokerQueues()]) {
      const limits = { readMs: 50, noteMs: 1, note: (text: string) => void notes.push(text) };
      const { address, error } = await askHanging(limits, look);
      expect(exitCodeOf(error).code).to.equal(69);
      expect(error.message).to.include(address).and.to.include('it has not answered within 50 ms');
    }
    expect(notes).to.deep.equal([]);
  });

  it('has an action tell again and again that it waits', async () => {
    const notes: string[] = [];
    const note = (text: string): void => {
      notes.push(text);
      if (notes.length > 1) for (const socket of sockets.splice(0)) socket.destroy();
    };
    const { address, error } = await askHanging({ readMs: 1, noteMs: 5, note }, (backend) => backend.pause('mail'));
    expect(error.code).to.equal('HOLDFAST_SERVER_UNREACHABLE');
    expect(notes.length).to.be.at.least(2);
    for (const text of notes) {
      expect(text)
        .to.match(/^Still waiting for \S+, for [\d.]+ m?s; it may do what was asked$/)
        .and.to.include(address);
    }
  });

  it('is not asked where its address is none', async () => {
    const { code, err } = await ask('http://127.0.0.1:99999');
    expect(code).to.equal(2);
    expect(err).to.match(/--server must be an address such as .*HOLDFAST_OPTION_INVALID/);
  });
});
