import fc from 'fast-check';
import type { Database } from '../../../modules/ports/database';
import { anyCommands } from './commands';
import { Model } from './model';
import type { StoreClock } from './model';

/** The runs to try: a number of them, those of a seed, or one that a failure named. */
export interface Trial {
  readonly runs: number;
  readonly seed?: number;
  readonly path?: string;
  readonly replayPath?: string;
  /** Stops at the first failure and does not shorten its commands. */
  readonly isBrief?: boolean;
}

/** The result of the runs. */
export type ModelDetails = Awaited<ReturnType<typeof runModel>>;

let runs = 0;

/** Runs the same commands on a store and on the specification. Compares each answer, and all tasks after each command. */
export async function runModel(real: () => Database, clock: () => StoreClock, { runs: numRuns, replayPath, isBrief = false, ...rest }: Trial) {
  const property = fc.asyncProperty(anyCommands(replayPath), (commands) => {
    const store = real();
    runs += 1;
    return fc.asyncModelRun(() => ({ model: new Model(`run ${runs}`, clock()), real: store }), commands);
  });
  return fc.check(property, { numRuns, endOnFailure: isBrief, ...rest });
}

/** Reads the trial from the environment: `MODEL_RUNS`, or the `MODEL_SEED`, `MODEL_PATH` and `MODEL_REPLAY` that a failure printed. */
export function trialOf(runsInCi: number): Trial {
  const { MODEL_RUNS, MODEL_SEED, MODEL_PATH, MODEL_REPLAY } = process.env;
  return {
    runs: Number(MODEL_RUNS ?? runsInCi),
    ...(MODEL_SEED === undefined ? {} : { seed: Number(MODEL_SEED) }),
    ...(MODEL_PATH === undefined ? {} : { path: MODEL_PATH }),
    ...(MODEL_REPLAY === undefined ? {} : { replayPath: MODEL_REPLAY }),
  };
}

/** Throws if a run failed, with the shortest commands that lead to the failure and the variables that repeat it. */
export function demand(details: ModelDetails, title: string): void {
  if (!details.failed) return;
  const told = fc.defaultReportMessage(details) ?? 'no report';
  const replay = /replayPath="([^"]*)"/.exec(told)?.[1] ?? '';
  const variables = `MODEL_SEED=${details.seed} MODEL_PATH='${details.counterexamplePath ?? ''}' MODEL_REPLAY='${replay}'`;
  const again = `${variables} npx mocha build/test/specification/model/model.test.js -g '${title}'`;
  throw new Error(`${told}\n\n${String(details.errorInstance)}\n\nRepeat it by: ${again}`, { cause: details.errorInstance });
}
