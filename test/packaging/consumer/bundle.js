'use strict';

// Bundles app.js: node bundle.js esbuild-cjs|esbuild-esm|webpack
const { join } = require('node:path');

const [how] = process.argv.slice(2);
const entry = join(__dirname, 'app.js');

/** The banner that the documentation of esbuild names for ES modules that hold CommonJS code. */
const BANNER = "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);";

function byEsbuild(format) {
  const outfile = join(__dirname, `esbuild-${format}.${format === 'esm' ? 'mjs' : 'cjs'}`);
  const banner = format === 'esm' ? { js: BANNER } : {};
  require('esbuild').buildSync({
    entryPoints: [entry],
    bundle: true,
    platform: 'node',
    target: 'node20',
    format,
    outfile,
    banner,
    logLevel: 'error',
  });
}

function byWebpack() {
  const output = { path: __dirname, filename: 'webpack.cjs', library: { type: 'commonjs2' } };
  require('webpack')({ entry, target: 'node20', mode: 'none', optimization: { minimize: false }, output }, (fault, stats) => {
    if (!fault && !stats.hasErrors()) return;
    console.error(fault ?? stats.toString({ all: false, errors: true }));
    process.exitCode = 1;
  });
}

if (how === 'webpack') byWebpack();
else byEsbuild(how === 'esbuild-esm' ? 'esm' : 'cjs');
