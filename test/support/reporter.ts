import Mocha from 'mocha';

/** Mocha's own report, with a last line that a program can read: `12 passed, 0 failed, 3 skipped`. */
class SummaryReporter extends Mocha.reporters.Spec {
  constructor(runner: Mocha.Runner, options?: Mocha.MochaOptions) {
    super(runner, options);
    runner.once(Mocha.Runner.constants.EVENT_RUN_END, () => Mocha.reporters.Base.consoleLog(`${summary(this.stats)}`));
  }
}

function summary({ passes, failures, pending }: Mocha.Stats): string {
  return `${passes} passed, ${failures} failed${pending > 0 ? `, ${pending} skipped` : ''}`;
}

// Mocha takes what a reporter's file exports.
export = SummaryReporter;
