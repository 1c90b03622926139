import type { Browser } from 'playwright-core';
import type { Opening } from '../support/stores';
import { actingTests } from './acting';
import { browserOrReason } from './browser';
import { hostileTests } from './hostile';
import { liveTests } from './live';
import { lookTests } from './looks';
import { outageTests } from './outages';
import { peopleTests } from './people';
import { searchTests } from './searching';

/** Time after which a test counts as hung. Each step of it has a limit of its own. */
const HUNG_MS = 180_000;

/** The tests of the built page on a store, with one browser for all. */
export function browserTests(forStore: (title: string, suite: (opening: Opening) => void) => void): void {
  describe('The dashboard in a browser', function () {
    this.timeout(HUNG_MS);
    let browser: Browser | undefined;
    const theBrowser = (): Browser => browser as Browser;

    before(async function () {
      const found = await browserOrReason();
      if (typeof found !== 'string') browser = found;
      else {
        process.stdout.write(`tests of the dashboard skipped: ${found}\n`);
        this.skip();
      }
    });
    after(() => browser?.close());

    forStore('', (opening) => {
      lookTests(opening, theBrowser);
      searchTests(opening, theBrowser);
      actingTests(opening, theBrowser);
      liveTests(opening, theBrowser);
      outageTests(opening, theBrowser);
      hostileTests(opening, theBrowser);
      peopleTests(opening, theBrowser);
    });
  });
}
