import fc from 'fast-check';
import type { Database } from '../../../classes/taskStore';
import { anyCommands } from './commands';
import { Model } from './model';
import type { StoreClock } from './model';

/** How the runs ended. */
export type ModelDetails = Awaited<ReturnType<typeof runModel>>;

/** `MODEL_RUNS` is how many runs to try; a failure names the seed, path and replay path that repeat it. */
const RUNS = process.env['MODEL_RUNS'];
const SEED = process.env['MODEL_SEED'];
const PATH = process.env['MODEL_PATH'];
const REPLAY = process.env['MODEL_REPLAY'];

let runs = 0;

/**
 * Runs the same commands on a store and on the specification, and compares each answer and every task after each.
 *
 * @param runsInCi how many runs, where `MODEL_RUNS` says nothing else.
 * @returns what went wrong, with the shortest commands that lead to it, or null.
 */
export async function runModel(real: () => Database, clock: () => StoreClock, runsInCi: number) {
  const property = fc.asyncProperty(anyCommands(REPLAY), (commands) => {
    const store = real();
    runs += 1;
    return fc.asyncModelRun(() => ({ model: new Model(`run ${runs}`, clock()), real: store }), commands);
  });
  return fc.check(property, {
    numRuns: Number(RUNS ?? runsInCi),
    ...(SEED === undefined ? {} : { seed: Number(SEED) }),
    ...(PATH === undefined ? {} : { path: PATH }),
  });
}

/** Throws where a run failed, and says how to run it again. */
export function demand(details: ModelDetails, title: string): void {
  if (!details.failed) return;
  const told = fc.defaultReportMessage(details) ?? 'no report';
  const replay = /replayPath="([^"]*)"/.exec(told)?.[1] ?? '';
  const variables = `MODEL_SEED=${details.seed} MODEL_PATH='${details.counterexamplePath ?? ''}' MODEL_REPLAY='${replay}'`;
  const command = `${variables} npx mocha --no-config --require build/test/support/hooks.js build/test/specification/model/model.test.js -g '${title}'`;
  throw new Error(`${told}\n\nRepeat it by: ${command}`, { cause: details.errorInstance });
}
