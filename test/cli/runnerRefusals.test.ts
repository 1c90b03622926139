import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { endChildren, endOf, RUNNER, runToEnd, startNode } from '../fixtures/children';
import { forSqlite } from '../support/stores';

const STACK = /\n\s+at /;

/** The flags, commands and variables that the help must name. */
const NAMED = [
  ...[
    '--url',
    '--namespace',
    '--version',
    '--durability',
    '--call-timeout-ms',
    '--wait-ms',
    '--queue',
    '--log-level',
    '--max-concurrency',
    '--lease-ms',
    '--grace-period-ms',
    '--poll-interval-min-ms',
    '--poll-interval-max-ms',
    '--demo',
    '--drain',
    '--processes',
  ],
  ...['seed', 'stats', 'backup'],
  ...[
    'HOLDFAST_URL',
    'HOLDFAST_DURABILITY',
    'HOLDFAST_CALL_TIMEOUT_MS',
    'HOLDFAST_QUEUE',
    'HOLDFAST_LOG_LEVEL',
    'HOLDFAST_MAX_CONCURRENCY',
    'HOLDFAST_LEASE_MS',
    'HOLDFAST_GRACE_PERIOD_MS',
    'HOLDFAST_POLL_MIN_MS',
    'HOLDFAST_POLL_MAX_MS',
    'HOLDFAST_PROCESSES',
    'HOLDFAST_NAMESPACE',
  ],
];

/** Each case: the mistake, the arguments and variables, and the message. */
const WRONG: readonly [title: string, given: readonly string[], env: object, said: RegExp][] = [
  ['an unknown flag', ['--concurency', '5'], {}, /--concurency/],
  ['an unknown command', ['sede'], {}, /no command 'sede'; there are task, queue, failures, /],
  ['a word behind flags', ['--drain', 'now'], {}, /no command 'now'/],
  [
    'several processes on a store in memory',
    ['--processes', '2', '--url', 'sqlite::memory:'],
    {},
    /runner\.processes must be 1 .*a store of its own/,
  ],
  ['a flag that another command has', ['seed', '--drain'], {}, /unknown option '--drain'/],
  ['a flag of the worker before another command', ['--max-concurrency', '3', 'stats'], {}, /unknown option '--max-concurrency'/],
  ['several processes for a copy', ['copy', '--processes', '4'], {}, /unknown option '--processes'/],
  ['a flag without its value', ['--lease-ms'], {}, /--lease-ms/],
  ['a number that is none', ['--max-concurrency', 'many'], {}, /--max-concurrency \(worker\.maxConcurrency\) must be .*, got "many"\./],
  ['a number out of range', ['--lease-ms', '5'], {}, /--lease-ms \(worker\.leaseMs\) must be an integer from 200.*, got the number 5\./],
  ['a bad inner option', ['--poll-interval-min-ms', '0'], {}, /--poll-interval-min-ms \(worker\.pollInterval\.minMs\)/],
  ['a bad queue name', ['--queue', ''], {}, /runner\.queue/],
  ['a bad level', ['--log-level', 'loud'], {}, /--log-level \(runner\.logLevel\) must be one of error, warn.*, got "loud"/],
  ['a bad durability', ['--durability', 'maybe'], {}, /--durability \(store\.durability\)/],
  ['a bad number of processes', ['--processes', '0'], {}, /runner\.processes/],
  ['a bad flag for several processes', ['--processes', '2', '--max-concurrency', '0'], {}, /worker\.maxConcurrency/],
  ['a bad variable', ['--drain'], { HOLDFAST_MAX_CONCURRENCY: 'x' }, /HOLDFAST_MAX_CONCURRENCY \(worker\.maxConcurrency\)/],
  ['a bad level in a variable', ['--drain'], { HOLDFAST_LOG_LEVEL: 'loud' }, /logLevel/],
  ['a bad variable of the store', ['stats'], { HOLDFAST_CALL_TIMEOUT_MS: '5' }, /HOLDFAST_CALL_TIMEOUT_MS \(store\.callTimeoutMs\)/],
  ['a bad count', ['seed', '--count', '0'], {}, /seed\.count/],
  ['a count that is none', ['seed', '--count', '1e99'], {}, /seed\.count/],
  ['a bad kind', ['seed', '--kinds', 'slow,fast'], {}, /--kinds \(seed\.kinds\.1\) must be one of .*, got "fast"/],
  ['a bad rate', ['seed', '--failure-rate', '2'], {}, /--failure-rate \(seed\.failureRate\)/],
  ['a folder without files', ['seed', '--kinds', 'checksum'], {}, /seed\.path/],
  ['a URL of no known kind', ['--drain', '--url', 'http://localhost/'], {}, /url/],
  ['a URL without a path', ['stats', '--url', 'sqlite:'], {}, /url/],
  ['an empty URL', ['stats', '--url', ''], {}, /url/],
  ['a MongoDB URL without a host', ['stats', '--url', 'mongodb://'], {}, /url/],
  ['a MongoDB URL with an unknown option', ['stats', '--url', 'mongodb://127.0.0.1:1/?colour=red'], {}, /colour/],
  ['a MongoDB URL with a bad port', ['stats', '--url', 'mongodb://127.0.0.1:99999/'], {}, /99999|port/i],
];

forSqlite('node index.js', (opening) => {
  describe('used wrongly', () => {
    let folder: string;
    beforeEach(() => {
      folder = mkdtempSync(join(tmpdir(), 'holdfast-empty-'));
    });
    afterEach(async () => {
      await endChildren();
      rmSync(folder, { recursive: true, force: true });
    });

    const run = (given: readonly string[], env = {}) => runToEnd(given, { cwd: folder, env: { HOLDFAST_URL: opening.url, ...env } });

    it('names every flag and variable in --help', async () => {
      const { code, out, err } = await run(['--help']);
      expect([code, err]).to.deep.equal([0, '']);
      expect(NAMED.filter((name) => !out.includes(name))).to.deep.equal([]);
      expect(out.replace(/\s+/g, ' ')).to.include('with the demo handlers, and no others');
      const seedHelp = await run(['seed', '--help']);
      expect(['--count', '--kinds', '--path', '--failure-rate', '--queue', '--url'].filter((name) => !seedHelp.out.includes(name))).to.deep.equal([]);
      const statsHelp = await run(['stats', '--help']);
      expect([statsHelp.code, statsHelp.out.includes('--json'), statsHelp.out.includes('--url')]).to.deep.equal([0, true, true]);
    });

    it('tells its version, which is that of the package', async () => {
      const { version } = JSON.parse(readFileSync(join(__dirname, '../../../package.json'), 'utf8')) as { version: string };
      expect(await run(['--version'])).to.deep.equal({ code: 0, signal: null, out: `${version}\n`, err: '' });
    });

    it('names the flag or the variable that gave a URL which cannot be used', async () => {
      const given: readonly (readonly [readonly string[], object, RegExp])[] = [
        [['--drain', '--url', 'http://localhost/'], {}, /: --url \(url\) must be/],
        [['stats'], { HOLDFAST_URL: 'http://localhost/' }, /: HOLDFAST_URL \(url\) must be/],
        [['seed', '--url', 'mongodb://127.0.0.1:1/?colour=red'], {}, /: --url \(mongodb:\/\/127\.0\.0\.1:1\/\): option colour is not supported\./],
        [['copy', '--from', 'file.db', '--to', opening.url], {}, /: --from \(url\) must be/],
        [['copy', '--from', opening.url.replace('tasks.db', 'none.db'), '--to', 'x'], {}, /there is no such file/],
      ];
      for (const [flags, env, said] of given) {
        const { err } = await run(flags, env);
        expect(err).to.match(said);
        expect(err.trim().split('\n')).to.have.length(1);
      }
    });

    for (const [title, given, env, said] of WRONG) {
      it(`ends with 2 and names what is wrong, without a stack: ${title}`, async () => {
        const child = startNode(RUNNER, given, { cwd: folder, env: { HOLDFAST_URL: opening.url, ...env } });
        expect(await endOf(child)).to.deep.equal({ code: 2, signal: null });
        expect(child.err).to.match(said);
        expect(child.err).to.not.match(STACK);
        expect(child.out).to.equal('');
      });
    }

    it('ends with 69 where MongoDB cannot be reached, without a stack and without the password', async () => {
      const url = 'mongodb://anna:geheim@127.0.0.1:1/tasks';
      for (const given of [['--drain'], ['stats', '--json'], ['seed', '--count', '1', '--kinds', 'slow']]) {
        const { code, out, err } = await run([...given, '--url', url], { HOLDFAST_CALL_TIMEOUT_MS: '500' });
        expect([code, out]).to.deep.equal([69, '']);
        expect(err).to.match(/The store cannot be reached.*HOLDFAST_STORE_UNREACHABLE/);
        expect(err).to.not.match(STACK);
        expect(err).to.not.include('geheim');
      }
    });

    it('ends with 69 where none of several processes can reach MongoDB', async () => {
      const { code, out } = await run(['--processes', '2', '--url', 'mongodb://127.0.0.1:1/tasks'], { HOLDFAST_CALL_TIMEOUT_MS: '500' });
      expect(code).to.equal(69);
      for (const number of [1, 2]) expect(out).to.match(new RegExp(`^${number} \\| The store cannot be reached`, 'm'));
    });

    it('ends with 69 where stats are asked of a file that is not there, and makes none', async () => {
      const { code, out, err } = await run(['stats', '--url', 'sqlite:./none/tasks.db']);
      expect([code, out]).to.deep.equal([69, '']);
      expect(err).to.match(/^The SQLite file of the store cannot be used: \.\/none\/tasks\.db: there is no such file\. .*HOLDFAST_FILE_UNUSABLE\)$/m);
      expect(readdirSync(folder)).to.deep.equal([]);
    });

    it('ends with 69 where the SQLite file cannot be opened, without a stack', async () => {
      writeFileSync(join(folder, 'file'), 'not a folder and not a database');
      for (const path of ['file/under.db', 'file', '.']) {
        const { code, out, err } = await run(['stats', '--json', '--url', `sqlite:./${path}`]);
        expect([path, code, out]).to.deep.equal([path, 69, '']);
        expect(err).to.match(/: \.\/.+: .+ \(HOLDFAST_FILE_UNUSABLE\)$/m);
        expect(err).to.not.match(STACK);
      }
    });
  });
});
