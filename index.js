#!/usr/bin/env node
'use strict';

process.setSourceMapsEnabled(true);

require('./build/classes/runner')
  .run(process.argv.slice(2))
  .then((code) => {
    process.exitCode = code;
  });
