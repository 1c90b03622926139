import { spawn } from 'node:child_process';
import { readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { series } from 'gulp';
import type { TaskFunction } from 'gulp';

const LEAST_COVERED_LINES = 90;

/** Files of tests that run side by side. Most of them wait for children and servers most of the time, so that two cores carry three. */
const JOBS = 3;

/** The test folders that take longest begin first, so that none of them is left over when all others have ended. */
const LONGEST = ['packaging', 'failover', 'processes', 'cli', 'copy', 'contract', 'dashboard', 'schedule', 'specification'];

/** Runs a program of the project's own dependencies. */
function run(script: string, ...given: string[]): Promise<void> {
  return new Promise((resolve, reject) => {
    // Stack traces of forked processes show TypeScript lines as well.
    const env = { ...process.env, NODE_OPTIONS: `${process.env['NODE_OPTIONS'] ?? ''} --enable-source-maps`.trim() };
    const child = spawn(process.execPath, [script, ...given], { stdio: 'inherit', env });
    child.once('error', reject);
    child.once('exit', (code) => (code === 0 ? resolve() : reject(new Error(`${script} ended with ${String(code)}`))));
  });
}

const tsc = 'node_modules/typescript/bin/tsc';
const nyc = 'node_modules/nyc/bin/nyc.js';
const mocha = 'node_modules/mocha/bin/mocha.js';
// Written by the test reporter, and printed again at the end, where it is seen.
const failedTests = 'coverage/failed-tests.txt';

/** Removes the generated folders. Stop running workers first. */
export const clean: TaskFunction = async () => {
  await Promise.all(['build', 'dashboard/dist', 'coverage', '.nyc_output'].map((folder) => rm(folder, { recursive: true, force: true })));
};

const compile: TaskFunction = () => run(tsc, '-p', 'tsconfig.json');
compile.displayName = 'compile';

const checkPage: TaskFunction = () => run(tsc, '-p', 'dashboard');
checkPage.displayName = 'check-page';

const bundlePage: TaskFunction = () => run('bin/buildDashboard.js');
bundlePage.displayName = 'bundle-page';

/** Compiles to build/, over the existing files, so that running workers go on, and bundles the page into dashboard/dist. */
export const build = series(compile, checkPage, bundlePage);

/** Checks style and types. */
export const lint: TaskFunction = async () => {
  await run('node_modules/eslint/bin/eslint.js', '.', '--max-warnings', '0');
  await run('node_modules/prettier/bin/prettier.cjs', '--check', '.');
};

/** The compiled files of tests. A file in build/ whose source is gone is none of them. */
async function testFiles(): Promise<string[]> {
  const sources = (await readdir('test', { recursive: true })).filter((file) => file.endsWith('.test.ts')).sort();
  const isLong = (file: string): boolean => LONGEST.some((folder) => file.startsWith(folder));
  const ordered = [...sources.filter(isLong), ...sources.filter((file) => !isLong(file))];
  return ordered.map((file) => join('build', 'test', file.replace(/ts$/, 'js')));
}

const runTests: TaskFunction = async () => {
  await rm(failedTests, { force: true });
  try {
    await run(nyc, mocha, '--parallel', '--jobs', String(JOBS), ...(await testFiles()));
  } catch (error) {
    process.stderr.write(await readFile(failedTests, 'utf8').catch(() => ''));
    throw error;
  }
};
runTests.displayName = 'mocha';

const checkCoverage: TaskFunction = () => run(nyc, 'check-coverage', '--lines', String(LEAST_COVERED_LINES));
checkCoverage.displayName = 'check-coverage';

/** Runs the tests, and writes coverage/lcov-report/index.html. */
export const test = series(build, runTests);

/** Runs the tests, and fails if too few lines are covered. */
export const coverage = series(test, checkCoverage);

const writeReference: TaskFunction = () => run('build/docs/reference.js');
writeReference.displayName = 'reference';

const writeApi: TaskFunction = () => run('build/docs/apiPages.js');
writeApi.displayName = 'api';

const writeEventsPage: TaskFunction = () => run('build/docs/eventsPage.js');
writeEventsPage.displayName = 'events';

const writeBenchmarksPage: TaskFunction = () => run('build/docs/benchmarksPage.js');
writeBenchmarksPage.displayName = 'benchmarks';

/**
 * Writes config/optionTypes.ts and the doc comments of options and events from their tables. It runs without the compiler, which needs these types.
 */
export const types: TaskFunction = () => run('--require', 'sucrase/register', 'docs/optionTypes.ts');

const writeHowToPage: TaskFunction = () => run('build/docs/howToPage.js');
writeHowToPage.displayName = 'how-to';

const writeCliPage: TaskFunction = () => run('build/docs/cliPage.js');
writeCliPage.displayName = 'cli';

const writeBrokerPage: TaskFunction = () => run('build/docs/brokerPage.js');
writeBrokerPage.displayName = 'broker';

const writeClientTypes: TaskFunction = () => run('build/docs/clientTypes.js');
writeClientTypes.displayName = 'client types';

/**
 * Writes the types of options, docs/reference.md and the tables of docs/events.md and docs/benchmarks.md from the tables in the code, docs/api
 * from the doc comments, docs/openapi.json, the codes of docs/broker.md and the types of its client from the routes of the broker, the commands
 * of docs/cli.md from their help, and the patterns of docs/how-to-add-a-worker.md from their files. Tests compare them.
 */
export const docs = series(
  types,
  build,
  writeReference,
  writeEventsPage,
  writeBenchmarksPage,
  writeBrokerPage,
  writeClientTypes,
  writeHowToPage,
  writeCliPage,
  writeApi,
);

/** Runs every check that must pass before a change is kept. */
export const check = series(lint, coverage);

export default test;
