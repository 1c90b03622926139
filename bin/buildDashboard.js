'use strict';

// Bundles the page of dashboard/ into dashboard/dist: index.html, and files whose names change with what they hold. The build and npm's prepare run it.
const { mkdir, readdir, readFile, rm, writeFile } = require('node:fs/promises');
const { basename, join } = require('node:path');

const FROM = join(__dirname, '..', 'dashboard');
const TO = join(FROM, 'dist');

/** Files of the build before are removed last, so that a server that runs meanwhile has those that its page names. */
async function buildDashboard() {
  const { build } = require('esbuild');
  const { outputFiles } = await build({
    absWorkingDir: FROM,
    entryPoints: { page: 'src/main.tsx' },
    outdir: join(TO, 'assets'),
    entryNames: '[name]-[hash]',
    ...{ bundle: true, minify: true, write: false, format: 'esm', target: 'es2022', charset: 'utf8', legalComments: 'none', logLevel: 'warning' },
    ...{ jsx: 'automatic', jsxImportSource: 'preact' },
  });
  await mkdir(join(TO, 'assets'), { recursive: true });
  for (const { path, contents } of outputFiles) await writeFile(path, contents);
  const names = outputFiles.map(({ path }) => basename(path));
  const named = (ending) => `assets/${names.find((name) => name.endsWith(ending))}`;
  const html = await readFile(join(FROM, 'index.html'), 'utf8');
  await writeFile(join(TO, 'index.html'), html.replace('{{script}}', named('.js')).replace('{{style}}', named('.css')));
  for (const old of await readdir(join(TO, 'assets'))) if (!names.includes(old)) await rm(join(TO, 'assets', old));
}

buildDashboard().catch((error) => {
  process.stderr.write(`holdfast: the dashboard is not built: ${error.message}\n`);
  process.exitCode = 1;
});
