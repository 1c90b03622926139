import type { Browser } from 'playwright-core';
import type { Opening } from '../support/stores';
import { Desk } from './desk';
import type { DeskOptions } from './desk';

/** Runs a test at a desk, and closes it. What the browser complained of fails the test. */
export async function withDesk(opening: Opening, browser: Browser, test: (desk: Desk) => Promise<void>, options?: DeskOptions): Promise<void> {
  const desk = await Desk.open(opening, browser, options);
  try {
    await test(desk);
  } finally {
    await desk.close();
  }
}
