import type { Browser } from 'playwright-core';
import { forEachStore } from '../support/stores';
import { browserOrReason } from './browser';
import { actingTests } from './acting';
import { lookTests } from './looks';
import { liveTests } from './live';
import { peopleTests } from './people';
import { searchTests } from './searching';
import { hostileTests } from './hostile';

describe('The dashboard in a browser', function () {
  this.timeout(60_000);
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

  forEachStore('', (opening) => {
    lookTests(opening, theBrowser);
    searchTests(opening, theBrowser);
    actingTests(opening, theBrowser);
    liveTests(opening, theBrowser);
    hostileTests(opening, theBrowser);
    peopleTests(opening, theBrowser);
  });
});
