import { expect } from 'chai';
import { Command } from 'commander';
import { storeOptions, workerOptions } from '../../config/options';
import { seedOptions } from '../../config/demoOptions';
import { addFlags, readFlags } from '../../modules/cli/commandLine';
import { resolveOptions } from '../../modules/options/resolveOptions';
import { codedErrorOf } from '../support/expectations';

const WORKER = ['maxConcurrency', 'leaseMs', 'pollInterval.minMs', 'pollInterval.maxMs'] as const;
const SEED = ['count', 'kinds', 'failureRate'] as const;
const STORE = ['url', 'durability'] as const;

const silent = (): Command => new Command('test').exitOverride().configureOutput({ writeErr: () => undefined, writeOut: () => undefined });

const parsed = (table: typeof workerOptions | typeof seedOptions | typeof storeOptions, names: readonly string[], ...argv: string[]) =>
  readFlags(table, names, addFlags(silent(), table, names).parse(argv, { from: 'user' }).opts());

describe('addFlags', () => {
  const help = (table: typeof workerOptions | typeof seedOptions | typeof storeOptions, names: readonly string[]): string =>
    addFlags(silent(), table, names).configureHelp({ helpWidth: 1_000 }).helpInformation();

  it('names a flag after its option, with its unit', () => {
    const text = help(workerOptions, WORKER);
    for (const flag of ['--max-concurrency <value>', '--lease-ms <ms>', '--poll-interval-min-ms <ms>', '--poll-interval-max-ms <ms>']) {
      expect(text).to.include(flag);
    }
    expect(help(seedOptions, SEED)).to.include('--kinds <list>');
  });

  it('tells what an option does, its range, default and variable', () => {
    const text = help(workerOptions, WORKER);
    expect(text).to.include('Maximum number of tasks that run at once. (1 to 10000; default: 10; env: HOLDFAST_MAX_CONCURRENCY)');
    expect(text).to.include('(1 to 3600000; default: 20; env: HOLDFAST_POLL_MIN_MS)');
    expect(help(storeOptions, STORE)).to.include('(full, relaxed; default: full; env: HOLDFAST_DURABILITY)');
    expect(help(seedOptions, SEED)).to.include('default: checksum,flaky,slow,poison');
  });

  it('adds no flag that is not asked for', () => {
    expect(() => addFlags(silent(), workerOptions, ['leaseMs']).parse(['--max-concurrency', '5'], { from: 'user' })).to.throw(/unknown option/);
  });
});

describe('readFlags', () => {
  it('makes numbers of text', () => {
    expect(parsed(workerOptions, WORKER, '--max-concurrency', '5', '--lease-ms', '1000')).to.deep.equal({ maxConcurrency: 5, leaseMs: 1_000 });
    expect(parsed(seedOptions, SEED, '--failure-rate', '0.25')).to.deep.equal({ failureRate: 0.25 });
  });

  it('makes a nested object of a nested name', () => {
    expect(parsed(workerOptions, WORKER, '--poll-interval-min-ms', '7')).to.deep.equal({ pollInterval: { minMs: 7 } });
    const both = parsed(workerOptions, WORKER, '--poll-interval-min-ms', '7', '--poll-interval-max-ms', '8');
    expect(both).to.deep.equal({ pollInterval: { minMs: 7, maxMs: 8 } });
  });

  it('makes a list of text with commas', () => {
    expect(parsed(seedOptions, SEED, '--kinds', 'slow, crash')).to.deep.equal({ kinds: ['slow', 'crash'] });
  });

  it('leaves out what was not given, so that environment and defaults hold', () => {
    expect(parsed(workerOptions, WORKER)).to.deep.equal({});
    const options = resolveOptions(workerOptions, { queues: ['q'], ...parsed(workerOptions, WORKER) }, 'worker', { HOLDFAST_LEASE_MS: '500' });
    expect(options).to.deep.include({ leaseMs: 500, maxConcurrency: 10 });
  });

  it('reads only the flags that it is asked for', () => {
    expect(readFlags(workerOptions, ['leaseMs'], { leaseMs: '500', maxConcurrency: '5', help: true })).to.deep.equal({ leaseMs: 500 });
  });

  it('keeps text that is text', () => {
    expect(parsed(storeOptions, STORE, '--url', '5')).to.deep.equal({ url: '5' });
  });

  for (const text of ['five', '', '-1', '1e9', '10.5', 'true', 'NaN', 'Infinity']) {
    it(`leaves ${JSON.stringify(text)} to be refused with the name of the option`, () => {
      const given = { queues: ['q'], ...parsed(workerOptions, WORKER, `--max-concurrency=${text}`) };
      expect(codedErrorOf(() => resolveOptions(workerOptions, given, 'worker', {}))).to.include({
        code: 'HOLDFAST_OPTION_INVALID',
        field: 'worker.maxConcurrency',
      });
    });
  }

  it('leaves an unknown word in a list to be refused', () => {
    const given = parsed(seedOptions, SEED, '--kinds', 'slow,fast');
    expect(codedErrorOf(() => resolveOptions(seedOptions, given, 'seed', {})).field).to.equal('seed.kinds.1');
  });
});
