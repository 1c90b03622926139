import fc from 'fast-check';
import type { Database } from '../../../modules/ports/database';
import { anyCommands } from './commands';
import { Model } from './model';
import type { StoreClock } from './model';

/** Which runs are tried: so many, those of a seed, or the one that a failure has named. */
export interface Trial {
  readonly runs: number;
  readonly seed?: number;
  readonly path?: string;
  readonly replayPath?: string;
  /** The first failure is enough; its commands are not shortened. */
  readonly isBrief?: boolean;
}

/** How the runs ended. */
export type ModelDetails = Awaited<ReturnType<typeof runModel>>;

let runs = 0;

/** Runs the same commands on a store and on the specification, and compares each answer and every task after each. */
export async function runModel(real: () => Database, clock: () => StoreClock, { runs: numRuns, replayPath, isBrief = false, ...rest }: Trial) {
  const property = fc.asyncProperty(anyCommands(replayPath), (commands) => {
    const store = real();
    runs += 1;
    return fc.asyncModelRun(() => ({ model: new Model(`run ${runs}`, clock()), real: store }), commands);
  });
  return fc.check(property, { numRuns, endOnFailure: isBrief, ...rest });
}

/** What the environment asks for: `MODEL_RUNS`, or the `MODEL_SEED`, `MODEL_PATH` and `MODEL_REPLAY` that a failure has named. */
export function trialOf(runsInCi: number): Trial {
  const { MODEL_RUNS, MODEL_SEED, MODEL_PATH, MODEL_REPLAY } = process.env;
  return {
    runs: Number(MODEL_RUNS ?? runsInCi),
    ...(MODEL_SEED === undefined ? {} : { seed: Number(MODEL_SEED) }),
    ...(MODEL_PATH === undefined ? {} : { path: MODEL_PATH }),
    ...(MODEL_REPLAY === undefined ? {} : { replayPath: MODEL_REPLAY }),
  };
}

/** Throws where a run failed, with the shortest commands that lead to it, and says how to run them again. */
export function demand(details: ModelDetails, title: string): void {
  if (!details.failed) return;
  const told = fc.defaultReportMessage(details) ?? 'no report';
  const replay = /replayPath="([^"]*)"/.exec(told)?.[1] ?? '';
  const variables = `MODEL_SEED=${details.seed} MODEL_PATH='${details.counterexamplePath ?? ''}' MODEL_REPLAY='${replay}'`;
  const again = `${variables} npx mocha build/test/specification/model/model.test.js -g '${title}'`;
  throw new Error(`${told}\n\n${String(details.errorInstance)}\n\nRepeat it by: ${again}`, { cause: details.errorInstance });
}
