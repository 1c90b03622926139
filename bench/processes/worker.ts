import { systemOf } from '../systems/all';
import type { AddsOrder, WorkerOrder, WorkerReport } from '../works/fleet';
import type { Client } from '../systems/system';
import { jobOf } from '../works/backlog';
import { Tally } from '../works/tally';
import { instant } from '../works/work';

const REPORT_MS = 10;

/** A worker process of a fleet: opens the store, waits for the others, and works until it is told to end. */
async function main(): Promise<void> {
  process.once('disconnect', () => process.exit(1));
  const { system, url, maxConcurrency, keep, adds } = JSON.parse(process.argv[2] ?? '') as WorkerOrder;
  const client = await systemOf(system).open(url);
  const tally = new Tally();
  let delays: number[] | undefined;
  let cpu = process.cpuUsage();
  process.on('message', (heard) => {
    if (heard !== 'meter') return;
    delays = [];
    cpu = process.cpuUsage();
  });
  const handler = ({ index, at }: { index: number; at: number }): unknown => {
    delays?.push(instant() - at);
    tally.note(index);
    return keep ? { index } : undefined;
  };
  const begun = hears('begin');
  const ending = hears('end');
  tell({ kind: 'ready' });
  await begun;
  if (adds) void addInTurn(client, adds);
  const working = await client.work({ maxConcurrency, keep, handler, onSettled: reporter() });
  await ending;
  const { user, system: kernel } = process.cpuUsage(cpu);
  await working.stop();
  await client.close();
  process.send?.({ kind: 'ended', runs: tally.runs, delays: delays ?? [], cpuMs: (user + kernel) / 1_000 } satisfies WorkerReport, () =>
    process.exit(0),
  );
}

const tell = (report: WorkerReport): void => void process.send?.(report);

const hears = (message: string): Promise<void> =>
  new Promise((resolve) => process.on('message', (heard) => (heard === message ? resolve() : undefined)));

/** Adds one task after the other until the process is told to be quiet. */
async function addInTurn(client: Client, { first, step }: AddsOrder): Promise<void> {
  let isQuiet = false;
  let added = 0;
  let waits: number[] = [];
  process.on('message', (heard) => {
    if (heard === 'quiet') isQuiet = true;
    if (heard === 'meter') waits = [];
  });
  for (; !isQuiet; added += 1) {
    const askedAt = instant();
    await client.add(jobOf(first + added * step));
    waits.push(instant() - askedAt);
  }
  tell({ kind: 'quiet', added, waits });
}

/** Reports settled tasks every few milliseconds at most, with the instant of the last one. */
function reporter(): (count: number) => void {
  let count = 0;
  let at = 0;
  let timer: NodeJS.Timeout | undefined;
  const report = (): void => {
    tell({ kind: 'settled', count, at, rssBytes: process.memoryUsage.rss() });
    count = 0;
    timer = undefined;
  };
  return (more) => {
    count += more;
    at = instant();
    timer ??= setTimeout(report, REPORT_MS);
  };
}

void main();
