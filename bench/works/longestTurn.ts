import { monitorEventLoopDelay } from 'node:perf_hooks';
import { sleep } from '../systems/common';

/** Resolution of the timer that is held up, in milliseconds. */
const RESOLUTION_MS = 1;

/** Time after a call in which the timer is due once more, so that the last turn of the call counts. */
const AFTER_MS = 3;

const NANOSECONDS = 1_000_000;

/** What a call took, and the longest time in which its process did nothing else. */
export interface Timed {
  readonly tookMs: number;
  readonly turnMs: number;
}

/** Times a call and the longest turn of the event loop in it. */
export async function timed(run: () => unknown): Promise<Timed> {
  const delays = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  delays.enable();
  await sleep(AFTER_MS);
  delays.reset();
  // The first delay after that is not recorded.
  await sleep(AFTER_MS);
  const startedAt = performance.now();
  await run();
  const tookMs = performance.now() - startedAt;
  await sleep(AFTER_MS);
  delays.disable();
  return { tookMs, turnMs: Math.max(0, delays.max / NANOSECONDS - RESOLUTION_MS) };
}
