import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Command } from 'commander';
import { Crew } from '../crew';
import { openRecords } from '../service/challengeRecords';
import type { Weather } from '../service/weather';
import { loadOf } from './load';
import type { Load } from './load';
import { drawLoads } from './loadChart';
import type { Series } from './loadChart';
import { raceOf } from './race';
import type { Race } from './race';

interface Options {
  readonly url?: string;
  readonly seconds: string;
  readonly challenges: string;
  readonly json?: string;
  readonly chart?: string;
}

const AT_ONCE = [1, 2, 5, 8, 10, 20, 50];
const PRODUCERS = 8;
const TOKEN = 'measured';

/** The services that are measured. The second one can answer at most 8 / 25 ms = 320 calls a second, whatever its database can do. */
const SERVICES: Readonly<Record<string, Partial<Weather>>> = {
  'limited by its database alone': {},
  'a pool of 8, held for 25 ms, with 100 ms of patience': { pool: 8, holdMs: 25, patienceMs: 100 },
};

async function measure({ url, seconds, challenges, json, chart }: Options): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'holdfast-measure-'));
  const store = url ?? process.env['MONGODB_URI'] ?? `sqlite:${join(folder, 'challenges.db')}`;
  const series: Series[] = [];
  for (const [title, weather] of Object.entries(SERVICES)) series.push({ title, loads: await loadsOf(store, folder, weather, Number(seconds)) });
  const races: Race[] = [];
  for (const way of ['look, then add', 'unique key'] as const) races.push(await raceOf(store, way, PRODUCERS, Number(challenges)));
  process.stdout.write(`${series.map(loadTable).join('\n')}\n${raceTable(races)}`);
  if (json !== undefined) writeFileSync(json, `${JSON.stringify({ store: store.replace(/:.*/, ''), series, races }, null, 2)}\n`);
  if (chart !== undefined) writeFileSync(chart, drawLoads(series));
}

/** Measures a service in a process of its own. */
async function loadsOf(url: string, folder: string, weather: Partial<Weather>, seconds: number): Promise<Load[]> {
  await makeChallenges(url, Math.max(...AT_ONCE));
  const crew = new Crew({ url, port: 0, token: TOKEN, folder, weather }, {});
  await crew.startService();
  const loads: Load[] = [];
  await loadOf(crew.serviceUrl, TOKEN, 5, 1);
  for (const atOnce of AT_ONCE) loads.push(await loadOf(crew.serviceUrl, TOKEN, atOnce, seconds));
  await crew.stop();
  return loads;
}

async function makeChallenges(url: string, count: number): Promise<void> {
  const records = await openRecords(url);
  const subEndAt = new Date().toISOString();
  await records.transaction(async (session) => {
    for (let id = 1; id <= count; id += 1) {
      const challenge = { id, title: `Challenge ${id}`, projectSource: 'web', status: 'SUBMISSION', subEndAt, workflowId: null } as const;
      if (!(await records.find(id))) await records.add(challenge, [], session);
    }
  });
  await records.close();
}

const loadTable = ({ title, loads }: Series): string =>
  `| ${title}: calls at once | answers a second | p50, ms | p99, ms | errors |\n| --- | --- | --- | --- | --- |\n` +
  loads
    .map(
      (load) =>
        `| ${load.atOnce} | ${load.perSecond.toFixed(0)} | ${load.p50.toFixed(1)} | ${load.p99.toFixed(1)} | ${(load.errors * 100).toFixed(1)} % |\n`,
    )
    .join('');

const raceTable = (races: readonly Race[]): string =>
  `| ${PRODUCERS} producers | challenges | tasks | duplicates | seconds |\n| --- | --- | --- | --- | --- |\n` +
  races
    .map(({ way, challenges, tasks, duplicates, seconds }) => `| ${way} | ${challenges} | ${tasks} | ${duplicates} | ${seconds.toFixed(1)} |\n`)
    .join('');

const program = new Command('challenges:measure')
  .description('Measures the challenge service at rising numbers of calls at once, and the ways to add a task only once.')
  .option('--url <url>', 'the database; by default MONGODB_URI, else a fresh SQLite file')
  .option('--seconds <n>', 'how long each number of calls is held', '5')
  .option('--challenges <n>', 'number of challenges that the producers find', '100')
  .option('--json <file>', 'write the figures to this file as well')
  .option('--chart <file>', 'draw the figures of the service into this SVG file');

void measure(program.parse().opts<Options>());
