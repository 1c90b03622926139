import { fork } from 'node:child_process';
import { join } from 'node:path';
import { round, rowsOf } from './rows';
import type { Row } from './rows';
import type { Server } from './servers/server';
import type { Servers } from './servers/start';
import type { System } from './systems/system';
import type { Measurement, Reading, Work } from './works/work';

/** The extent of a measurement. */
export interface Extent {
  readonly quick: boolean;
  /** Number of tasks in a run, instead of that of the work. */
  readonly tasks?: number;
  /** Number of runs that count, instead of that of the work. */
  readonly runs?: number;
}

/** The results, and the works that could not be measured. */
export interface Results {
  readonly rows: Row[];
  readonly missing: string[];
}

const RUNS = { quick: 3, full: 5 } as const;
const TASKS = { quick: 10_000, full: 200_000 } as const;
const MAX_CONCURRENCY = 2_000;
/** Times after which `--quick` measures each work once, and then no more, so that it ends in time on a busy machine. */
const HURRY_MS = 45_000;
const LATE_MS = 70_000;
const LIMIT_MS = { quick: 20_000, full: 1_800_000 } as const;

/** Measures works on systems, one run after another. Each run has its own process, and a store of its own unless the work shares one. */
export class Runner {
  readonly results: Results = { rows: [], missing: [] };
  readonly #servers: Servers;
  readonly #extent: Extent;
  readonly #say: (line: string) => void;
  readonly #startedAt = performance.now();

  constructor(servers: Servers, extent: Extent, say: (line: string) => void) {
    this.#servers = servers;
    this.#extent = extent;
    this.#say = say;
  }

  /** Measures one work. The systems take turns, so that a slow phase of the machine affects all of them. */
  async measure(work: Work, systems: readonly System[]): Promise<void> {
    if (this.#isLate(LATE_MS)) return this.#miss(`${work.name}: no time is left`);
    const series = (await Promise.all(systems.map((system) => this.#begin(work, system)))).filter((each) => each !== undefined);
    const { runs, warmUps } = this.#countsOf(work);
    for (const each of series) if (work.prepare) await this.#run(each, { prepare: true }, 'filled');
    for (let run = 1 - warmUps; run <= runs && !(run > 1 && this.#isLate(HURRY_MS)); run += 1)
      for (const each of series) await this.#run(each, { prepare: false }, run > 0 ? `${run}/${runs}` : 'warm-up');
    for (const { system, maxConcurrency, readings } of series) this.results.rows.push(...rowsOf(system.name, maxConcurrency, readings));
    for (const each of series) if (each.sharedUrl !== undefined) await this.#drop(each, each.sharedUrl);
  }

  /** Returns the number of runs that count and of warm-ups. The machine gets one warm-up if there is time for it. */
  #countsOf(work: Work): { runs: number; warmUps: number } {
    const { quick, runs = quick ? RUNS.quick : (work.runs ?? RUNS.full) } = this.#extent;
    return { runs, warmUps: quick || runs === 1 ? 0 : 1 };
  }

  async #begin(work: Work, system: System): Promise<Series | undefined> {
    const server = await this.#servers.get(work.server ?? system.server);
    if (typeof server === 'string') {
      this.#miss(`${system.name} ${work.name}: ${server}`);
      return undefined;
    }
    const maxConcurrency = work.maxConcurrency ?? system.maxConcurrency ?? MAX_CONCURRENCY;
    return { work, system, maxConcurrency, server, ...(work.prepare ? { sharedUrl: await server.freshUrl() } : {}), readings: [] };
  }

  async #run(series: Series, { prepare }: { readonly prepare: boolean }, which: string): Promise<void> {
    const { work, system, maxConcurrency, readings } = series;
    if (series.hasFailed) return;
    const { runs, warmUps } = this.#countsOf(work);
    const { quick } = this.#extent;
    const tasks = Math.min(this.#extent.tasks ?? (quick ? TASKS.quick : (work.tasks ?? TASKS.full)), system.mostTasks ?? Infinity);
    let url = series.sharedUrl;
    const asked = { work: work.name, system: system.name, tasks, maxConcurrency, quick, runs: runs + warmUps, prepare };
    try {
      url ??= await series.server.freshUrl();
      const read = await measureOnce({ ...asked, url }, LIMIT_MS[quick && !prepare ? 'quick' : 'full']);
      if (!prepare && which !== 'warm-up') readings.push(read);
      this.#say(`${work.name} ${system.name} ${which}: ${read.map(({ name, unit, value }) => `${name} ${round(value)} ${unit}`).join(', ')}`);
    } catch (error) {
      series.hasFailed = true;
      process.exitCode = 1;
      this.#miss(`${system.name} ${work.name}: ${(error as Error).message}`);
    } finally {
      if (series.sharedUrl === undefined && url !== undefined) await this.#drop(series, url);
    }
  }

  async #drop({ work, system, server }: Series, url: string): Promise<void> {
    await server.drop(url).catch((error: unknown) => this.#say(`${system.name} ${work.name}: not removed: ${(error as Error).message}`));
  }

  #isLate(ms: number): boolean {
    return this.#extent.quick && performance.now() - this.#startedAt > ms;
  }

  #miss(what: string): void {
    this.#say(`left out: ${what}`);
    this.results.missing.push(what);
  }
}

/** The runs of one work on one system. */
interface Series {
  readonly work: Work;
  readonly system: System;
  readonly maxConcurrency: number;
  readonly server: Server;
  /** The URL of the store that all runs share, if the work has one. */
  readonly sharedUrl?: string;
  readonly readings: (readonly Reading[])[];
  hasFailed?: boolean;
}

function measureOnce(measurement: Measurement, limitMs: number): Promise<readonly Reading[]> {
  const child = fork(join(__dirname, 'processes/measure.js'), [JSON.stringify(measurement)], { stdio: ['ignore', 2, 2, 'ipc'] });
  let readings: readonly Reading[] | undefined;
  const timer = setTimeout(() => child.kill('SIGKILL'), limitMs);
  return new Promise((resolve, reject) => {
    child.once('message', (read) => (readings = read as readonly Reading[]));
    child.once('exit', (code, signal) => {
      clearTimeout(timer);
      if (readings && code === 0) resolve(readings);
      else reject(new Error(`the measuring process ended with ${String(code ?? signal)} and measured nothing`));
    });
  });
}
