import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import type { Browser } from 'playwright-core';
import { Queue } from '../../classes/queue/queue';
import { Scheduler } from '../../classes/schedule/scheduler';
import { startServer } from '../../classes/server/server';
import { openStore } from '../../classes/store/openStore';
import type { Store } from '../../classes/store/store';
import { Worker } from '../../classes/worker/worker';
import { launchBrowser } from '../../test/dashboard/browser';
import { addSome, HANDLERS, livePastHour, QUEUES } from './pastHour';

const FOLDER = 'docs/images';
const WIDTH = 1_200;
const HEIGHTS: Readonly<Record<string, number>> = { search: 600, failures: 420 };
const HEIGHT = 700;

/** Takes the pictures of the documents from the built page: `npm run screenshots`. */
async function takeScreenshots(): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'holdfast-pictures-'));
  const url = `sqlite:${join(folder, 'tasks.db')}`;
  await livePastHour(url);
  const store = await openStore(url);
  const worker = await workOn(store);
  const server = await startServer({ store, port: 0, allowWrites: true });
  const browser = await launchBrowser();
  try {
    await mkdir(FOLDER, { recursive: true });
    const places = await placesOf(store);
    for (const colorScheme of ['light', 'dark'] as const) {
      for (const [name, hash] of Object.entries(places)) {
        const path = `${FOLDER}/dashboard-${name}-${colorScheme}.png`;
        await take(browser, { url: `${server.url}/${hash}`, colorScheme, height: HEIGHTS[name] ?? HEIGHT, path });
      }
    }
  } finally {
    await browser.close();
    await server.close();
    await worker.stop();
    await store.close();
    await rm(folder, { recursive: true });
  }
}

/** Lets some tasks run and others wait, so that there is something to see. */
async function workOn(store: Store): Promise<Worker> {
  const slow = async (): Promise<void> => wait(600_000, undefined, { ref: false });
  const worker = new Worker(store, { queues: [...QUEUES, 'exports'], maxConcurrency: 20, handlers: { ...HANDLERS, export: slow } });
  await worker.start();
  const exports = new Queue<Record<string, object>>(store, 'exports');
  await exports.addMany(['orders', 'customers', 'invoices'].map((table) => ({ name: 'export', payload: { table } })));
  await new Queue<Record<string, object>>(store, 'reports').addMany([1, 2, 3, 4].map((month) => ({ name: 'monthly', payload: { month } })));
  await addSome(store, 'mail', 'digest', 12);
  const mail = new Queue<Record<string, object>>(store, 'mail');
  for (let index = 0; index < 8; index += 1) await mail.add('reminder', { index }, { delayMs: 3_600_000 + index * 60_000 });
  await new Scheduler(store).upsert('nightly-report', { queue: 'reports', name: 'monthly', cron: '0 3 * * *' });
  // The processes beat every five seconds, and statistics are written every ten.
  await wait(11_000);
  return worker;
}

async function placesOf(store: Store): Promise<Record<string, string>> {
  const { tasks } = await new Queue<Record<string, object>>(store, 'mail').list({ states: ['dead'], name: 'welcome', limit: 1 });
  return { overview: '#/', search: '#/tasks?q=state:dead', task: `#/tasks/mail/${tasks[0]?.id ?? ''}`, failures: '#/failures' };
}

interface Picture {
  readonly url: string;
  readonly colorScheme: 'light' | 'dark';
  readonly height: number;
  readonly path: string;
}

async function take(browser: Browser, { url, colorScheme, height, path }: Picture): Promise<void> {
  const context = await browser.newContext({ viewport: { width: WIDTH, height }, colorScheme, timezoneId: 'UTC' });
  const page = await context.newPage();
  await page.goto(url);
  await page.locator('main .card').first().waitFor();
  await page.waitForTimeout(800);
  await page.screenshot({ path });
  await context.close();
}

void takeScreenshots();
