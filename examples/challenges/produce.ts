import { setTimeout as sleep } from 'node:timers/promises';
import { isHoldfastError, openStore } from '../../index';
import { apiOf } from './workers/challengeApi';
import { produceClosings } from './workers/closeSubmissions';
import { produceResets } from './workers/resetChallenges';

/** The producers by name. Each runs once. */
const PRODUCERS = { closeSubmissions: produceClosings, resetChallenges: produceResets } as const;

/** The exit codes: all was done, it was not, and there is no such producer. */
const [DONE, FAILED, WRONG_USE] = [0, 1, 2];

/** A fault of a moment need not wait for the next start of the producer. It can be tried again at once, because a task is added only once. */
const TRIES = 3;
const AGAIN_MS = 500;

/** Runs a producer once: `npm run challenges:produce -- closeSubmissions`. Whatever starts it, starts it again after another code than 0. */
async function produce(name: string): Promise<number> {
  const run = Object.entries(PRODUCERS).find(([known]) => known === name)?.[1];
  if (!run) return tell(WRONG_USE, `There is no producer "${name}", but: ${Object.keys(PRODUCERS).join(', ')}`);
  try {
    const store = await openStore();
    try {
      const added = await inTries(() => run(apiOf(process.env), store, { signal: AbortSignal.timeout(60_000) }));
      return tell(DONE, `${name} added ${added} tasks`);
    } finally {
      await store.close();
    }
  } catch (error) {
    return tell(FAILED, `${name} could not do its work: ${isHoldfastError(error) ? error.message : String(error)}`);
  }
}

async function inTries(run: () => Promise<number>): Promise<number> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await run();
    } catch (error) {
      if (tries === TRIES || !isHoldfastError(error, 'HOLDFAST_REQUEST_FAILED')) throw error;
    }
    await sleep(AGAIN_MS);
  }
}

function tell(code: number, line: string): number {
  (code === DONE ? process.stdout : process.stderr).write(`${line}\n`);
  return code;
}

void produce(process.argv[2] ?? 'closeSubmissions').then((code) => process.exit(code));
