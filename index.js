#!/usr/bin/env node
'use strict';

const { existsSync } = require('node:fs');
const { join } = require('node:path');

if (existsSync(join(__dirname, 'build', 'classes', 'cli'))) {
  require('./build/classes/cli/main').main(process.argv.slice(2));
} else {
  process.stderr.write('Holdfast is not built yet: run npm ci\n');
  process.exitCode = 69;
}
