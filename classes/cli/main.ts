import { run } from './runner';

/** Runs the command line and ends the process with its code, even if a handler never ends, but only after the output is written. */
export function main(argv: readonly string[]): void {
  process.setSourceMapsEnabled(true);
  void run(argv).then((code) => process.stdout.write('', () => process.exit(code)));
}
