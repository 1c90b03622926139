import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Command } from 'commander';
import { openStore } from '../../index';
import type { Store } from '../../index';
import { isSound, judge } from './checker';
import { Crew } from './crew';
import { Journal, readJournals } from './journal';
import { makeParts } from './scenario';
import type { Part } from './scenario';
import { Seeder } from './seeder';
import { openRecords } from './service/challengeRecords';
import type { ChallengeRecords } from './service/challengeRecords';
import { startSmtpSink } from './smtpSink';
import { takeSnapshot } from './snapshot';
import { conclusion, tableOf } from './verdictTable';
import { workLeft } from './workLeft';

interface Options {
  readonly url?: string;
  readonly challenges: string;
  readonly discussions: string;
  readonly seconds: string;
  readonly workers: string;
  readonly kill: boolean;
  readonly broken: boolean;
  readonly live: boolean;
}

/** What is wrong with the service and the mail server. */
const WEATHER = { latencyMs: 20, failures: 0.2, outageEveryMs: 8_000, outageForMs: 1_000 };
const DEFERRED = 0.1;

const TOKEN = 'demo';
const KILL_EVERY_MS = 1_000;

/** How long the work may go on after the last end, in seconds. */
const DRAIN_SECONDS = 120;

const LOOK_MS = 300;

/** The workers of the demonstration have short leases and retries, so that one sees them end. */
const HASTY = { CHALLENGES_HASTE: '200', CHALLENGES_EVERY_MS: '3000', CHALLENGES_OPEN_FOR_MS: '8000', HOLDFAST_LEASE_MS: '3000' };

async function demonstrate(options: Options): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), 'holdfast-challenges-'));
  const url = options.url ?? process.env['MONGODB_URI'] ?? `sqlite:${join(folder, 'challenges.db')}`;
  const sink = await startSmtpSink(new Journal(folder, 'smtp'), { deferred: DEFERRED });
  const env = { ...HASTY, HOLDFAST_URL: url, SMTP_URL: `smtp://127.0.0.1:${sink.port}`, CHALLENGES_BROKEN: String(options.broken) };
  const crew = new Crew({ url, port: 0, token: TOKEN, folder, weather: WEATHER }, env);
  const records = await openRecords(url);
  const store = await openStore(records.connection);
  await crew.startService();
  const parts = makeParts(Number(options.challenges), Date.now(), [6_000, Number(options.seconds) * 1_000]);
  write(`The service runs at ${crew.serviceUrl} on ${url.replace(/:.*/, '')}; a fifth of its answers fails, and it is away for a second in eight.\n`);
  const seeder = new Seeder(() => crew.serviceUrl, TOKEN);
  await seeder.make(parts, records);
  crew.startWorkers(Number(options.workers));
  const produced = Promise.all([crew.produce('resetChallenges'), crew.produce('closeSubmissions')]);
  const live = setInterval(() => void tell(options.live, crew, folder, records, store), options.live ? 500 : 3_000);
  const kills = options.kill ? setInterval(() => void Promise.all([crew.killWorker(), crew.killService()]), KILL_EVERY_MS) : undefined;
  await Promise.all([produced, turn(seeder, parts), discuss(seeder, parts, Number(options.discussions))]);
  await untilDone(parts, records, store);
  clearInterval(kills);
  clearInterval(live);
  await crew.stop();
  await sink.close();
  const verdict = judge(readJournals(folder), await takeSnapshot(records, store));
  write(`\n${tableOf(verdict, crew.kills)}\n${conclusion(verdict, folder)}\n`);
  await store.close();
  await records.close();
  return isSound(verdict) ? 0 : 1;
}

/** Moves ends and cancels challenges, one after the other. */
async function turn(seeder: Seeder, parts: readonly Part[]): Promise<void> {
  for (const part of parts.filter(({ fate, movedTo }) => fate === 'cancelled' || movedTo)) await seeder.turn(part);
}

/** Starts discussions on challenges that accept submissions for the longest, one after the other. */
async function discuss(seeder: Seeder, parts: readonly Part[], count: number): Promise<void> {
  const open = parts.filter(({ fate }) => fate === 'on time').sort((one, other) => (one.challenge.subEndAt < other.challenge.subEndAt ? 1 : -1));
  for (let at = 0; at < count; at += 1) {
    const part = open[at % open.length];
    if (part) await seeder.discuss(part);
  }
}

/** Waits until each end has passed, every challenge is closed and no task is left, or until it has taken too long. */
async function untilDone(parts: readonly Part[], records: ChallengeRecords, store: Store): Promise<void> {
  const lastEnd = Math.max(...parts.map(({ challenge, movedTo }) => (movedTo ? Date.parse(movedTo) : Date.parse(challenge.subEndAt))));
  await sleep(Math.max(0, Math.min(lastEnd - Date.now(), 60_000)));
  for (const end = Date.now() + DRAIN_SECONDS * 1_000; Date.now() < end; await sleep(LOOK_MS)) {
    const open = await records.list([{ field: 'status', is: '=', value: 'SUBMISSION' }], 1, 0);
    if (open.length === 0 && (await workLeft(store)) === 0) return;
  }
}

async function tell(isLive: boolean, crew: Crew, folder: string, records: ChallengeRecords, store: Store): Promise<void> {
  const open = await records.list([{ field: 'status', is: '=', value: 'SUBMISSION' }], 10_000, 0);
  const entries = readJournals(folder);
  const count = (did: string): number => entries.filter((entry) => entry.did === did).length;
  const line =
    `${open.length} challenges open, ${count('received')} PUTs, ${count('posted')} answers to messages, ${count('accepted')} mails, ` +
    `${await workLeft(store)} tasks left; killed: ${crew.kills.worker} workers, ${crew.kills.service} services`;
  write(isLive ? `\r\u001b[K${line}` : `${line}\n`);
}

const write = (text: string): void => void process.stdout.write(text);

const program = new Command('challenges')
  .description(
    'Runs a challenge service that fails now and then, a mail server, and workers, and checks by their journals what became of all challenges.',
  )
  .option('--url <url>', 'the database; by default MONGODB_URI, else a fresh SQLite file')
  .option('--challenges <n>', 'number of challenges', '200')
  .option('--discussions <n>', 'number of discussions', '40')
  .option('--seconds <n>', 'when the last challenge ends', '25')
  .option('--workers <n>', 'number of worker processes', '3')
  .option('--kill', 'kill a worker and the service every second meanwhile', false)
  .option('--broken', 'run workers that pass over errors, to see that the checker finds it', false)
  .option('--live', 'write over the last line instead of a new one; by default in a terminal', process.stdout.isTTY);

void demonstrate(program.parse().opts<Options>()).then((code) => process.exit(code));
