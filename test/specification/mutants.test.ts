import { expect } from 'chai';
import { runModel } from './model/runModel';
import { MovedClock } from './model/movedClock';
import { FAULTY_DRIVERS, FAULTY_STEPS, FAULTY_STORES, hidesClaims, openFaulty } from './mutants';
import type { Database } from '../../modules/ports/database';
import { openReference } from './referenceDatabase';
import { ReferenceTables } from './referenceTables';
import { Simulation } from './simulation/simulation';

/** Number of seeds within which a fault must be found. */
const SEEDS = 100;
const TRIAL = { runs: 1_000, seed: 1, isBrief: true };

/**
 * Faults that only the commands find. In a simulation they break no rule, or only if a heartbeat comes in the milliseconds between the two halves of
 * a sweep.
 */
const MODEL_ONLY = new Set([
  'does not know a settlement again',
  'gives tasks back at once, whatever the delay',
  'claims without the mark of what runs beside a suspect',
  'lets any token of a batch open each task of it',
  'changes a task by hand that has changed since',
  'sweeps a lease that was renewed meanwhile',
]);

/** Returns the first violation in the seeds. */
async function firstViolation(simulate: (seed: number) => Simulation): Promise<string | undefined> {
  for (let seed = 1; seed <= SEEDS; seed += 1) {
    const { violations } = await simulate(seed).run();
    if (violations[0] !== undefined) return violations[0];
  }
  return undefined;
}

describe('the checks of the specification', function () {
  this.timeout(0);

  for (const [fault, Faulty] of Object.entries(FAULTY_STORES)) {
    it(`find a store by commands that ${fault}`, async () => {
      const clock = new MovedClock();
      const real = (): Database => openFaulty(Faulty)(new ReferenceTables(), () => clock.now());
      expect(await runModel(real, () => clock, TRIAL)).to.have.property('failed', true);
    });

    if (MODEL_ONLY.has(fault)) continue;
    it(`find a store by simulation that ${fault}`, async () => {
      expect(await firstViolation((seed) => new Simulation(seed, { open: openFaulty(Faulty) }))).to.be.a('string');
    });
  }

  for (const [fault, around] of Object.entries(FAULTY_STEPS)) {
    it(`find steps by commands that ${fault}`, async () => {
      const clock = new MovedClock();
      const real = (): Database => around(openReference(new ReferenceTables(), () => clock.now()));
      expect(await runModel(real, () => clock, TRIAL)).to.have.property('failed', true);
    });
  }

  for (const [fault, around] of Object.entries(FAULTY_DRIVERS)) {
    it(`find a driver by simulation that ${fault}`, async () => {
      expect(await firstViolation((seed) => new Simulation(seed, { around }))).to.be.a('string');
    });
  }

  it('find a driver by simulation that hides what became of a claim', async () => {
    const { sweeps } = await new Simulation(1, { losing: 'claim', around: hidesClaims }).run();
    expect(sweeps).to.be.above(0);
  });
});
