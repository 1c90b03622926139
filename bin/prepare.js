'use strict';

// npm runs this after an install in a checkout, and before it packs a dependency from git. Without the tools of development nothing can be built.
const { spawnSync } = require('node:child_process');
const { join } = require('node:path');

function find(name) {
  try {
    return require.resolve(name);
  } catch {
    return undefined;
  }
}

const compiler = find('typescript/lib/tsc.js');
const run = (...given) => spawnSync(process.execPath, given, { stdio: 'inherit' }).status ?? 1;

// One after the other, because a failure of the first is told best alone.
if (compiler) process.exitCode = run(compiler, '-p', join(__dirname, '..')) || run(join(__dirname, 'buildDashboard.js'));
else process.stderr.write('holdfast: without its devDependencies nothing is built\n');
