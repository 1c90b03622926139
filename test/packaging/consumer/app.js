'use strict';

// The entry of the bundles: runs a task on each URL of STORE_URLS, and ends with 0 if all have the right result.
const holdfast = require('holdfast');
const { runTask } = require('./runTask');

(async () => {
  for (const url of process.env.STORE_URLS.split(' ')) {
    const result = await runTask(holdfast, url);
    if (result !== 42) throw new Error(`the result on ${url} is ${result}`);
  }
})();
