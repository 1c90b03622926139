import { expect } from 'chai';
import { isLongRun } from '../../support/hooks';
import { Simulation } from './simulation';

/** `SIMULATION_SEED` repeats one run and prints its trace. `SIMULATION_RUNS` is the number of runs otherwise. */
const SEED = process.env['SIMULATION_SEED'];
const RUNS = Number(process.env['SIMULATION_RUNS'] ?? (isLongRun ? 200 : 100));
const FIRST_SEED = Number(process.env['SIMULATION_FIRST_SEED'] ?? 1);

const MILD_SEEDS = 20;

/** Number of lines at the end of a trace that a failure shows. */
const SHOWN_LINES = 60;

const repeat = (seed: number): string => `SIMULATION_SEED=${seed} npx mocha build/test/specification/simulation/simulation.test.js`;

/** Events that must occur somewhere in the runs; otherwise the runs prove nothing. */
const MUST_HAPPEN = [
  / crashes$/,
  / is paused for /,
  / has stopped$/,
  /the store is down/,
  /and a suspect waits/,
  / if L\d+ expired → waiting by L\d+ → \[applied/,
  / expired → dead by/,
  /→ \[lost/,
  /dead all → waiting by L\d+ → \{"seen":\d+,"changed":[1-9]/,
  /→ cancelled by/,
  /became T\d+ succeeded/,
];

async function check(seed: number, missing: Set<RegExp>): Promise<void> {
  const { violations, trace } = await new Simulation(seed).run();
  for (const sight of missing) if (trace.some((line) => sight.test(line))) missing.delete(sight);
  if (violations.length === 0) return;
  throw new Error(`${violations.join('\n')}\n\n${trace.slice(-SHOWN_LINES).join('\n')}\n\nRepeat it by: ${repeat(seed)}`);
}

describe('several workers, simulated in virtual time', function () {
  this.timeout(0);

  if (SEED !== undefined) {
    it(`keep every invariant with the seed ${SEED}`, async () => {
      const { violations, trace } = await new Simulation(Number(SEED)).run();
      process.stdout.write(`${trace.join('\n')}\n`);
      expect(violations).to.deep.equal([]);
    });
    return;
  }

  it(`keep every invariant under faults, with ${RUNS} seeds from ${FIRST_SEED}`, async () => {
    const missing = new Set(MUST_HAPPEN);
    for (let run = 0; run < RUNS; run += 1) await check(FIRST_SEED + run, missing);
    expect([...missing].map(String), 'what never happened').to.deep.equal(RUNS < 50 ? [...missing].map(String) : []);
  });

  it('lose no lease by answers of claims that get lost: what they brought is found and run', async () => {
    for (let seed = 1; seed <= MILD_SEEDS; seed += 1) {
      const { violations, sweeps, trace } = await new Simulation(seed, { losing: 'claim' }).run();
      expect(violations, `the seed ${seed}`).to.deep.equal([]);
      expect(sweeps, `leases lost with the seed ${seed}:\n${trace.join('\n')}`).to.equal(0);
    }
  });

  it('do the same again with the same seed', async () => {
    for (const seed of [1, 2, 3]) {
      const [once, again] = [await new Simulation(seed).run(), await new Simulation(seed).run()];
      expect(again.trace).to.deep.equal(once.trace);
      expect(once.trace.length, 'lines').to.be.above(500);
    }
  });

  it('do something else with another seed', async () => {
    const [one, other] = [await new Simulation(1).run(), await new Simulation(2).run()];
    expect(one.trace).not.to.deep.equal(other.trace);
  });
});
