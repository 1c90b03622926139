import { MINUTE, SECOND } from '../../constants/limits';
import type { QueueTally } from '../ports/queueTally';
import { isNamed } from '../ports/queuePatterns';
import type { ProcessView } from '../roster/processRow';
import { addCell, emptyCell } from '../statistics/counts';
import type { Cell } from '../statistics/counts';
import { quantileOf } from '../statistics/histogram';
import type { Histogram } from '../statistics/histogram';
import { TALLY_OF } from './adminTypes';
import type { Percentiles, QueueCountsNow, QueueRow } from './adminTypes';

/** Minutes of a sparkline. */
const SPARK_MINUTES = 30;

const COUNTS = Object.keys(TALLY_OF) as (keyof QueueCountsNow)[];

/** What is known of a queue. */
export interface KnownQueue {
  readonly name: string;
  readonly isPaused: boolean;
  readonly isBroker: boolean;
  readonly isFifo: boolean;
  readonly tally: QueueTally;
  /** How long ago it was counted. */
  readonly ageMs: number;
  /** The counts of each of the last minutes, the present one last. */
  readonly minutes: readonly (Cell | undefined)[];
  /** The beginning of the present minute. */
  readonly minuteMs: number;
  readonly processes: readonly ProcessView[];
  readonly nowMs: number;
}

/** What the counts of the last minutes come to. */
type MinuteFigures = Pick<QueueRow, 'wait' | 'run' | 'spark'>;

/** The figures of minutes that are shown again and again: adding up sixty histograms of each queue was a tenth of what an open page costs. */
const figures = new WeakMap<KnownQueue['minutes'], MinuteFigures>();

function figuresOf(minutes: KnownQueue['minutes']): MinuteFigures {
  const known = figures.get(minutes);
  if (known) return known;
  const total = emptyCell();
  for (const cell of minutes) if (cell) addCell(total, cell);
  const made = { wait: percentilesOf(total.wait), run: percentilesOf(total.run), spark: minutes.slice(-SPARK_MINUTES).map(endedIn) };
  figures.set(minutes, made);
  return made;
}

/** Returns the row of a queue in the overview. */
export function queueRow({ name, isPaused, isBroker, isFifo, tally, ageMs, minutes, minuteMs, processes, nowMs }: KnownQueue): QueueRow {
  const serving = processes.filter((process) => serves(process, name));
  return {
    ...{ name, isPaused, isBroker, isFifo },
    counts: Object.fromEntries(COUNTS.map((key) => [key, tally.counts[TALLY_OF[key]]])) as unknown as QueueCountsNow,
    atLeast: COUNTS.filter((key) => tally.atLeast.includes(TALLY_OF[key])),
    countedAt: new Date(nowMs - Math.round(ageMs)),
    oldestSeconds: tally.dueSince && Math.max(0, Math.floor((nowMs - tally.dueSince.getTime()) / SECOND)),
    ratePerMinute: rateOf(minutes, minuteMs, nowMs),
    ...figuresOf(minutes),
    processes: serving.filter(({ isDraining }) => !isDraining).length,
    draining: serving.filter(({ isDraining }) => isDraining).length,
  };
}

/** Attempts that ended in a minute. */
const endedIn = (cell: Cell | undefined): number => (cell ? cell.succeeded + cell.failed : 0);

/** The attempts of the present minute and the one before, as many as they would be in a minute. */
function rateOf(minutes: readonly (Cell | undefined)[], minuteMs: number, nowMs: number): number {
  const ended = endedIn(minutes.at(-1)) + endedIn(minutes.at(-2));
  const overMs = MINUTE + Math.max(0, nowMs - minuteMs);
  return Math.round((ended * MINUTE * 10) / overMs) / 10;
}

function percentilesOf(histogram: Histogram): Percentiles | null {
  const [p50, p95] = [quantileOf(histogram, 0.5), quantileOf(histogram, 0.95)];
  return p50 === null || p95 === null ? null : { p50, p95 };
}

/** Tells whether a process has a worker of a queue. */
const serves = ({ workers }: ProcessView, queue: string): boolean => workers.some(({ queues }) => isNamed(queues, queue));
