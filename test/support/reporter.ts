import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import Mocha from 'mocha';

// gulpfile.ts prints this file after the coverage table, because many CIs cut off logs before the end of the table.
const FAILED_TESTS = 'coverage/failed-tests.txt';

/** Mocha's own report, with a last line for programs: `12 passed, 0 failed, 3 skipped`. */
class SummaryReporter extends Mocha.reporters.Spec {
  constructor(runner: Mocha.Runner, options?: Mocha.MochaOptions) {
    super(runner, options);
    runner.once(Mocha.Runner.constants.EVENT_RUN_END, () => {
      keepFailures(this.failures);
      Mocha.reporters.Base.consoleLog(`${summary(this.stats)}`);
    });
  }
}

function keepFailures(failed: Mocha.Test[]): void {
  mkdirSync(dirname(FAILED_TESTS), { recursive: true });
  writeFileSync(FAILED_TESTS, failed.map(toldAgain).join('\n'));
}

function toldAgain(test: Mocha.Test): string {
  return `failed: ${test.titlePath().join(' > ')}\n${test.err?.stack ?? test.err?.message ?? ''}\n`;
}

function summary({ passes, failures, pending }: Mocha.Stats): string {
  return `${passes} passed, ${failures} failed${pending > 0 ? `, ${pending} skipped` : ''}`;
}

// Mocha requires the reporter to be the export of its file.
export = SummaryReporter;
