import { readFileSync, writeFileSync } from 'node:fs';
import { Session } from 'node:inspector';
import type { Profiler } from 'node:inspector';
import { join, relative, sep } from 'node:path';
import { openStore, Queue, Worker } from '../index';
import { filledPage } from './filledPage';

/**
 * Measures the way of one task over a real run: the files of the project that are called from the start of one handler to the start of the next,
 * which is one claim, one run and one settle. `--write` fills in the tables of docs/architecture.md.
 *
 *     node build/docs/taskWay.js [--write] sqlite::memory: [mongodb://…]
 */

const BUILD = join(__dirname, '..');

/** Number of tasks in a run. The shortest way counts, because timers and heartbeats add calls to others. */
const TASKS = 60;

/** The number of calls into each file, by its path from the root. */
export type Calls = ReadonlyMap<string, number>;

/** Counts calls by the profiler of V8, which is exact and covers this process alone. */
class CallCounter {
  readonly #session = new Session();

  constructor() {
    this.#session.connect();
    this.#session.post('Profiler.enable');
    this.#session.post('Profiler.startPreciseCoverage', { callCount: true, detailed: false });
  }

  /** Returns the calls since the last take. */
  take(): Calls {
    let result: readonly Profiler.ScriptCoverage[] = [];
    this.#session.post('Profiler.takePreciseCoverage', (_, answer) => (result = answer.result));
    return new Map(result.flatMap((script) => callsOf(script)));
  }

  end(): void {
    this.#session.disconnect();
  }
}

function callsOf({ url, functions }: Profiler.ScriptCoverage): [string, number][] {
  const path = relative(BUILD, url.replace('file://', '')).split(sep).join('/');
  const count = functions.reduce((sum, { ranges }) => sum + (ranges[0]?.count ?? 0), 0);
  return /^(classes|modules)\//.test(path) && count > 0 ? [[path.replace(/\.js$/, '.ts'), count]] : [];
}

/** Measures the way of one task on a store. The worker runs one task after another. */
export async function taskWay(url: string): Promise<Calls> {
  const store = await openStore(url);
  const queue = new Queue(store, 'way-of-a-task');
  await queue.addMany(Array.from({ length: TASKS }, (_, n) => ({ name: 'one', payload: { n }, options: { retention: { succeededMs: 0 } } })));
  const counter = new CallCounter();
  const ways: Calls[] = [];
  const one = async (): Promise<void> => {
    ways.push(counter.take());
    await new Promise((resolve) => setImmediate(resolve));
  };
  const worker = new Worker(store, { queues: [queue.name], maxConcurrency: 1, handlers: { one } });
  await worker.start();
  while (ways.length < TASKS) await new Promise((resolve) => setTimeout(resolve, 10));
  await worker.stop();
  counter.end();
  await store.close();
  return ways.sort((a, b) => total(a) - total(b))[0] as Calls;
}

const total = (calls: Calls): number => [...calls.values()].reduce((sum, count) => sum + count, 0);

/** Returns the table of a way, most calls first. */
export function wayTable(calls: Calls): string {
  const sorted = [...calls].sort(([, a], [, b]) => b - a);
  return [
    `${calls.size} files, ${total(calls)} calls:`,
    '',
    '| calls | file |',
    '| --- | --- |',
    ...sorted.map(([path, count]) => `| ${count} | \`${path}\` |`),
  ].join('\n');
}

async function main(given: readonly string[]): Promise<void> {
  const urls = given.filter((word) => word !== '--write');
  const tables: Record<string, string> = {};
  for (const url of urls) tables[url.startsWith('sqlite') ? 'way on SQLite' : 'way on MongoDB'] = wayTable(await taskWay(url));
  if (!given.includes('--write')) return void process.stdout.write(`${JSON.stringify(tables, null, 2).replaceAll('\\n', '\n')}\n`);
  const page = join(BUILD, '..', 'docs', 'architecture.md');
  writeFileSync(page, filledPage(readFileSync(page, 'utf8'), tables));
}

if (require.main === module) void main(process.argv.slice(2));
