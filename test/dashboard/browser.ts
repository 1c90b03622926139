import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import type { Browser } from 'playwright-core';

const NAMES = ['chromium', 'chromium-browser', 'google-chrome-stable', 'google-chrome'];

/** Returns the path of a Chromium: that of CHROMIUM_PATH, or the first one on the PATH. */
export function browserPath(): string | undefined {
  const given = process.env['CHROMIUM_PATH'];
  if (given) return given;
  const folders = (process.env['PATH'] ?? '').split(delimiter);
  return NAMES.flatMap((name) => folders.map((folder) => join(folder, name))).find((path) => existsSync(path));
}

/** Starts a browser. A container has no sandbox of its own, and little shared memory. */
export async function launchBrowser(): Promise<Browser> {
  const executablePath = browserPath();
  if (executablePath === undefined) throw new Error('there is no Chromium on the PATH, and CHROMIUM_PATH names none');
  const { chromium } = await import('playwright-core');
  return chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-dev-shm-usage', '--disable-gpu'] });
}

/** Starts a browser for tests, or returns why there is none. With HOLDFAST_REQUIRE_BROWSER=1 that is an error. */
export async function browserOrReason(): Promise<Browser | string> {
  try {
    return await launchBrowser();
  } catch (error) {
    const [why = ''] = (error as Error).message.split('\n');
    if (process.env['HOLDFAST_REQUIRE_BROWSER'] === '1') throw new Error(`HOLDFAST_REQUIRE_BROWSER is set, but no browser starts: ${why}`);
    return why;
  }
}
