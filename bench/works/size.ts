import type { Store } from '../../index';
import { timed } from './longestTurn';
import type { Timed } from './longestTurn';
import { opened } from './openedStore';
import { SIZE_CALLS } from './sizeCalls';
import type { SizeCall } from './sizeCalls';
import { fillSize } from './sizeFilling';
import { openScene } from './sizeScene';
import type { Scene } from './sizeScene';
import { HOLDFASTS, median, quantile } from './work';
import type { Reading, Work } from './work';

const NAME = 'size';
const MILLION = 1_000_000;

/** Repetitions of a call, at most and at least, and the time after which it has enough. */
const REPETITIONS = 50;
const LEAST = 3;
const ENOUGH_MS = 3_000;

/** Every call, with what its repetitions took. */
type Taken = readonly (readonly [SizeCall, readonly Timed[]])[];

async function repeat({ before, run, most = REPETITIONS }: SizeCall, scene: Scene, quick: boolean): Promise<Timed[]> {
  const taken: Timed[] = [];
  const startedAt = performance.now();
  while (taken.length < (quick ? Math.min(most, LEAST) : most) && (taken.length < LEAST || performance.now() - startedAt < ENOUGH_MS)) {
    await before?.(scene);
    taken.push(await timed(() => run(scene, taken.length)));
  }
  return taken;
}

/** Measures all calls on a filled store. */
async function measureCalls(store: Store, quick: boolean): Promise<Taken> {
  const scene = await openScene(store);
  const taken: (readonly [SizeCall, readonly Timed[]])[] = [];
  for (const call of SIZE_CALLS) taken.push([call, await repeat(call, scene, quick)]);
  return taken;
}

const reading = (what: string, value: number): Reading => ({ name: `${NAME} ${what}`, unit: 'ms', value });

const tookMs = (timings: readonly Timed[]): number[] => timings.map((each) => each.tookMs);
const turnMs = (timings: readonly Timed[]): number[] => timings.map((each) => each.turnMs);

/** The median and the 99th percentile of each call, the longest turn in any of its repetitions, and the median of their longest turns. */
function readingsOf(taken: Taken): Reading[] {
  const short = taken.filter(([{ isLong }]) => !isLong).map(([, timings]) => timings);
  return [
    ...taken.flatMap(([{ name }, timings]) => [
      reading(name, median(tookMs(timings))),
      reading(`${name}: p99`, quantile(tookMs(timings), 0.99)),
      reading(`${name}: turn`, median(turnMs(timings))),
      reading(`${name}: longest turn`, Math.max(...turnMs(timings))),
    ]),
    reading('slowest call', Math.max(...short.map((timings) => median(tookMs(timings))))),
    reading('longest turn', Math.max(...taken.map(([, timings]) => median(turnMs(timings))))),
  ];
}

export const SIZE: readonly Work[] = [
  {
    name: NAME,
    meaning:
      'every call of Queue, DeclaredEvent and Scheduler, and searches of the store, one after the other, in a queue with 1,000,000 waiting and 1,000,000 finished tasks beside 10,000 schedules: its median and its 99th percentile, and the longest turn of the event loop in it, as the median and the longest of its repetitions',
    maxConcurrency: 1,
    tasks: MILLION,
    runs: 1,
    systems: HOLDFASTS,
    prepare: (stage) => opened(stage, (store) => fillSize(store, stage.tasks)),
    measure: (stage) => opened(stage, async (store) => readingsOf(await measureCalls(store, stage.quick))),
  },
];
