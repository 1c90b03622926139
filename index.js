#!/usr/bin/env node
'use strict';

process.setSourceMapsEnabled(true);

require('./build/classes/runner')
  .run(process.argv.slice(2))
  .then((code) => {
    // A handler that nothing ends must not keep the process either.
    process.exit(code);
  });
