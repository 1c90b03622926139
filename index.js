#!/usr/bin/env node
'use strict';

process.setSourceMapsEnabled(true);

require('./build/classes/cli/runner')
  .run(process.argv.slice(2))
  .then((code) => {
    // The process exits even if a handler never ends, but only after its output is written.
    process.stdout.write('', () => process.exit(code));
  });
