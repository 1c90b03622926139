#!/usr/bin/env node
'use strict';

// The command of the installed package. A bare `npx holdfast` asks what there is; only `node index.js` of a checkout starts the demo worker.
const given = process.argv.slice(2);

require('../build/classes/cli/main').main(given.length === 0 ? ['--help'] : given);
