#!/usr/bin/env node
'use strict';

process.setSourceMapsEnabled(true);

require('./build/classes/cli/runner')
  .run(process.argv.slice(2))
  .then((code) => {
    // A handler that nothing ends must not keep the process; what is written must be out before it ends.
    process.stdout.write('', () => process.exit(code));
  });
