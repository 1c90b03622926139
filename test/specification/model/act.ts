import { expect } from 'chai';
import fc from 'fast-check';
import type { Database } from '../../../modules/ports/database';
import type { Settlement, TaskKey } from '../../../modules/ports/taskStore';
import { HOUR } from '../../../constants/limits';
import type { Model } from './model';

/** A short delay or lease that a test can wait for, and a long one that passes only on a clock of the test. */
export const SHORT_MS = 70;
export const LONG_MS = HOUR;

export type Deed = (model: Model, real: Database) => Promise<void>;
export type Command = fc.AsyncCommand<Model, Database>;

/** A command: does the same to both stores, compares the answers and then all tasks. */
class Act implements Command {
  readonly #told: string;
  readonly #deed: Deed;

  constructor(verb: string, detail: unknown, deed: Deed) {
    this.#told = `${verb}(${JSON.stringify(detail)})`;
    this.#deed = deed;
  }

  check(): boolean {
    return true;
  }

  async run(model: Model, real: Database): Promise<void> {
    await model.begin();
    await this.#deed(model, real);
    await model.end(real);
  }

  toString(): string {
    return this.#told;
  }
}

export const act = <Detail>(verb: string, detail: fc.Arbitrary<Detail>, deed: (detail: Detail) => Deed): fc.Arbitrary<Command> =>
  detail.map((given) => new Act(verb, given, deed(given)));

export const anyIndex = fc.nat({ max: 30 });
export const anyDelay = fc.constantFrom(0, 0, SHORT_MS, LONG_MS);
export const anyLease = fc.constantFrom(SHORT_MS, LONG_MS, LONG_MS);
export const anyQueue = fc.constantFrom(0 as const, 1 as const);
export const anyQueues = fc.constantFrom([0], [1], [0, 1], [1, 0]) as fc.Arbitrary<(0 | 1)[]>;

/** Returns an item by any index; undefined if there is none. */
export const at = <T>(items: readonly T[], index: number): T | undefined => items[index % Math.max(1, items.length)];

export const keyOf = ({ id, queue }: TaskKey): TaskKey => ({ id, queue });

/** Settles on both stores. */
export async function settleBoth(model: Model, real: Database, settlements: Settlement[]): Promise<void> {
  if (settlements.length === 0) return;
  const [theirs, ours] = await model.both(real, ({ tasks }) => tasks.settle(settlements));
  expect(theirs).to.deep.equal(ours);
  model.sent.push(settlements);
}
